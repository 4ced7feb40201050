"""Monitored metrics: that they exist, and their direction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from arabic_mtl.callbacks import BestCheckpoint, StopWhenStalled
from arabic_mtl.callbacks.monitor import require_labels
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import SequenceClassification, Task
from arabic_mtl.tasks.metrics import Accuracy, TaskMetric
from arabic_mtl.tasks.scores import higher_is_better, is_share
from support.training import hotel_data, quiet_trainer, small_module


class Error(Accuracy):
    """A metric that improves when it falls, and is not a share."""

    higher_is_better = False
    is_share = False


class Graded(SequenceClassification):
    """A task whose main metric is an error."""

    main_metric = "error"

    def metrics(self) -> dict[str, TaskMetric]:
        return {"error": Error(self.labels, "texts", len(self.corpora))}


TASKS: dict[str, Task] = {
    name: Graded(corpus="texts", layer="polarity", labels=("good", "bad"))
    for name in ("price", "test")
}


@pytest.mark.parametrize("name", ["price", "test"])
def test_the_direction_of_a_metric_does_not_depend_on_the_task_name(name: str) -> None:
    for key in (f"val/{name}/error", f"{name}/error", f"val/{name}@texts/error"):
        assert not higher_is_better(key, TASKS)
        assert not is_share(key, TASKS)
    assert higher_is_better("val/mean", TASKS)
    assert not higher_is_better(f"val/{name}/loss", TASKS)


def test_checkpoints_and_stopping_follow_the_direction() -> None:
    assert BestCheckpoint("val/price/error", tasks=TASKS).mode == "min"
    assert BestCheckpoint("val/mean", tasks=TASKS).mode == "max"
    module: Any = SimpleNamespace(tasks=TASKS)
    trainer: Any = SimpleNamespace(datamodule=None)
    with pytest.raises(InputError, match="tasks=tasks"):
        BestCheckpoint("val/price/error").on_fit_start(trainer, module)
    stop = StopWhenStalled("val/price/error")
    stop.on_fit_start(trainer, module)
    assert stop.tasks == TASKS


@pytest.fixture
def data(tmp_path: Path) -> MultiTaskData:
    """Returns two corpora, one of them without a validation split."""
    made = hotel_data(tmp_path, validation_share=0.0)
    corpora = made.store.corpora
    made.store.corpora = {**corpora, "pairs": replace(corpora["pairs"], validation=None)}
    return made


@pytest.mark.runs
@pytest.mark.parametrize("monitor", ["val/pair/macro_f1", "val/pair/loss"])
def test_a_task_without_validation_labels_is_refused(
    data: MultiTaskData, tmp_path: Path, monitor: str
) -> None:
    options: dict[str, Any] = {"limit_val_batches": 1.0, "max_epochs": 1}
    for callback in (StopWhenStalled(monitor), BestCheckpoint(monitor)):
        with pytest.raises(InputError, match="pair") as caught:
            quiet_trainer(tmp_path, callback, **options).fit(small_module(data), datamodule=data)
        assert monitor in str(caught.value.found)
        assert "ner" in str(caught.value.expected)


@pytest.mark.runs
def test_the_mean_is_over_labelled_tasks(data: MultiTaskData, tmp_path: Path) -> None:
    trainer = quiet_trainer(tmp_path, limit_val_batches=1.0)
    (scores,) = trainer.validate(small_module(data), datamodule=data, verbose=False)
    assert not [name for name in scores if name.startswith("val/pair/")]
    main = [scores[f"val/{n}/{data.tasks[n].main_metric}"] for n in ("span", "ner", "category")]
    assert scores["val/mean"] == pytest.approx(sum(main) / 3)
    require_labels(trainer, "checkpoint.monitor", ["val/mean", "val/ner/f1"])
