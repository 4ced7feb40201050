"""Gradient accumulation: four small batches give the update of one large batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import pytest
from torch import Tensor

from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.data.plan import Lengths, Step
from arabic_mtl.model.batch import Batch, Update
from support.cases import slow
from support.closeness import assert_same
from support.semeval import reviews, sentence
from support.training import quiet_trainer, small_module, two_corpora

pytestmark = pytest.mark.runs

T = TypeVar("T")
RowIndex = tuple[str, int]
"""A corpus and the index of a row."""
Window = list[list[RowIndex]]
"""The small batches of an optimizer step."""
Weights = dict[str, Tensor]

PARTS, ROWS, BUDGET = 4, 3, 60
"""The small batches in a large batch, the rows of a small batch, or its token budget."""

NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الموقع": "LOCATION"}
JUDGEMENTS = {"ممتازة": "positive", "سيئة": "negative", "عادية": "neutral"}
JOIN = MultiTaskData.on_before_batch_transfer
NOISE = "network.encoder.model.encoder.layer.0.attention.self.key.bias"
"""Parameters whose gradient is 0 up to rounding, which Adam amplifies: compared in fp64."""


def uneven_xml(texts: int) -> str:
    """Returns sentences with 0 to 3 opinions, so that batches differ in their items."""
    sentences = []
    for number in range(texts):
        turn = list(JUDGEMENTS)[number % 3 :] + list(JUDGEMENTS)[: number % 3]
        parts = list(zip(NOUNS, turn, strict=True))[: number % 4]
        words = [f"كانت {noun} {judgement} جدا" for noun, judgement in parts]
        opinions = [
            (noun, f"{NOUNS[noun]}#GENERAL", JUDGEMENTS[judgement]) for noun, judgement in parts
        ]
        text = " و ".join([f"في الليلة {number}", *words])
        sentences.append([sentence(f"s{number}", text, *opinions)])
    return reviews(*sentences)


@dataclass(frozen=True, kw_only=True)
class FixedPlan(SamplingPlan):
    """A plan with fixed steps, the same in every epoch."""

    fixed_steps: list[Step] = field(default_factory=list)

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        return self.fixed_steps


def own_means(data: MultiTaskData, batch: Any, dataloader_idx: int) -> Batch:
    """Sets the items of an update to those of the batch, as with a mean loss per batch."""
    joined = JOIN(data, batch, dataloader_idx)
    batches, items = joined.update.batches, {}
    for name, task in data.tasks.items():
        columns = batch[task.corpus].columns or {}
        items[name] = batches * sum(columns.get(f"items_{name}", []))
    return replace(joined, update=Update(batches, items))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accumulation")


def make_data(folder: Path, plan: SamplingPlan) -> MultiTaskData:
    """Returns data of 32 sentences, and of 18 opinions in 13 of them."""
    return two_corpora(folder, uneven_xml(32), uneven_xml(13), plan=plan)


@pytest.fixture(scope="module")
def lengths(folder: Path) -> Lengths:
    data = make_data(folder, SamplingPlan())
    data.prepare_data()
    data.setup("fit")
    return data.lengths("train")


def cut_by_rows(lengths: Lengths) -> list[Window]:
    """Returns batches of equal size, each of one corpus as far as possible."""
    rows = [
        (name, row)
        for name, corpus_lengths in lengths.items()
        for row in range(len(corpus_lengths))
    ]
    return list(cut(list(cut(rows, ROWS)), PARTS))


def cut_by_tokens(lengths: Lengths) -> list[Window]:
    """Returns batches within a token budget, of rows of similar length."""
    windows = []
    rows = sorted(
        (corpus_lengths[row], name, row)
        for name, corpus_lengths in lengths.items()
        for row in range(len(corpus_lengths))
    )
    while rows:
        fitting = [n for n in range(1, BUDGET) if n * rows[: PARTS * n][-1][0] <= BUDGET]
        size = max(fitting)
        windows.append(list(cut([row[1:] for row in rows[: PARTS * size]], size)))
        rows = rows[PARTS * size :]
    return windows


def cut(items: list[T], size: int) -> Iterator[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def as_step(rows: Iterable[RowIndex]) -> Step:
    step: Step = {}
    for name, row in rows:
        step.setdefault(name, []).append(row)
    return step


def batches(windows: list[Window]) -> list[list[RowIndex]]:
    return list(chain(*windows))


def small_batches(windows: list[Window]) -> list[Step]:
    return [as_step(batch) for batch in batches(windows)]


def large_batches(windows: list[Window]) -> list[Step]:
    return [as_step(chain(*window)) for window in windows]


def trained(folder: Path, plan: SamplingPlan, **options: Any) -> Weights:
    """Returns the weights after two epochs."""
    data = make_data(folder, plan)
    module = small_module(data, lr=1e-2)
    quiet_trainer(folder, max_epochs=2, **options).fit(module, datamodule=data)
    return dict(module.state_dict())


def distances(first: Weights, second: Weights) -> dict[str, float]:
    """Returns the largest distance of weights that should be equal."""
    assert first.keys() == second.keys()
    return {name: float((first[name] - second[name]).abs().max()) for name in first}


def test_small_batches_differ_in_their_items_and_respect_their_limits(lengths: Lengths) -> None:
    row_windows, token_windows = cut_by_rows(lengths), cut_by_tokens(lengths)
    every = [(name, row) for name in sorted(lengths) for row in range(len(lengths[name]))]
    for windows in (row_windows, token_windows):
        assert sorted(chain(*batches(windows))) == every
        assert [len(window) for window in windows[:-1]] == [PARTS] * (len(windows) - 1)
        assert 0 < len(windows[-1]) < PARTS
        corpora = [[{name for name, _ in batch} for batch in window] for window in windows]
        assert any({"texts"} in window and {"pairs"} in window for window in corpora)
    assert [len(batch) for batch in batches(row_windows)[:-1]] == [ROWS] * (len(every) // ROWS)
    wide = [list(chain(*window)) for window in token_windows]
    assert all(tokens(batch, lengths) <= BUDGET for batch in batches(token_windows))
    assert all(tokens(batch, lengths) <= PARTS * BUDGET for batch in wide)
    assert len({len(batch) for batch in wide}) > 2


def tokens(batch: list[RowIndex], lengths: Lengths) -> int:
    """Returns the number of tokens of a batch, padding included."""
    return len(batch) * max(int(lengths[name][row]) for name, row in batch)


@pytest.mark.parametrize("precision", ["32-true", *slow("64-true")])
@pytest.mark.parametrize("budget", [None, BUDGET])
def test_accumulation_weights_every_item_equally(
    folder: Path, lengths: Lengths, budget: int | None, precision: str
) -> None:
    windows = cut_by_rows(lengths) if budget is None else cut_by_tokens(lengths)
    small_plan, large_plan = (
        FixedPlan(fixed_steps=small_batches(windows)),
        FixedPlan(fixed_steps=large_batches(windows)),
    )
    if budget is not None:
        small_plan, large_plan = (
            replace(small_plan, token_budget=budget),
            replace(large_plan, token_budget=PARTS * budget),
        )
    parts = trained(folder, small_plan, accumulate_grad_batches=PARTS, precision=precision)
    expected = trained(folder, large_plan, precision=precision)
    compared = expected.keys() - ({NOISE} if precision == "32-true" else set())
    assert_same(
        {name: parts[name] for name in compared},
        {name: expected[name] for name in compared},
        rtol=1e-6,
        floor=1.0,
    )


def test_limited_last_update_weights_every_item_equally(folder: Path, lengths: Lengths) -> None:
    first, second, *_ = windows = cut_by_rows(lengths)
    small_plan, large_plan = (
        FixedPlan(fixed_steps=small_batches(windows)),
        FixedPlan(fixed_steps=large_batches([first, second[:2]])),
    )
    options: dict[str, Any] = {"accumulate_grad_batches": PARTS, "limit_train_batches": PARTS + 2}
    distance = distances(
        trained(folder, small_plan, precision="64-true", **options),
        trained(folder, large_plan, precision="64-true"),
    )
    assert max(distance.values()) < 1e-6


@pytest.mark.parametrize("budget", [None, BUDGET])
def test_means_of_each_batch_give_another_result(
    folder: Path, lengths: Lengths, budget: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = cut_by_rows(lengths) if budget is None else cut_by_tokens(lengths)
    expected = trained(folder, FixedPlan(fixed_steps=large_batches(windows)), precision="64-true")
    monkeypatch.setattr(MultiTaskData, "on_before_batch_transfer", own_means)
    same = trained(folder, FixedPlan(fixed_steps=large_batches(windows)), precision="64-true")
    assert max(distances(same, expected).values()) < 1e-6
    parts = trained(
        folder,
        FixedPlan(fixed_steps=small_batches(windows)),
        precision="64-true",
        accumulate_grad_batches=PARTS,
    )
    assert max(distances(parts, expected).values()) > 1e-2
