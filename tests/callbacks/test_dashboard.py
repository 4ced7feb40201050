"""The event files of a run, and that training is the same with and without the dashboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.strategies import SingleDeviceStrategy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from arabic_mtl.callbacks import Dashboard, PredictionCollector, find_callback
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.training import MultiTaskModule
from support.cases import slow
from support.configurations import TINY
from support.training import hotel_data, quiet_trainer, small_module

pytestmark = pytest.mark.runs

NORM = "gradients/norm/"
OFTEN: dict[str, int] = {"every_n_epochs": 2, "cosine_every_n_steps": 4}


def run(folder: Path, *callbacks: Callback, **options: Any) -> tuple[Trainer, MultiTaskData]:
    """Trains three epochs with dropout, 7 optimizer steps each."""
    data = hotel_data(folder)
    torch.manual_seed(0)
    module = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY), lr=1e-3)
    defaults = {"max_epochs": 3, "limit_val_batches": 1.0, "log_every_n_steps": 3}
    trainer = quiet_trainer(folder, *callbacks, PredictionCollector(), **(defaults | options))
    trainer.fit(module, datamodule=data)
    return trainer, data


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> EventAccumulator:
    """Returns the events of a run, and of the validation and test after it."""
    folder = tmp_path_factory.mktemp("board")
    logger = TensorBoardLogger(folder, "run", "one")
    trainer, data = run(folder, Dashboard(**OFTEN), logger=logger)
    model: Any = trainer.lightning_module
    trainer.validate(model, datamodule=data, verbose=False)
    trainer.test(model, datamodule=data, verbose=False)
    return EventAccumulator(logger.log_dir, {"images": 0, "tensors": 0}).Reload()


def steps(events: Any) -> list[int]:
    return [event.step for event in events]


@pytest.mark.slow
def test_pictures_of_every_second_epoch_and_of_the_end(events: EventAccumulator) -> None:
    kinds = {task: {"labels", "confusion", "reliability"} for task in ("span", "ner", "pair")}
    kinds["category"] = {"labels", "curves", "reliability"}
    expected = {f"val/{task}/{kind}" for task, names in kinds.items() for kind in names}
    found = set(events.Tags()["images"])
    assert found - {"val/ner/reliability"} == expected - {
        "val/ner/reliability"
    }  # may predict no span
    for tag in expected - {"val/ner/reliability"}:
        assert steps(events.Images(tag)) == [13, 21]
    assert steps(events.Scalars("val/span/macro_f1")) == [6, 13, 20, 21]  # the same steps


def test_calibration_error_and_mistakes_are_written_with_the_pictures(
    events: EventAccumulator,
) -> None:
    for task in ("span", "category", "pair"):
        assert steps(events.Scalars(f"val/{task}/ece")) == [13, 21]
        texts = events.Tensors(f"val/{task}/mistakes/text_summary")
        assert steps(texts) == [13, 21]
        (text,) = texts[0].tensor_proto.string_val
        assert re.match(r"\w+ in \d+ of \d+ ", text.decode())
    assert not [tag for tag in events.Tags()["scalars"] if tag.startswith("test/") and "ece" in tag]


def test_gradients_are_logged_every_n_steps(events: EventAccumulator) -> None:
    found = [tag for tag in events.Tags()["scalars"] if tag.startswith("gradients/")]
    tasks = ["span", "ner", "category", "pair"]
    pairs = [f"{a}-{b}" for i, a in enumerate(tasks) for b in tasks[i + 1 :]]
    expected = {f"gradients/norm/{task}" for task in tasks}
    assert set(found) == expected | {f"gradients/cosine/{pair}" for pair in pairs}
    measured = {step for tag in found for step in steps(events.Scalars(tag))}
    assert measured == {0, 4, 8, 12, 16, 20}  # some batches have no rows of a task
    assert all(-1 <= e.value <= 1 for e in events.Scalars("gradients/cosine/span-ner"))


def test_speed_is_logged_with_the_training_loss(events: EventAccumulator) -> None:
    for name in ("rows_per_second", "tokens_per_second", "padding", "mfu"):
        assert steps(events.Scalars(f"speed/{name}")) == steps(events.Scalars("train/loss"))
    assert steps(events.Scalars("train/loss")) == [2, 5, 8, 11, 14, 17, 20]
    assert all(0 <= e.value < 0.5 for e in events.Scalars("speed/padding"))
    assert all(e.value > 0 for e in events.Scalars("speed/rows_per_second"))
    assert all(0 < e.value < 1 for e in events.Scalars("speed/mfu"))


def test_charts_and_the_table_of_runs(events: EventAccumulator) -> None:
    from tensorboard.plugins.custom_scalar import layout_pb2
    from tensorboard.plugins.hparams import metadata

    (config,) = events.Tensors("custom_scalars__config__")
    layout = layout_pb2.Layout.FromString(config.tensor_proto.string_val[0])
    assert [category.title for category in layout.category][:2] == ["all tasks", "span"]
    assert list(layout.category[1].chart[0].multiline.tag) == ["train/span/loss$", "val/span/loss$"]
    table = events.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(table["_hparams_/session_start_info"])
    assert start.hparams["epochs"].number_value == 3
    experiment = metadata.parse_experiment_plugin_data(table["_hparams_/experiment"])
    known = set(events.Tags()["scalars"])
    assert {info.name.tag for info in experiment.metric_infos} <= known
    assert "_hparams_/session_end_info" in table


def weights(trainer: Trainer) -> list[torch.Tensor]:
    return list(trainer.lightning_module.state_dict().values())


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"accumulate_grad_batches": 3}, *slow({})])
def test_the_dashboard_does_not_change_training(tmp_path: Path, options: dict[str, Any]) -> None:
    logger = TensorBoardLogger(tmp_path, "run", "one")
    watched, _ = run(
        tmp_path, Dashboard(every_n_epochs=3, cosine_every_n_steps=1), logger=logger, **options
    )
    alone, _ = run(tmp_path, **options)
    pairs = list(zip(weights(watched), weights(alone), strict=True))
    assert len(pairs) > 20
    assert all(torch.equal(*pair) for pair in pairs)
    events = EventAccumulator(logger.log_dir).Reload()
    measured = {step for tag in ("ner", "pair") for step in steps(events.Scalars(NORM + tag))}
    assert measured == set(range(watched.global_step))


@pytest.mark.parametrize("options", [{}, *slow({"fast_dev_run": True}, {"logger": "csv"})])
def test_nothing_is_written_without_tensorboard(tmp_path: Path, options: dict[str, Any]) -> None:
    if options.get("logger") == "csv":
        options = {"logger": CSVLogger(tmp_path, "csv")}
    elif options:
        options |= {"logger": TensorBoardLogger(tmp_path, "run")}
    trainer, data = run(tmp_path, Dashboard(**OFTEN), **options)
    model: Any = trainer.lightning_module
    trainer.validate(model, datamodule=data, verbose=False)
    assert list(tmp_path.rglob("events.*")) == []
    assert (
        find_callback(trainer, PredictionCollector).predictions(trainer, data, "validation") == []
    )


def test_pictures_require_a_prediction_collector(tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path, "run", "one")
    dashboard, data = Dashboard(every_n_epochs=1), hotel_data(tmp_path)
    trainer = quiet_trainer(tmp_path, dashboard, logger=logger, limit_val_batches=1.0)
    with pytest.raises(InputError, match="PredictionCollector"):
        trainer.validate(small_module(data), datamodule=data, verbose=False)


def test_pictures_and_gradients_can_be_left_out(tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path, "run", "one")
    run(
        tmp_path,
        Dashboard(pictures=False, every_n_epochs=1, cosine_every_n_steps=None),
        logger=logger,
    )
    tags = EventAccumulator(logger.log_dir).Reload().Tags()
    assert tags["images"] == []
    assert not [tag for tag in tags["scalars"] if tag.startswith("gradients/") or "ece" in tag]
    assert "speed/padding" in tags["scalars"]


class Rest(SingleDeviceStrategy):
    """A strategy that is not supported."""


def test_unsupported_gradients_are_left_out_with_a_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = TensorBoardLogger(tmp_path, "run", "one")
    run(
        tmp_path,
        Dashboard(**OFTEN, pictures=False),
        logger=logger,
        strategy=Rest("cpu"),
        max_steps=5,
    )
    notices = [line for line in capsys.readouterr().err.splitlines() if " gradients " in line]
    assert [re.findall(r"\b(Rest|32-true)\b", line) for line in notices] == [["Rest", "32-true"]]
    tags = EventAccumulator(logger.log_dir).Reload().Tags()["scalars"]
    assert not [tag for tag in tags if tag.startswith("gradients/")]


def test_other_processes_send_their_predictions_and_write_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []

    def predictions(self: PredictionCollector, trainer: Any, data: Any, split: str) -> list[Any]:
        rows.append(len(self._rows))
        return []

    monkeypatch.setattr(PredictionCollector, "predictions", predictions)
    monkeypatch.setattr(Trainer, "is_global_zero", property(lambda _: False))
    logger = TensorBoardLogger(tmp_path, "run", "one")
    trainer, _ = run(tmp_path, Dashboard(**OFTEN), logger=logger)
    assert rows == [3 * 36 + 18]  # a row for each task
    tags = EventAccumulator(logger.log_dir).Reload().Tags()
    assert (tags["images"], tags["tensors"]) == ([], [])
    assert not [tag for tag in tags["scalars"] if tag.startswith("gradients/")]
    assert trainer.global_step == 21


@pytest.mark.parametrize(
    ("option", "unit"), [("every_n_epochs", "epochs"), ("cosine_every_n_steps", "steps")]
)
def test_numbers_below_one_are_refused(option: str, unit: str) -> None:
    options: dict[str, Any] = {option: 0}
    with pytest.raises(InputError, match=rf"dashboard\.{option}\b.* {unit}\b"):
        Dashboard(**options)
