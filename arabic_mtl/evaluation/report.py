"""The report of a run: a model card in Markdown (Mitchell et al., 2019)."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from arabic_mtl.errors import program
from arabic_mtl.evaluation.classes import class_scores
from arabic_mtl.evaluation.decisions import confusion, decisions
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.evaluation.record import RunRecord
from arabic_mtl.evaluation.slices import score_cells, slices_table
from arabic_mtl.markdown import markdown_table, score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric
from arabic_mtl.tasks.scores import is_share

_WIDEST = 12  # labels; a larger confusion matrix is unreadable in Markdown

_LIMITS = """\
- The model was trained on {texts} texts of {corpora}. The scores do not hold for texts from other
  sources.
- The checkpoint was chosen on the validation texts, so validation scores are too high. Test scores
  are not affected.
- The intervals are those of the bootstrap over texts (2,000 rounds): they measure how far a score
  depends on the choice of texts.
- Scores differ between seeds; `{program} compare` measures by how much.
"""


def gold_input_notes(tasks: Mapping[str, Task]) -> list[str]:
    """Returns a note for each task that is evaluated on gold inputs, to print below its scores."""
    return [
        f"{name} is scored on {task.gold_inputs}"
        for name, task in tasks.items()
        if task.gold_inputs
    ]


def card(
    record: RunRecord,
    predictions: Mapping[str, Sequence[PredictedExample]],
    tasks: Mapping[str, Task],
    config: str,
    linear: RunRecord | None = None,
) -> str:
    """Returns the report of a run, in Markdown.

    Args:
        record: The record of the run.
        predictions: Split to the run's predictions.
        tasks: The tasks by name.
        config: The configuration of the run, as YAML.
        linear: The record of the linear baseline, if it was run.
    """
    sections = {
        f"{record.system}, seed {record.seed}": _facts(record),
        "Scores": "\n\n".join(
            [
                markdown_table(_scores(record, linear, tasks)),
                *gold_input_notes(tasks),
            ]
        ),
        "Intervals": markdown_table(_intervals(predictions, tasks)),
        **{
            f"{name} on {split}": "\n\n".join(tables)
            for split, examples in predictions.items()
            for name, task in tasks.items()
            if (tables := list(_task_tables(name, task, examples)))
        },
        **{
            f"Slices of {split}": markdown_table(slices_table(examples, tasks))
            for split, examples in predictions.items()
        },
        "Data": "\n\n".join([markdown_table(_data(record)), *_credits(record)]),
        "Limits": _limits(record),
        "Versions": ", ".join(f"{name} {v}" for name, v in record.versions.items()),
        "Configuration": f"```yaml\n{config.strip()}\n```",
    }
    return "\n".join(
        f"{'#' if number == 0 else '##'} {title}\n\n{body.strip()}\n"
        for number, (title, body) in enumerate(sections.items())
    )


def _facts(record: RunRecord) -> str:
    best = record.best
    return markdown_table(
        pd.DataFrame(
            [
                ("checkpoint", best["checkpoint"]),
                ("selection", best["why"]),
                ("parameters", f"{record.parameters:,}"),
                ("CPU seconds", f"{record.cpu_seconds:,.0f}"),
                ("wall-clock seconds", f"{record.wall_seconds:,.0f}"),
                ("device", record.device),
                ("precision", record.precision),
            ],
            columns=["", record.system],
        )
    )


def _scores(record: RunRecord, linear: RunRecord | None, tasks: Mapping[str, Task]) -> pd.DataFrame:
    """Returns a row per metric; columns per split: majority baseline, linear baseline, model."""
    columns: dict[str, dict[str, float]] = {}
    for split, scores in record.scores.items():
        columns[f"{split}: majority"] = record.majority.get(split, {})
        if linear is not None and split in linear.scores:
            columns[f"{split}: linear"] = linear.scores[split]
        columns[split] = scores
    metrics = list(dict.fromkeys(name for scores in record.scores.values() for name in scores))
    names = [name for name in metrics if not name.endswith("/loss")]
    rows = [
        [
            name,
            *(
                score_text(column.get(name), is_share=is_share(name, tasks))
                for column in columns.values()
            ),
        ]
        for name in names
    ]
    return pd.DataFrame(rows, columns=["metric", *columns])


def _intervals(
    predictions: Mapping[str, Sequence[PredictedExample]], tasks: Mapping[str, Task]
) -> pd.DataFrame:
    """Returns the 95 % intervals of the metrics that choose checkpoints: a row per task."""
    rows = []
    for name, task in tasks.items():
        metric = task.metrics()[task.selection_metric]
        row = [f"{name}/{task.selection_metric}"]
        for examples in predictions.values():
            own = [example for example in examples if example.gold.get(name) is not None]
            if own and isinstance(metric, AdditiveMetric):
                row.append(score_cells(own, name, metric)[1])
            else:
                row.append("")
        rows.append(row)
    return pd.DataFrame(
        rows, columns=["metric", *(f"{split}: 95 % interval" for split in predictions)]
    )


def _task_tables(name: str, task: Task, examples: Sequence[PredictedExample]) -> Iterator[str]:
    """Yields the table of a task's scores per class, then its confusion matrix."""
    if classes := class_scores(examples, name, task):
        rows = [[label, *row.values()] for label, row in classes.items()]
        frame = pd.DataFrame(rows, columns=["class", "precision", "recall", "F1", "support"])
        yield markdown_table(frame.astype({"support": int}))
    outputs = task.decoder.outputs
    if (counted := decisions(task, name, examples)) and len(outputs) <= _WIDEST:
        matrix = confusion(counted, outputs)
        has_unpaired = bool(matrix[-1].any() or matrix[:, -1].any())
        labels = [*outputs, *(["none"] if has_unpaired else [])]
        frame = pd.DataFrame(matrix[: len(labels), : len(labels)], columns=labels)
        frame.insert(0, "gold ↓ predicted →", labels)
        yield markdown_table(frame)


def _data(record: RunRecord) -> pd.DataFrame:
    rows = [
        [corpus, split, facts["file"], facts["texts"], facts["groups"], facts["sha256"][:16]]
        for corpus, splits in record.data.items()
        for split, facts in splits.items()
    ]
    return pd.DataFrame(rows, columns=["corpus", "split", "file", "texts", "groups", "SHA-256"])


def _credits(record: RunRecord) -> Iterator[str]:
    """Yields the source and the license of each corpus whose configuration states them."""
    for corpus, facts in record.credits.items():
        stated = "; ".join(f"{name} {value}" for name, value in facts.items())
        yield f"- {corpus}: {stated}"


def _limits(record: RunRecord) -> str:
    texts = sum(splits["train"]["texts"] for splits in record.data.values() if "train" in splits)
    corpora = " and ".join(record.data)
    return _LIMITS.format(texts=f"{texts:,}", corpora=corpora, program=program())
