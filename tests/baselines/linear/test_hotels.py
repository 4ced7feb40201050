"""The linear baseline on the hotel reviews: trained on 30 %, scored on 70 %."""

from __future__ import annotations

from pathlib import Path

from arabic_mtl.baselines.linear import Linear
from arabic_mtl.cli.commands import Commands
from arabic_mtl.evaluation import evaluate
from support.paths import ROOT


def test_scores_on_the_hotel_reviews(hotels: Path, tmp_path: Path) -> None:
    config = ["--config", str(ROOT / "configs" / "hotels.yaml")]
    options = [f"--data.root={hotels}", f"--data.cache={tmp_path}", "--data.validation_share=0.7"]
    data = Commands([*config, *options], run=False).datamodule
    data.prepare_data()
    data.setup()
    scores, _ = evaluate(Linear(data), data, "validation")
    assert scores["sentiment/accuracy"] >= 0.815
    assert scores["sentiment/macro_f1"] >= 0.64
    assert scores["ner/span_f1"] >= 0.59
    assert scores["category/micro_f1"] >= 0.55
