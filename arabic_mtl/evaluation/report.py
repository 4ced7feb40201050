"""The report of a run, for people: in effect a model card (Mitchell et al., 2019)."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.classes import class_scores
from arabic_mtl.evaluation.decisions import confusion, decisions
from arabic_mtl.evaluation.record import Record
from arabic_mtl.markdown import markdown_table, score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import is_share

_WIDEST = 12  # labels of a confusion matrix that can be read

_LIMITS = """\
- Learned from {texts} texts of {corpora}: of texts from elsewhere these figures say nothing.
- The checkpoint was chosen on the validation texts, so that their scores flatter it; those on test
  texts do not.
- Scores of runs with other seeds differ; `train.py compare` tells by how much.
"""


def scored_on(tasks: Mapping[str, Task]) -> list[str]:
    """Lines for below a table of scores: which tasks are told something of what is right."""
    return [
        f"{name} is scored on {task.gold_inputs}"
        for name, task in tasks.items()
        if task.gold_inputs
    ]


def card(
    record: Record,
    answers: Mapping[str, Sequence[Answer]],
    tasks: Mapping[str, Task],
    config: str,
    linear: Record | None = None,
) -> str:
    """A run's report, in Markdown.

    Args:
        record: Its figures.
        answers: Split to what it says of the texts.
        tasks: By name.
        config: Its configuration, as YAML.
        linear: The linear baseline's figures, if it was run.
    """
    sections = {
        f"{record.system}, seed {record.seed}": _facts(record),
        "Scores": "\n\n".join([markdown_table(_scores(record, linear, tasks)), *scored_on(tasks)]),
        **{
            f"{name} on {split}": "\n\n".join(tables)
            for split, of_split in answers.items()
            for name, task in tasks.items()
            if (tables := list(_task(name, task, of_split)))
        },
        "Data": markdown_table(_data(record)),
        "Limits": _limits(record),
        "Versions": ", ".join(f"{name} {v}" for name, v in record.versions.items()),
        "Configuration": f"```yaml\n{config.strip()}\n```",
    }
    return "\n".join(
        f"{'#' if number == 0 else '##'} {title}\n\n{body.strip()}\n"
        for number, (title, body) in enumerate(sections.items())
    )


def _facts(record: Record) -> str:
    best = record.best
    return markdown_table(
        pd.DataFrame(
            [
                ("checkpoint", best["checkpoint"]),
                ("chosen", best["why"]),
                ("parameters", f"{record.parameters:,}"),
                ("CPU seconds", f"{record.cpu_seconds:,.0f}"),
                ("seconds by the clock", f"{record.wall_seconds:,.0f}"),
                ("device", record.device),
                ("precision", record.precision),
            ],
            columns=["", record.system],
        )
    )


def _scores(record: Record, linear: Record | None, tasks: Mapping[str, Task]) -> pd.DataFrame:
    """A row per metric, columns per split: majority, linear baseline, model."""
    columns: dict[str, dict[str, float]] = {}
    for split, of_split in record.scores.items():
        columns[f"{split}: majority"] = record.majority.get(split, {})
        if linear is not None and split in linear.scores:
            columns[f"{split}: linear"] = linear.scores[split]
        columns[split] = of_split
    metrics = list(dict.fromkeys(name for of_split in record.scores.values() for name in of_split))
    shown = [name for name in metrics if not name.endswith("/loss")]
    rows = [
        [
            name,
            *(score_text(of.get(name), is_share=is_share(name, tasks)) for of in columns.values()),
        ]
        for name in shown
    ]
    return pd.DataFrame(rows, columns=["metric", *columns])


def _task(name: str, task: Task, answers: Sequence[Answer]) -> Iterator[str]:
    """The scores of its classes, and which is taken for which."""
    if classes := class_scores(answers, name, task):
        rows = [[label, *row.values()] for label, row in classes.items()]
        frame = pd.DataFrame(rows, columns=["class", "precision", "recall", "F1", "support"])
        yield markdown_table(frame.astype({"support": int}))
    outputs = task.decoder.outputs
    if (made := decisions(task, name, answers)) and len(outputs) <= _WIDEST:
        matrix = confusion(made, outputs)
        apart = bool(matrix[-1].any() or matrix[:, -1].any())
        labels = [*outputs, *(["nothing"] if apart else [])]
        shown = pd.DataFrame(matrix[: len(labels), : len(labels)], columns=labels)
        shown.insert(0, "gold, found:", labels)
        yield markdown_table(shown)


def _data(record: Record) -> pd.DataFrame:
    rows = [
        [corpus, split, facts["file"], facts["texts"], facts["groups"], facts["sha256"][:16]]
        for corpus, splits in record.data.items()
        for split, facts in splits.items()
    ]
    return pd.DataFrame(rows, columns=["corpus", "split", "file", "texts", "reviews", "SHA-256"])


def _limits(record: Record) -> str:
    texts = sum(splits["train"]["texts"] for splits in record.data.values() if "train" in splits)
    return _LIMITS.format(texts=f"{texts:,}", corpora=" and ".join(record.data))
