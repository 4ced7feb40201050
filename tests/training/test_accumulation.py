"""An update by the gradients of four small batches is the update by those of a large one."""

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
from support.training import quiet_trainer, still_module, two_corpora

pytestmark = pytest.mark.runs

T = TypeVar("T")
Place = tuple[str, int]
"""A corpus, and the number of a row."""
Window = list[list[Place]]
"""The small batches of an update."""
Weights = dict[str, Tensor]

PARTS, ROWS, BUDGET = 4, 3, 60
"""Small batches of a large one, and the rows or the tokens of each."""

NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الموقع": "LOCATION"}
JUDGEMENTS = {"ممتازة": "positive", "سيئة": "negative", "عادية": "neutral"}
JOIN = MultiTaskData.on_before_batch_transfer
NOISE = "network.encoder.model.encoder.layer.0.attention.self.key.bias"
"""Its gradient is 0 but for rounding, of which Adam makes steps: in double precision it stays."""


def uneven_xml(texts: int) -> str:
    """Sentences of none to three opinions, so that batches of them differ in their items."""
    made = []
    for number in range(texts):
        turn = list(JUDGEMENTS)[number % 3 :] + list(JUDGEMENTS)[: number % 3]
        chosen = list(zip(NOUNS, turn, strict=True))[: number % 4]
        words = [f"كانت {noun} {judgement} جدا" for noun, judgement in chosen]
        opinions = [
            (noun, f"{NOUNS[noun]}#GENERAL", JUDGEMENTS[judgement]) for noun, judgement in chosen
        ]
        text = " و ".join([f"في الليلة {number}", *words])
        made.append([sentence(f"s{number}", text, *opinions)])
    return reviews(*made)


@dataclass(frozen=True, kw_only=True)
class Given(SamplingPlan):
    """A plan whose steps are given, the same in every epoch."""

    given: list[Step] = field(default_factory=list)

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        return self.given


def own_means(data: MultiTaskData, batch: Any, dataloader_idx: int) -> Batch:
    """Makes every batch count for itself, as where a loss is the mean over a batch."""
    made = JOIN(data, batch, dataloader_idx)
    batches, items = made.update.batches, {}
    for name, task in data.tasks.items():
        columns = batch[task.corpus].columns or {}
        items[name] = batches * sum(columns.get(f"items_{name}", []))
    return replace(made, update=Update(batches, items))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accumulation")


def data_of(folder: Path, plan: SamplingPlan) -> MultiTaskData:
    """32 sentences, and the 18 opinions of 13."""
    return two_corpora(folder, uneven_xml(32), uneven_xml(13), plan=plan)


@pytest.fixture(scope="module")
def lengths(folder: Path) -> Lengths:
    data = data_of(folder, SamplingPlan())
    data.prepare_data()
    data.setup("fit")
    return data.lengths("train")


def of_rows(lengths: Lengths) -> list[Window]:
    """Batches of as many rows, each of one corpus as far as can be."""
    rows = [(name, row) for name, own in lengths.items() for row in range(len(own))]
    return list(cut(list(cut(rows, ROWS)), PARTS))


def of_tokens(lengths: Lengths) -> list[Window]:
    """Batches within a budget, of rows of like length."""
    windows = []
    rows = sorted((own[row], name, row) for name, own in lengths.items() for row in range(len(own)))
    while rows:
        fitting = [n for n in range(1, BUDGET) if n * rows[: PARTS * n][-1][0] <= BUDGET]
        size = max(fitting)
        windows.append(list(cut([row[1:] for row in rows[: PARTS * size]], size)))
        rows = rows[PARTS * size :]
    return windows


