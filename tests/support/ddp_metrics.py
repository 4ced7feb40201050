"""Two processes, each with half of the texts, print what their metrics come to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from torch import distributed

from arabic_mtl.metrics import PolarityScores, SlotF1
from arabic_mtl.opinion import Opinion
from arabic_mtl.scoring import SLOTS

Metrics = dict[str, SlotF1 | PolarityScores]


def metrics() -> Metrics:
    """One of each slot."""
    return {"slot3": PolarityScores(), **{slot: SlotF1(slot) for slot in SLOTS}}


def computed(counted: Metrics) -> dict[str, float]:
    """``slot/score``."""
    scores = {slot: metric.compute() for slot, metric in counted.items()}
    return {f"{slot}/{name}": float(v) for slot, of in scores.items() for name, v in of.items()}


def main(folder: Path) -> None:
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    child = os.fork()
    rank = 0 if child else 1
    store = f"file://{folder / 'meeting'}"
    distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=2)
    counted = metrics()
    for found, gold in texts[rank::2]:
        for metric in counted.values():
            metric.update([Opinion(*of) for of in found], [Opinion(*of) for of in gold])
    (folder / f"{rank}.json").write_text(json.dumps(computed(counted)), encoding="utf-8")
    distributed.destroy_process_group()
    if child:
        _, status = os.waitpid(child, 0)
        sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
