"""The table of runs, as TensorBoard's HParams plugin reads it."""

from __future__ import annotations

from pathlib import Path

from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import Status

from arabic_mtl.callbacks.dashboard.runs import end_summary, outcome_tags, settings, start_summaries
from arabic_mtl.data import SamplingPlan
from arabic_mtl.training.balancing import UncertaintyWeights
from support.training import NO_DROPOUT, hotel_data, quiet_trainer, small_module


def test_settings_are_plain_values_without_none(tmp_path: Path) -> None:
    plan = SamplingPlan(token_budget=99, batch_size=None, temperature=float("inf"), epochs=3)
    data = hotel_data(tmp_path, plan=plan, seed=5)
    data.prepare_data()
    data.setup()
    model = small_module(data, balancing=UncertaintyWeights(lr=0.5), lr=0.25)
    model.build(data.text)
    found = settings(quiet_trainer(tmp_path, max_epochs=3), model, data)
    numbers = ", ".join(
        f"{key} {value}" for key, value in NO_DROPOUT.items() if key != "model_type"
    )
    assert found == {
        "lr": 0.25,
        "weight_decay": 0.01,
        "warmup": 0.1,
        "dropout": 0.0,
        "seed": 5,
        "epochs": 3,
        "precision": "32-true",
        "encoder": f"bert, {numbers}, TransformerEncoder",
        "parameters": sum(p.numel() for p in model.parameters()),
        "text/form": "pieces",
        "text/vocab_size": 200,
        "text/stemming": "none",
        "text/cleaning": data.text.settings.cleaning,
        "text/split_proclitics": "True",
        "plan/token_budget": 99,
        "plan/step": "mixed",
        "plan/pool": 16,
        "plan/temperature": "inf",
        "weight/span": 0.5,
        "weight/ner": 2.0,
        "weight/category": 1.0,
        "weight/pair": 3.0,
        "balancing": "lr 0.5, UncertaintyWeights",
    }


def test_tensorboard_reads_the_table() -> None:
    tags = ["val/mean", "val/ner/f1"]
    experiment, start = start_summaries({"lr": 0.25, "encoder": "bert", "seed": 5}, tags)
    found = metadata.parse_experiment_plugin_data(content(experiment))
    assert [info.name.tag for info in found.metric_infos] == tags
    assert [info.name for info in found.hparam_infos] == ["lr", "encoder", "seed"]
    begun = metadata.parse_session_start_info_plugin_data(content(start))
    assert begun.hparams["lr"].number_value == 0.25
    assert begun.hparams["seed"].number_value == 5
    assert begun.hparams["encoder"].string_value == "bert"
    ended = metadata.parse_session_end_info_plugin_data(content(end_summary()))
    assert ended.status == Status.STATUS_SUCCESS


def content(summary: object) -> bytes:
    (value,) = summary.value  # type: ignore[attr-defined]
    made: bytes = value.metadata.plugin_data.content
    return made


def test_outcomes_are_the_mean_and_the_main_metrics(tmp_path: Path) -> None:
    names = ["mean", "span/macro_f1", "ner/f1", "category/micro_f1", "pair/macro_f1"]
    expected = [f"{stage}/{name}" for stage in ("val", "test") for name in names]
    assert outcome_tags(hotel_data(tmp_path).tasks) == expected