def cut(items: list[T], size: int) -> Iterator[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def as_step(rows: Iterable[Place]) -> Step:
    step: Step = {}
    for name, row in rows:
        step.setdefault(name, []).append(row)
    return step


def batches(windows: list[Window]) -> list[list[Place]]:
    return list(chain(*windows))


def small(windows: list[Window]) -> list[Step]:
    return [as_step(batch) for batch in batches(windows)]


def large(windows: list[Window]) -> list[Step]:
    return [as_step(chain(*window)) for window in windows]


def trained(folder: Path, plan: SamplingPlan, **options: Any) -> Weights:
    """The weights after two epochs."""
    data = data_of(folder, plan)
    module = still_module(data, lr=1e-2)
    quiet_trainer(folder, max_epochs=2, **options).fit(module, datamodule=data)
    return dict(module.state_dict())


def apart(one: Weights, other: Weights) -> dict[str, float]:
    """How far weights that should be the same are from each other."""
    assert one.keys() == other.keys()
    return {name: float((one[name] - other[name]).abs().max()) for name in one}


def test_small_batches_differ_in_their_items_and_keep_their_limits(lengths: Lengths) -> None:
    by_rows, by_tokens = of_rows(lengths), of_tokens(lengths)
    every = [(name, row) for name in sorted(lengths) for row in range(len(lengths[name]))]
    for windows in (by_rows, by_tokens):
        assert sorted(chain(*batches(windows))) == every
        assert [len(window) for window in windows[:-1]] == [PARTS] * (len(windows) - 1)
        assert 0 < len(windows[-1]) < PARTS
        corpora = [[{name for name, _ in batch} for batch in window] for window in windows]
        assert any({"texts"} in window and {"pairs"} in window for window in corpora)
    assert [len(batch) for batch in batches(by_rows)[:-1]] == [ROWS] * (len(every) // ROWS)
    wide = [list(chain(*window)) for window in by_tokens]
    assert all(tokens(batch, lengths) <= BUDGET for batch in batches(by_tokens))
    assert all(tokens(batch, lengths) <= PARTS * BUDGET for batch in wide)
    assert len({len(batch) for batch in wide}) > 2


def tokens(batch: list[Place], lengths: Lengths) -> int:
    """How many there are, padding included."""
    return len(batch) * max(int(lengths[name][row]) for name, row in batch)


@pytest.mark.parametrize("precision", ["32-true", *slow("64-true")])
@pytest.mark.parametrize("budget", [None, BUDGET])
def test_accumulation_weighs_every_item_alike(
    folder: Path, lengths: Lengths, budget: int | None, precision: str
) -> None:
    windows = of_rows(lengths) if budget is None else of_tokens(lengths)
    few, many = Given(given=small(windows)), Given(given=large(windows))
    if budget is not None:
        few, many = replace(few, token_budget=budget), replace(many, token_budget=PARTS * budget)
    parts = trained(folder, few, accumulate_grad_batches=PARTS, precision=precision)
    whole = trained(folder, many, precision=precision)
    compared = whole.keys() - ({NOISE} if precision == "32-true" else set())
    assert_same(
        {name: parts[name] for name in compared},
        {name: whole[name] for name in compared},
        within=1e-6,
        floor=1.0,
    )


def test_window_that_the_limit_cuts_weighs_every_item_alike(folder: Path, lengths: Lengths) -> None:
    first, second, *_ = windows = of_rows(lengths)
    few, many = Given(given=small(windows)), Given(given=large([first, second[:2]]))
    options: dict[str, Any] = {"accumulate_grad_batches": PARTS, "limit_train_batches": PARTS + 2}
    found = apart(
        trained(folder, few, precision="64-true", **options),
        trained(folder, many, precision="64-true"),
    )
    assert max(found.values()) < 1e-6


@pytest.mark.parametrize("budget", [None, BUDGET])
def test_means_of_each_batch_would_come_to_something_else(
    folder: Path, lengths: Lengths, budget: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = of_rows(lengths) if budget is None else of_tokens(lengths)
    whole = trained(folder, Given(given=large(windows)), precision="64-true")
    monkeypatch.setattr(MultiTaskData, "on_before_batch_transfer", own_means)
    same = trained(folder, Given(given=large(windows)), precision="64-true")
    assert max(apart(same, whole).values()) < 1e-6
    parts = trained(
        folder, Given(given=small(windows)), precision="64-true", accumulate_grad_batches=PARTS
    )
    assert max(apart(parts, whole).values()) > 1e-2
