"""What the sampling plan makes of the training rows."""

import numpy as np
from rich.table import Table

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.plan import Lengths, Step


def plan_table(data: MultiTaskData) -> Table:
    """Per corpus: its rows, its share of those of the first epoch (and the last), its steps.

    Where each step is of one corpus, a small one that is drawn often has more of the steps than
    of the rows: it fills none of them.
    """
    epochs = data.plan.epochs if data.plan.final_temperature is not None else None
    shown = [0] if epochs is None else [0, epochs - 1]
    table = Table(title="Sampling plan")
    for header in ["corpus", "rows", *(f"epoch {epoch}" for epoch in shown), "share", "in steps"]:
        table.add_column(header, justify="left" if header == "corpus" else "right")
    lengths = data.epochs.lengths
    steps = [data.plan.steps(lengths, data.seed, epoch) for epoch in shown]
    rows = [_rows(of_epoch, lengths) for of_epoch in steps]
    for corpus, of_corpus in lengths.items():
        counts = [found[corpus] for found in rows]
        shares = [f"{found[corpus] / sum(found.values()):.1%}" for found in rows]
        own = sum(corpus in step for step in steps[0])
        in_steps = f"{own} ({own / len(steps[0]):.1%})"
        table.add_row(corpus, str(len(of_corpus)), *map(str, counts), " to ".join(shares), in_steps)
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
