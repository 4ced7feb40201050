"""``describe``: sizes, lengths and labels of the corpora, before training."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from rich.table import Table

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, plain_console, print_facts
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.oddities import oddities
from arabic_mtl.data.plan import Lengths, Step
from arabic_mtl.errors import program
from arabic_mtl.formats import Split
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.settings import Form

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_TOKENS: dict[Form, str] = {
    "pieces": "tokens",
    "words": "words; other words are encoded by their letters",
}
_PERCENTILES = (50, 90, 99, 100)


def describe(arguments: list[str]) -> None:
    """Prints sizes, lengths and labels of every corpus, task and split.

    Args:
        arguments: The arguments after ``describe``.
    """
    commands = Commands(arguments, run=False, prog=f"{program()} describe")
    data, precision = commands.datamodule, commands.precision
    console().print(layers_table(data))
    for line in oddities(data.store):
        plain_console().print(line)
    data.prepare_data()  # after the facts of the files, which explain why it may refuse them
    data.setup()
    for line in unlearned(data):
        plain_console().print(line)
    print_facts(text_facts(data.text) | {"precision": precision})
    console().print(texts_table(data))
    console().print(plan_table(data))
    print_facts(plan_facts(data))
    frames = {split: data.frames(split) for split in SPLITS if split in data.tables}
    console().print(targets_table(data, frames))
    for task in data.tasks:
        console().print(labels_table(data, task, {s: f[task] for s, f in frames.items()}))


def layers_table(data: MultiTaskData) -> Table:
    """Returns the table of the annotation layers of each file.

    Its columns are the numbers of texts with annotations, with none and without the layer, of
    annotations, distinct labels and overlapping spans.
    """
    table = Table(title="Layers")
    headers = ["annotated", "empty", "absent", "annotations", "labels", "overlapping"]
    for header in ["file", "layer", "kind", *headers]:
        table.add_column(header, justify="right" if header in headers else "left")
    store = data.store
    for census in (c for corpus in store.corpora for c in store.all_censuses(corpus)):
        facts = census.facts
        layers = [*facts.labels.items(), *facts.spans.items()]
        for number, (layer, own) in enumerate(layers):
            kind = "labels" if number < len(facts.labels) else "spans"
            texts = (own.labelled - own.empty, own.empty, facts.texts - own.labelled)
            counts = (sum(label.count for label in own.labels.values()), len(own.labels))
            overlapping = str(own.overlapping) if kind == "spans" else ""
            row = (census.path.name, layer, kind, *map(str, (*texts, *counts)), overlapping)
            table.add_row(*row)
    return table


def unlearned(data: MultiTaskData) -> Iterator[str]:
    """Yields a line for each reason why a task cannot learn some annotations of a split."""
    for split in data.tables:
        for corpus, task, reason, count in data.store.unlearned(split):
            yield f"{task} cannot learn {count:,} annotations of {corpus} ({split}): {reason}"


def text_facts(text: TextPipeline) -> dict[str, str]:
    """Returns the steps of a text pipeline, and the steps of its preset that it leaves out."""
    choice, steps = text.settings.cleaning_choice, ", ".join(text.cleaning.steps) or "none"
    proclitics = "separate words" if text.settings.splits_proclitics else "part of their words"
    return {
        "cleaning": steps if isinstance(choice, list) else f"{choice}: {steps}",
        **{
            f"not {step}": reason for step, reason in {**text.left_out, **text.switched_off}.items()
        },
        "stemming": text.settings.stemming,
        "proclitics": proclitics,
        "vocabulary": f"{text.tokenizer.get_vocab_size()} {_TOKENS[text.form]}",
    }


def texts_table(data: MultiTaskData) -> Table:
    """Returns the table of texts, reviews, token lengths and windows per corpus and split."""
    table = Table(title="Texts")
    headers = ["texts", "groups", *(f"tokens p{p}" for p in _PERCENTILES), "windowed"]
    for header in ["corpus", "split", *headers]:
        table.add_column(header, justify="left" if header in ("corpus", "split") else "right")
    for split in data.tables:
        for corpus, rows in data.tables[split].items():
            lengths = data.lengths(split)[corpus]
            groups = data.tables[split][corpus].unique("group")
            long = lengths > data.text.longest
            figures = [f"{value:.0f}" for value in np.percentile(lengths, _PERCENTILES)]
            sizes = (str(len(rows)), str(len(groups)))
            windowed = f"{long.sum()} ({long.mean():.1%})"
            table.add_row(corpus, split, *sizes, *figures, windowed)
    return table


def targets_table(data: MultiTaskData, frames: dict[Split, dict[str, pd.DataFrame]]) -> Table:
    """Returns the table of labels and targets per task and split.

    The last columns are the shares of NULL targets, and of targets that start or end inside a
    whitespace-delimited word.
    """
    table = Table(title="Labels and targets")
    for header in ["task", "split", "labels", "NULL", "start in a word", "end in a word"]:
        table.add_column(header, justify="left" if header in ("task", "split") else "right")
    for task in data.tasks:
        for split, tasks in frames.items():
            frame = tasks[task]
            spans = frame[frame["target"].notna() & frame["start"].notna()]
            offsets = zip(spans["text"], spans["start"], spans["end"], strict=True)
            inside = [_cuts_words(*item) for item in offsets]
            shares = [f"{np.mean(part):.1%}" for part in zip(*inside, strict=True)] or ["", ""]
            shown = len(frame) > 0 and _has_targets(data, task)
            null = f"{frame['target'].isna().mean():.1%}" if shown else ""
            table.add_row(task, split, str(len(frame)), null, *shares)
    return table


def labels_table(data: MultiTaskData, task: str, frames: dict[Split, pd.DataFrame]) -> Table:
    """Returns the table of label counts per split; for a regression task, of its values."""
    outputs = data.tasks[task].decoder.outputs
    table = Table("label", title=f"Labels of {task}")
    counts = {
        split: frame["label"].value_counts()
        if frame["number"].notna().any()
        else dict.fromkeys(outputs, len(frame))
        for split, frame in frames.items()
    }
    for split in counts:
        table.add_column(split, justify="right")
    for label in outputs:
        table.add_row(label, *(str(count.get(label, 0)) for count in counts.values()))
    return table


def _has_targets(data: MultiTaskData, task: str) -> bool:
    """Returns whether a task labels targets: spans, or the second texts of pairs."""
    tables = data.tables["train"]
    is_paired = any(any(tables[corpus]["pair"]) for corpus in data.tasks[task].corpora)
    return data.tasks[task].reads == "spans" or is_paired


def _cuts_words(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Returns whether a target starts, and whether it ends, inside a whitespace-delimited word."""
    previous, following = text[: int(start)][-1:], text[int(end) :][:1]
    return bool(previous.strip()), bool(following.strip())


