"""``inspect``: one sentence as raw text, cleaned text, tokens and labels."""

from argparse import SUPPRESS
from collections.abc import Mapping
from dataclasses import asdict
from itertools import product
from typing import Any

import pandas as pd
from jsonargparse import Namespace
from lightning.pytorch.cli import LightningArgumentParser
from rich.table import Table

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, print_facts
from arabic_mtl.cli.describe import SPLITS, text_facts
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.walkthrough import walk_through
from arabic_mtl.documents import Annotation, Example, Span
from arabic_mtl.errors import InputError, program
from arabic_mtl.inference import Annotator, load
from arabic_mtl.inference.inputs import TextPair
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.characters import replace_surrogates
from arabic_mtl.text.unknown_words import unknown_words
from arabic_mtl.training.compatible import require_outputs

_Label = dict[str, Any]
"""``label``, and where they exist ``start`` and ``end`` (offsets) and ``score``."""


class Inspection(Commands):
    """The objects of a configuration, and the options that select a sentence."""

    computes = False

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments, run=False, prog=f"{program()} inspect")

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Adds the options for the sentence and for a trained model."""
        super().add_arguments_to_parser(parser)
        parser.add_argument("--text", type=str | None, help="The text to show.")
        parser.add_argument(
            "--pair",
            type=str | None,
            help="The second text, which is read together with the first: of tasks on pairs.",
        )
        parser.add_argument(
            "--sentence",
            type=str | None,
            help="The id of a sentence in the corpora, to show with its gold labels.",
        )
        parser.add_argument(
            "--ckpt_path",
            type=str | None,
            help="A run folder, whose best checkpoint is used, or a checkpoint: prints the "
            "predictions of its model in place of gold labels.",
        )
        # An option of `fit`, so that a run's config.yaml may have it.
        parser.add_argument("--weights_only", type=bool | None, help=SUPPRESS)


def inspect(arguments: list[str]) -> None:
    """Prints a sentence as raw text, cleaned text, tokens with raw offsets, and labels.

    Args:
        arguments: The arguments after ``inspect``.

    Raises:
        InputError: If the options do not select exactly one sentence, or contradict the model.
    """
    inspection = Inspection(arguments)
    data, config = inspection.datamodule, inspection.config
    if (config.text is None) == (config.sentence is None):
        raise InputError(
            "either --text or --sentence must be used",
            found="no --text and no --sentence"
            if config.text is None
            else "both --text and --sentence",
            expected='--text "…", or --sentence ID for a labelled sentence of a corpus',
        )
    if config.pair is not None and config.text is None:
        raise InputError(
            "--pair must be used together with --text",
            found="--pair and no --text",
            expected='--text "…" --pair "…"',
        )
    data.store.load_text()
    examples = _examples(data, config)
    if config.ckpt_path is not None:
        annotator = load(config.ckpt_path)
        _require_same_model(data, annotator)
        for text, pair in dict.fromkeys(_input(annotator, e) for e in examples.values()):
            annotation = annotator(text if pair is None else (text, pair))
            _print(annotator.text, text, pair, _predicted_labels(annotation))
        return
    for text, pair in dict.fromkeys((e.text, e.pair) for e in examples.values()):
        gold = {
            name: _gold_labels(task, example)
            for corpus, example in examples.items()
            if (example.text, example.pair) == (text, pair)
            for name, task in data.tasks.items()
            if corpus in task.corpora
        }
        ordered = {name: gold[name] for name in data.tasks if name in gold}
        _print(data.text, text, pair, ordered)


def _require_same_model(data: MultiTaskData, annotator: Annotator) -> None:
    """Raises `InputError` for options that differ from the model and would have no effect."""
    decoders = annotator.decoders.items()
    require_outputs({name: list(decoder.outputs) for name, decoder in decoders}, data.tasks)
    if data.text.max_length != annotator.text.max_length:
        raise InputError(
            "data.text.max_length must be that of the checkpoint's model",
            found=f"data.text.max_length: {data.text.max_length}",
            expected=f"{annotator.text.max_length}, or no --ckpt_path",
        )


def _input(annotator: Annotator, example: Example) -> TextPair:
    """Returns a text and its pair, which only tasks on pairs of texts read."""
    return example.text, example.pair if annotator.reads_pairs else None


def _examples(data: MultiTaskData, config: Namespace) -> dict[str, Example]:
    """Returns corpus to the example to show: the text itself, or the sentence with that id."""
    if config.text is not None:
        text = replace_surrogates(config.text)
        pair = None if config.pair is None else replace_surrogates(config.pair)
        example = Example(id="", group="", text=text, pair=pair)
        return dict.fromkeys(data.store.corpora, example)
    sentence = config.sentence
    examples: dict[str, Example] = {}
    for corpus, split in product(data.store.corpora, SPLITS):
        for example in data.store.examples(corpus, split):
            if example.id == sentence:
                examples.setdefault(corpus, example)
    if not examples:
        raise InputError(
            "--sentence must be the id of a sentence in the corpora",
            found=sentence,
            expected=f"an id in {', '.join(data.store.corpora)}, as in a run's predictions",
        )
    return examples


def _gold_labels(task: Task, example: Example) -> list[_Label]:
    """Returns the gold labels of an example; empty if it is not labelled for the task."""
    if task.reads == "labels":
        return [{"label": label} for label in task.labels_of(example) or ()]
    return [asdict(span) for span in task.spans_of(example) or ()]


def _predicted_labels(annotation: Annotation) -> dict[str, list[_Label]]:
    """Returns task to the labels that a model predicted."""
    tasks: dict[str, list[_Label]] = {}
    for name, labels in annotation.labels.items():
        tasks[name] = [asdict(label) for label in labels]
    for name, value in annotation.values.items():
        tasks[name] = [{"label": f"{value:.4g}"}]
    for span in annotation.spans:
        for name, label in span.labels.items():
            offsets = {"start": span.start, "end": span.end}
            tasks.setdefault(name, []).append(asdict(label) | offsets)
    return tasks


def _print(
    text: TextPipeline, raw: str, pair: str | None, tasks: Mapping[str, list[_Label]]
) -> None:
    """Prints a text, its tokens, and the labels of each task."""
    spans = {
        name: [Span(x["start"], x["end"], x["label"]) for x in labels if x.get("end")]
        for name, labels in tasks.items()
        if any("start" in label for label in labels)
    }
    (encoding,) = text.encode([raw], [pair])
    windows = "" if len(encoding) <= text.longest else f", in windows of {text.max_length}"
    facts = {
        "raw": _isolated(raw),
        **({} if pair is None else {"pair": _isolated(pair)}),
        "cleaned": _isolated(text.clean(raw)),
        **text_facts(text),
        "tokens": f"{len(encoding)}{windows}",
        **_unknown_words(text, raw),
    }
    print_facts(facts)
    console(highlight=False, markup=False, emoji=False).print(
        _table(walk_through(text, raw, spans))
    )
    for name, labels in tasks.items():
        for label in labels:
            print_facts({name: _label_text(label, raw)})


def _unknown_words(text: TextPipeline, raw: str) -> dict[str, str]:
    """Returns the fact of words that training had at most once, if there are any."""
    words = unknown_words(text, raw)
    return (
        {"unknown": ", ".join(_isolated(raw[start:end]) for start, end in words)} if words else {}
    )


def _table(frame: pd.DataFrame) -> Table:
    """Returns the table of tokens for the console."""
    table = Table()
    for column in frame.columns:
        table.add_column(str(column), overflow="fold")  # an ellipsis would cut the closing isolate
    for row in frame.itertuples(index=False):
        table.add_row(*(_isolated(str(value)) for value in row))
    return table


def _label_text(label: _Label, raw: str) -> str:
    """Returns a label as a line for the console, with its score, offsets and text."""
    score = f"  {label['score']:.2f}" if "score" in label else ""
    if "start" not in label:
        return f"{label['label']}{score}"
    offsets = f"{label['start']}–{label['end']}"
    text = raw[label["start"] : label["end"]] or "the whole text"
    return f"{label['label']}{score}  {offsets}  {_isolated(text)}"


def _isolated(text: str) -> str:
    """Returns text in Unicode isolates, so that right-to-left text does not reorder the line."""
    return text if text.isascii() else f"\u2068{text}\u2069"
