"""Runs read from their folders, merged, and compared in tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import PredictedExample, read_predictions, write_predictions
from arabic_mtl.evaluation.record import RunRecord, read_record, write_record
from arabic_mtl.evaluation.system import Run, System, merge_runs, require_same_texts
from arabic_mtl.evaluation.tables import (
    differences_table,
    recipe_table,
    scores_table,
    uncompared_tasks,
)
from arabic_mtl.tasks import SequenceClassification, Task, TokenClassification
from arabic_mtl.tasks.metrics import TaskMetric

TASKS: dict[str, Task] = {
    "mood": SequenceClassification(corpus="texts", layer="polarity", labels=("good", "bad")),
    "ner": TokenClassification(corpus="texts", layer="entity", labels=("ROOM",)),
}


def one(label: str) -> TextPrediction:
    return TextPrediction((LabelScore(label),))


def example(number: int, **found: Prediction) -> PredictedExample:
    """Returns a text whose gold mood is good, without gold spans."""
    gold: dict[str, Prediction] = {"mood": one("good"), "ner": SpansPrediction(())}
    return PredictedExample(
        corpus="texts",
        number=number,
        id=f"{number}",
        group="1",
        text="",
        pair=None,
        gold={name: gold[name] for name in found},
        predicted=found,
    )


def mood(*moods: str) -> dict[tuple[str, int], PredictedExample]:
    examples = [example(n, mood=one(label)) for n, label in enumerate(moods)]
    return {(each.corpus, each.number): each for each in examples}


def run(accuracy: float, *moods: str, seconds: float = 10.0) -> Run:
    scores = {"mood/accuracy": accuracy, "mood/macro_f1": accuracy / 2, "mood/loss": 1.0}
    return Run(
        scores={"validation": scores},
        predictions={"validation": mood(*moods)},
        cpu_seconds=seconds,
        parameters=1000,
    )


ONE = System(name="one", runs=[run(0.5, *["good", "bad"] * 20), run(0.6, *["good"] * 40)])
OTHER = System(name="other", runs=[run(0.9, *["bad"] * 40, seconds=2000.0)])
MAJORITY = System(name="majority", fixed_scores={"validation": {"mood/accuracy": 0.25}})


def test_scores_are_means_over_seeds_with_their_deviation() -> None:
    table = scores_table([MAJORITY, ONE, OTHER], TASKS, ["validation"])
    assert list(table.columns) == ["majority", "one", "other"]
    rows = {metric: list(table.loc[(split, metric)]) for split, metric in table.index}
    assert rows["mood/accuracy"] == ["25.0", "55.0 ± 7.1", "90.0"]
    assert rows["mood/macro_f1"] == ["", "27.5 ± 3.5", "45.0"]
    assert rows["seeds"] == ["", "2", "1"]
    assert rows["CPU seconds"] == ["", "10", "2,000"]
    assert rows["parameters"] == ["", "1,000", "1,000"]
    assert "mood/loss" not in rows
    metrics = [metric for split, metric in table.index if split == "validation"]
    assert metrics[:2] == ["mood/macro_f1", "mood/accuracy"]  # the main one first


def test_slot_scores_are_shown_if_present() -> None:
    system = System(name="one", fixed_scores={"validation": {"slot12/f1": 0.4, "slot1/f1": 0.5}})
    table = scores_table([system], {}, ["validation"])
    assert [metric for split, metric in table.index if split] == ["slot1/f1", "slot12/f1"]


def test_differences_cover_all_pairs_with_predictions() -> None:
    table = differences_table([MAJORITY, ONE, OTHER], {"mood": TASKS["mood"]}, ["validation"])
    (row,) = table.to_dict("records")
    assert (row["task"], row["metric"]) == ("mood", "macro_f1")
    assert (row["system"], row["minus"]) == ("one", "other")
    # F1 of "good" and "bad": 2/3 and 0, then 1 (alone); of the other system 0 and 0.
    assert row["points"] == f"{100 * (1 / 3 + 1) / 2:+.1f}"
    assert row["p (Holm)"] == "< 0.001"


def test_a_task_is_compared_on_the_last_split_that_is_labelled_for_it() -> None:
    def with_test(run: Run) -> Run:
        unlabelled = {
            key: replace(example, gold=dict.fromkeys(example.gold))
            for key, example in run.predictions["validation"].items()
        }
        return replace(run, predictions=run.predictions | {"test": unlabelled})

    systems = [replace(system, runs=[*map(with_test, system.runs)]) for system in (ONE, OTHER)]
    tasks = {"mood": TASKS["mood"]}
    (row,) = differences_table(systems, tasks, ["validation", "test"]).to_dict("records")
    assert row["split"] == "validation"
    (row,) = differences_table(systems, tasks, ["test", "validation"]).to_dict("records")
    assert row["split"] == "validation"
    assert differences_table(systems, tasks, ["test"]).empty


class Distance(TaskMetric):
    """A metric that is not computed from sums."""

    def update(self, *_: object) -> None: ...

    def compute(self) -> Tensor:
        return torch.zeros(2)


class Graded(SequenceClassification):
    """A task whose main metric is not computed from sums."""

    main_metric = "distance"

    def metrics(self) -> dict[str, TaskMetric]:
        return {"distance": Distance()}


def test_tasks_without_sums_are_left_out_with_a_note() -> None:
    graded = Graded(corpus="texts", layer="polarity", labels=("good", "bad"))
    table = differences_table([ONE, OTHER], {"mood": graded}, ["validation"])
    assert table.empty
    assert uncompared_tasks({"mood": graded, "ner": TASKS["ner"]}).endswith(": mood (distance).")
    assert uncompared_tasks(TASKS) == ""


def test_the_recipes_table_has_a_row_per_system() -> None:
    table = recipe_table([MAJORITY, ONE], TASKS, ["validation"])
    assert list(table.columns) == ["model_name", "mood_valid_accuracy", "ner_valid_accuracy"]
    assert list(table["mood_valid_accuracy"]) == pytest.approx([0.25, 0.55])
    assert table["ner_valid_accuracy"].isna().all()


def test_single_task_runs_are_merged_text_by_text() -> None:
    tagged = example(1, ner=SpansPrediction((SpanPrediction(0, 2, "ROOM"),)))
    ner = Run(
        scores={"validation": {"ner/f1": 0.1, "mean": 0.1}},
        predictions={"validation": {("texts", 1): tagged}},
        cpu_seconds=5.0,
        parameters=10,
    )
    both = merge_runs({"mood": run(0.5, "good", "bad"), "ner": ner})
    assert both.scores["validation"].keys() == {
        *("mood/accuracy", "mood/macro_f1", "mood/loss", "ner/f1")
    }
    assert (both.cpu_seconds, both.parameters) == (15.0, 1010)
    first, second = (both.predictions["validation"]["texts", name] for name in (0, 1))
    assert first.predicted == {"mood": one("good")}
    assert second.predicted == {"mood": one("bad"), "ner": tagged.predicted["ner"]}
    assert second.gold == {"mood": one("good"), "ner": SpansPrediction(())}


def test_systems_with_different_texts_are_refused() -> None:
    require_same_texts([MAJORITY, ONE, OTHER])
    with pytest.raises(InputError) as error:
        require_same_texts([ONE, System(name="short", runs=[run(0.5, "good")])])
    assert str(error.value.found).startswith("validation: 1 ")
    assert str(error.value.found).endswith(" short")
    assert str(error.value.expected) == "the 40 texts of one"


def test_a_run_is_read_from_its_folder(tmp_path: Path) -> None:
    scores = {"validation": {"mood/accuracy": 0.5}}
    record = RunRecord(system="one", seed=3, scores=scores, cpu_seconds=1.5, parameters=7)
    write_record(tmp_path, record)
    write_predictions(tmp_path / "answers-validation.jsonl", mood("good", "bad").values())
    assert read_record(tmp_path) == record
    found = Run.read(tmp_path)
    assert found == Run(
        scores=scores,
        predictions={"validation": mood("good", "bad")},
        cpu_seconds=1.5,
        parameters=7,
    )


@pytest.mark.parametrize("content", [None, "{", '{"format": 2, "system": "one"}', "[]"])
def test_an_unreadable_record_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "metrics.json").write_text(content)
    with pytest.raises(InputError, match=r"metrics\.json") as error:
        read_record(tmp_path)
    assert error.value.file == tmp_path / "metrics.json"


def test_a_split_without_gold_is_not_compared() -> None:
    bare = [replace(each, gold={"mood": None}) for each in mood("good", "bad").values()]
    examples = {(each.corpus, each.number): each for each in bare}
    runs = [
        replace(run(0.5, "good", "bad"), predictions={"validation": examples}) for _ in range(2)
    ]
    systems = [System(name=name, runs=[each]) for name, each in zip(("a", "b"), runs, strict=True)]
    assert not systems[0].has_predictions("validation", "mood")
    assert differences_table(systems, {"mood": TASKS["mood"]}, ["validation"]).empty


def test_malformed_predictions_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "answers-test.jsonl"
    write_predictions(path, mood("good").values())
    path.write_text(path.read_text("utf-8") + '{"gold": {"mood": "good"}}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_predictions(path))
    assert (caught.value.file, caught.value.line) == (path, 2)
