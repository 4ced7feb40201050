"""One sentence from raw text to labels: a look at what a model sees."""

from argparse import SUPPRESS
from collections.abc import Mapping
from dataclasses import asdict
from itertools import product
from typing import Any

import pandas as pd
from lightning.pytorch.cli import LightningArgumentParser
from rich.table import Table

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, print_facts
from arabic_mtl.cli.describe import SPLITS, text_facts
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.walkthrough import walk_through
from arabic_mtl.documents import Annotation, Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.inference import Annotator, load
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.characters import readable
from arabic_mtl.training.compatible import require_outputs

Answer = dict[str, Any]
"""A label, with its place in the text and its probability where it has them."""


class Inspection(Commands):
    """The objects that a configuration describes, and the sentence to look at."""

    computes = False

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments, run=False, prog="train.py inspect")

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Adds what to look at."""
        super().add_arguments_to_parser(parser)
        parser.add_argument("--text", type=str | None, help="The text to look at.")
        parser.add_argument(
            "--sentence", type=str | None, help="Or the id of one in the corpora, with its labels."
        )
        parser.add_argument(
            "--ckpt_path", type=str | None, help="A checkpoint: shows what its model says."
        )
        # An option of `fit`, which a run's config.yaml therefore has.
        parser.add_argument("--weights_only", type=bool | None, help=SUPPRESS)


def inspect(arguments: list[str]) -> None:
    """Prints raw text → cleaned text → tokens with raw places → labels.

    Raises:
        InputError: If there is nothing to look at.
    """
    made = Inspection(arguments)
    data, config = made.datamodule, made.config
    if (config.text is None) == (config.sentence is None):
        raise InputError(
            "there is one sentence to look at",
            found="no --text and no --sentence"
            if config.text is None
            else "both --text and --sentence",
            expected='--text "…", or --sentence ID for one of a corpus with its labels',
        )
    data.store.load_text()
    examples = _examples(data, config.text, config.sentence)
    if config.ckpt_path is not None:
        annotator = load(config.ckpt_path)
        _require_as_trained(data, annotator)
        for text in dict.fromkeys(example.text for example in examples.values()):
            _print(annotator.text, text, None, _predicted(annotator(text)))
        return
    for text, pair in dict.fromkeys((e.text, e.pair) for e in examples.values()):
        gold = {
            name: _gold(task, example)
            for corpus, example in examples.items()
            if (example.text, example.pair) == (text, pair)
            for name, task in data.tasks.items()
            if corpus in task.corpora
        }
        ordered = {name: gold[name] for name in data.tasks if name in gold}
        _print(data.text, text, pair, ordered)


def _require_as_trained(data: MultiTaskData, annotator: Annotator) -> None:
    """Refuses options that would have no effect: a model says what it was trained to say."""
    decoders = annotator.decoders.items()
    require_outputs({name: list(decoder.outputs) for name, decoder in decoders}, data.tasks)
    if data.text.max_length != annotator.text.max_length:
        raise InputError(
            "a checkpoint's model reads texts as it was trained to",
            found=f"data.text.max_length: {data.text.max_length}",
            expected=f"{annotator.text.max_length}, or no --ckpt_path",
        )


def _examples(data: MultiTaskData, text: str | None, sentence: str | None) -> dict[str, Example]:
    """Corpus to the example to look at."""
    if text is not None:
        return {name: Example(id="", group="", text=readable(text)) for name in data.store.corpora}
    found: dict[str, Example] = {}
    for corpus, split in product(data.store.corpora, SPLITS):
        for example in data.store.examples(corpus, split):
            if example.id == sentence:
                found.setdefault(corpus, example)
    if not found:
        raise InputError(
            "--sentence is the id of one in the corpora",
            found=sentence,
            expected=f"an id in {', '.join(data.store.corpora)}, as predictions show them",
        )
    return found


def _gold(task: Task, example: Example) -> list[Answer]:
    """Returns the labels of an example in a list, empty where it is not labelled."""
    if task.reads == "labels":
        return [{"label": label} for label in task.labels_of(example) or ()]
    return [asdict(span) for span in task.spans_of(example) or ()]


def _predicted(found: Annotation) -> dict[str, list[Answer]]:
    """Task to what a trained model says."""
    answers: dict[str, list[Answer]] = {}
    for name, labels in found.labels.items():
        answers[name] = [asdict(label) for label in labels]
    for name, value in found.values.items():
        answers[name] = [{"label": f"{value:.4g}"}]
    for span in found.spans:
        for name, label in span.labels.items():
            place = {"start": span.start, "end": span.end}
            answers.setdefault(name, []).append(asdict(label) | place)
    return answers


def _print(
    text: TextPipeline, raw: str, pair: str | None, answers: Mapping[str, list[Answer]]
) -> None:
    spans = {
        name: [Span(a["start"], a["end"], a["label"]) for a in found if a.get("end")]
        for name, found in answers.items()
        if any("start" in answer for answer in found)
    }
    (encoding,) = text.encode([raw], [pair])
    windows = "" if len(encoding) <= text.longest else f", in windows of {text.max_length}"
    facts = {
        "raw": _isolated(raw),
        **({} if pair is None else {"pair": _isolated(pair)}),
        "cleaned": _isolated(text.cleaned(raw)),
        **text_facts(text),
        "tokens": f"{len(encoding)}{windows}",
    }
    print_facts(facts)
    console(highlight=False, markup=False, emoji=False).print(
        _table(walk_through(text, raw, spans))
    )
    for name, found in answers.items():
        for answer in found:
            print_facts({name: _told(answer, raw)})


def _table(frame: pd.DataFrame) -> Table:
    table = Table()
    for column in frame.columns:
        table.add_column(str(column), overflow="fold")  # cutting off would lose the isolates' ends
    for row in frame.itertuples(index=False):
        table.add_row(*(_isolated(str(value)) for value in row))
    return table


def _told(answer: Answer, raw: str) -> str:
    score = f"  {answer['score']:.2f}" if "score" in answer else ""
    if "start" not in answer:
        return f"{answer['label']}{score}"
    place = f"{answer['start']}–{answer['end']}"
    piece = raw[answer["start"] : answer["end"]] or "the whole text"
    return f"{answer['label']}{score}  {place}  {_isolated(piece)}"


def _isolated(text: str) -> str:
    """Keeps right-to-left text from reordering what stands beside it (Unicode FSI and PDI)."""
    return text if text.isascii() else f"\u2068{text}\u2069"