def plan_table(data: MultiTaskData) -> Table:
    """Returns the table of each corpus's share of rows and of optimizer steps.

    The shares are those of the first epoch and, if the temperature changes, of the last epoch. If
    each step has rows of one corpus only, a small corpus can have a larger share of steps than of
    rows, because its steps are not full.
    """
    epochs = data.plan.epochs if data.plan.final_temperature is not None else None
    shown = [0] if epochs is None else [0, epochs - 1]
    table = Table(title="Sampling plan")
    for header in ["corpus", "rows", *(f"epoch {epoch}" for epoch in shown), "share", "in steps"]:
        table.add_column(header, justify="left" if header == "corpus" else "right")
    lengths = data.epochs.lengths
    steps = [data.plan.steps(lengths, data.seed, epoch) for epoch in shown]
    rows = [_row_counts(epoch_steps, lengths) for epoch_steps in steps]
    for corpus, sizes in lengths.items():
        counts = [each[corpus] for each in rows]
        shares = [f"{each[corpus] / sum(each.values()):.1%}" for each in rows]
        own = sum(corpus in step for step in steps[0])
        in_steps = f"{own} ({own / len(steps[0]):.1%})"
        table.add_row(corpus, str(len(sizes)), *map(str, counts), " to ".join(shares), in_steps)
    return table


def plan_facts(data: MultiTaskData) -> dict[str, str]:
    """Returns the number of steps in the first epoch, and the rows and tokens of a step."""
    lengths = data.epochs.lengths
    steps = data.plan.steps(lengths, data.seed, 0)
    rows = [[int(lengths[c][row]) for c, own in step.items() for row in own] for step in steps]
    padded = np.array([len(step) * max(step) for step in rows])
    tokens = np.array([sum(step) for step in rows])
    return {
        "steps": f"{len(steps)} of {data.plan.step} corpora, in pools of {data.plan.pool}",
        "rows": f"{np.mean([len(step) for step in rows]):.1f} per step",
        "tokens": f"{tokens.mean():.0f} per step, at most {padded.max()} with padding",
        "padding": f"{1 - tokens.sum() / padded.sum():.1%} of the encoder's input",
    }


def _row_counts(steps: list[Step], lengths: Lengths) -> dict[str, int]:
    """Returns corpus to the number of its rows in all steps."""
    return {corpus: sum(len(step.get(corpus, ())) for step in steps) for corpus in lengths}
