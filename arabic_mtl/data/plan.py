"""Which rows make each training step: a pure function, the same in every process."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DistributedSampler

from arabic_mtl.errors import InputError

Lengths = Mapping[str, NDArray[np.int64]]
"""Corpus to the length of each of its rows, in tokens."""

Step = dict[str, list[int]]
"""Corpus to the rows that it gives to a step."""


@dataclass(frozen=True, kw_only=True)
class SamplingPlan:
    """How an epoch is cut into steps.

    Corpora are drawn in proportion to their size: each row comes once per epoch. Rows of like
    length meet in a step, which saves padding, but only within a shuffled pool of steps, which
    keeps the order random.

    Args:
        batch_size: Rows per step, over all processes.
        step: ``mixed``: rows of all corpora together; ``single``: each step has rows of one
            corpus, as in the classic recipe.
        pool: Steps per pool; 1 means no sorting by length.
    """

    batch_size: int = 32
    step: Literal["mixed", "single"] = "mixed"
    pool: int = 16

    def __post_init__(self) -> None:
        """Checks the sizes."""
        for name in ("batch_size", "pool"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"data.plan.{name} is a number of rows or steps",
                    found=getattr(self, name),
                    expected="1 or more",
                )

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        """The steps of an epoch."""
        random = np.random.default_rng([seed, epoch])
        if self.step == "mixed":
            steps = self._bucketed(lengths, random)
        else:
            steps = [
                step for name in lengths for step in self._bucketed({name: lengths[name]}, random)
            ]
        return [steps[index] for index in random.permutation(len(steps))]

    def evaluation_steps(self, lengths: Lengths) -> list[Step]:
        """Every row once, longest first: what does not fit into memory fails at once."""
        steps = []
        for name, of_corpus in lengths.items():
            order = np.argsort(-of_corpus, kind="stable")
            steps += [{name: chunk.tolist()} for chunk in self._cut(order)]
        return steps

    def _bucketed(self, lengths: Lengths, random: np.random.Generator) -> list[Step]:
        names = list(lengths)
        corpus = np.repeat(np.arange(len(names)), [len(lengths[name]) for name in names])
        row = np.concatenate([np.arange(len(lengths[name])) for name in names])
        length = np.concatenate([lengths[name] for name in names])
        order = random.permutation(len(row))
        if self.pool > 1:
            size = self.pool * self.batch_size
            pools = np.array_split(order, range(size, len(order), size))
            by_length = [pool[np.argsort(length[pool], kind="stable")] for pool in pools]
            order = np.concatenate(by_length)
        return [
            {name: row[chunk][corpus[chunk] == n].tolist() for n, name in enumerate(names)}
            for chunk in self._cut(order)
        ]

    def _cut(self, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        return [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]


class PlanSampler(DistributedSampler[list[int]]):
    """One corpus's rows of each step, for one process.

    A `DistributedSampler`, because Lightning leaves such a sampler in place under every strategy
    and tells it the epoch.

    Args:
        steps: Epoch to the steps of all processes.
        corpus: Whose rows to yield.
        rank: The number of this process.
        world_size: How many processes there are.
    """

    def __init__(
        self, steps: Callable[[int], list[Step]], corpus: str, *, rank: int, world_size: int
    ) -> None:
        # The base class only keeps these; which rows there are is the plan's to say.
        super().__init__(cast(Any, []), num_replicas=world_size, rank=rank)
        self.steps, self.corpus = steps, corpus

    def __iter__(self) -> Iterator[list[int]]:
        """This process's rows, a list per step; empty where the step has none of the corpus."""
        for step in self.steps(self.epoch):
            rows = [(corpus, row) for corpus in step for row in step[corpus]]
            own = rows[self.rank :: self.num_replicas]
            yield [row for corpus, row in own if corpus == self.corpus]

    def __len__(self) -> int:
        return len(self.steps(self.epoch))
