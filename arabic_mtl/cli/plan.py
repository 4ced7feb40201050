"""What the sampling plan makes of the training rows."""

import numpy as np
from rich.table import Table

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.plan import Lengths, Step


def plan_table(data: MultiTaskData) -> Table:
    """Per corpus: its rows, and its share of those of the first epoch, and of the last."""
    epochs = data.plan.epochs if data.plan.final_temperature is not None else None
    shown = [0] if epochs is None else [0, epochs - 1]
    table = Table(title="Sampling plan")
    for header in ["corpus", "rows", *(f"epoch {epoch}" for epoch in shown), "share"]:
        table.add_column(header, justify="left" if header == "corpus" else "right")
    lengths = data.epochs.lengths
    rows = [_rows(data.plan.steps(lengths, data.seed, epoch), lengths) for epoch in shown]
    for corpus, of_corpus in lengths.items():
        counts = [found[corpus] for found in rows]
        shares = [f"{found[corpus] / sum(found.values()):.1%}" for found in rows]
        table.add_row(corpus, str(len(of_corpus)), *map(str, counts), " to ".join(shares))
    return table


def plan_facts(data: MultiTaskData) -> dict[str, str]:
    """Steps of the first epoch, and what a step holds."""
    lengths = data.epochs.lengths
    steps = data.plan.steps(lengths, data.seed, 0)
    rows = [[int(lengths[c][row]) for c, own in step.items() for row in own] for step in steps]
    padded = np.array([len(step) * max(step) for step in rows])
    tokens = np.array([sum(step) for step in rows])
    return {
        "steps": f"{len(steps)} of {data.plan.step} corpora, in pools of {data.plan.pool}",
        "rows": f"{np.mean([len(step) for step in rows]):.1f} per step",
        "tokens": f"{tokens.mean():.0f} per step, at most {padded.max()} with padding",
        "padding": f"{1 - tokens.sum() / padded.sum():.1%} of what the encoder reads",
    }


def _rows(steps: list[Step], lengths: Lengths) -> dict[str, int]:
    return {corpus: sum(len(step.get(corpus, ())) for step in steps) for corpus in lengths}
