"""Which rows make each training step: a pure function, the same in every process."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.data.buckets import Buckets, Row
from arabic_mtl.data.plan_options import check_shares, check_steps, check_temperatures
from arabic_mtl.data.shares import Counts, quotas, tempered
from arabic_mtl.data.streams import merged, passes, segments
from arabic_mtl.errors import InputError

Lengths = Mapping[str, NDArray[np.int64]]
"""Corpus to the length of each of its rows, in tokens."""

Step = dict[str, list[int]]
"""Corpus to the rows that it gives to a step."""


@dataclass(frozen=True, kw_only=True)
class SamplingPlan:
    """How the rows of all corpora become the steps of an epoch.

    An epoch has as many rows as there are. By default each comes once: corpora are drawn in
    proportion to their size. With other shares, of rows whatever the steps, each corpus is a
    stream of shuffled passes that goes on from epoch to epoch: no row comes again before all
    others of its corpus have come.

    Args:
        batch_size: Rows per step, over all processes.
        token_budget: Instead, with ``batch_size: null`` if that was set: the most tokens per step,
            padding included, over all processes. A longer row gets a step of its own.
        step: ``mixed``: rows of all corpora together; ``single``: each step has rows of one pass
            over one corpus, as in the classic recipe: a corpus too small to fill a step has more
            of the steps than of the rows.
        pool: Within this many steps, which are shuffled as a whole, rows of like length meet;
            that saves padding. 1 means no sorting by length.
        temperature: Corpora are drawn in proportion to size ** (1 / temperature): 1 is
            proportional, ``.inf`` draws all alike.
        final_temperature: The temperature of the last epoch; those between change linearly.
        shares: Corpus to its share of the rows, instead of a temperature; they add up to 1.
        epochs: Over how many the temperature changes; follows ``trainer.max_epochs``.
    """

    batch_size: int | None = 32
    token_budget: int | None = None
    step: Literal["mixed", "single"] = "mixed"
    pool: int = 16
    temperature: float = 1.0
    final_temperature: float | None = None
    shares: dict[str, float] | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        """Checks what can be checked without the corpora."""
        usual = SamplingPlan.batch_size  # stands in each run's config.yaml, whoever asked for it
        check_steps(self.batch_size, self.token_budget, self.pool, default=usual)
        check_temperatures(self.temperature, self.final_temperature, self.epochs)
        if self.shares is not None:
            check_shares(self.shares, self.temperature, self.final_temperature)

    @property
    def is_even(self) -> bool:
        """Whether every epoch has the same number of steps."""
        return self.token_budget is None and self._is_proportional

    @property
    def _is_proportional(self) -> bool:
        """Whether each row comes once per epoch."""
        return self.shares is None and self.temperature == 1 and self.final_temperature is None

    def require(self, corpora: Collection[str]) -> None:
        """Refuses shares of other corpora.

        Raises:
            InputError: If there is not one for each.
        """
        if self.shares is not None and set(self.shares) != set(corpora):
            raise InputError(
                "data.plan.shares name the corpora that the tasks are on",
                found=", ".join(self.shares) or "none",
                expected=f"one for each of {', '.join(corpora)}",
            )

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        """The steps of an epoch.

        Raises:
            InputError: If there are not shares for all corpora.
        """
        random = np.random.default_rng([seed, 0, epoch])
        corpora = self._pieces(lengths, seed, epoch)
        if self.step == "mixed":
            buckets = self._buckets(lengths, self._rows_without_repeat(lengths, epoch))
            steps = buckets.shuffled(segments(corpora, random), random)
        else:
            buckets = self._buckets(lengths)
            cut = [
                list(chain.from_iterable(buckets.shuffled([piece], random) for piece in pieces))
                for pieces in corpora
            ]
            steps = merged(cut, random)
        return [_by_corpus(step, list(lengths)) for step in steps]

    def evaluation_steps(self, lengths: Lengths) -> list[Step]:
        """Every row once, longest first: what does not fit into memory fails at once.

        A step is of one corpus. Corpora take turns, so that the first steps are of all of them.
        """
        buckets = self._buckets(lengths)
        cut = [
            buckets.in_order(_rows(number, of_corpus, np.argsort(-of_corpus, kind="stable")))
            for number, of_corpus in enumerate(lengths.values())
        ]
        return [_by_corpus(step, list(lengths)) for step in merged(cut)]

    def shares_of(self, lengths: Lengths, epoch: int) -> NDArray[np.float64]:
        """The share of the rows of an epoch that each corpus gives.

        Raises:
            InputError: If there are not shares for all corpora.
        """
        if self.shares is None:
            return tempered(_sizes(lengths), self._temperature(epoch))
        self.require(lengths)
        if empty := [name for name, of_corpus in lengths.items() if not len(of_corpus)]:
            raise InputError(
                "data.plan.shares are of corpora that have rows",
                found=f"none in {', '.join(empty)}",
                expected="no share for it, or rows",
            )
        given = np.array([self.shares[name] for name in lengths])
        shares: NDArray[np.float64] = given / given.sum()  # which is 1 but for a rounding
        return shares

    def _temperature(self, epoch: int) -> float:
        if self.final_temperature is None or self.epochs is None:
            return self.temperature
        part = min(epoch / (self.epochs - 1), 1)
        return self.temperature + part * (self.final_temperature - self.temperature)

    def _quotas(self, lengths: Lengths, epoch: int) -> Counts:
        sizes = _sizes(lengths)
        if self._is_proportional:
            return sizes
        return quotas(int(sizes.sum()), self.shares_of(lengths, epoch))

    def _pieces(self, lengths: Lengths, seed: int, epoch: int) -> list[list[list[Row]]]:
        """The rows that each corpus gives to an epoch, in a piece for each pass they are from."""
        counts = self._quotas(lengths, epoch)
        before = sum((self._quotas(lengths, e) for e in range(epoch)), start=0 * counts)
        found: list[list[list[Row]]] = []
        for number, of_corpus in enumerate(lengths.values()):
            start, count = int(before[number]), int(counts[number])
            orders = passes(len(of_corpus), start, count, [seed, 1 + number])
            found.append([_rows(number, of_corpus, order) for order in orders])
        return found

    def _rows_without_repeat(self, lengths: Lengths, epoch: int) -> int:
        """The most rows, in the mixture of an epoch, that need hardly any row of a corpus twice."""
        sizes, counts = _sizes(lengths), self._quotas(lengths, epoch)
        return min((sizes[counts > 0] * counts.sum() // counts[counts > 0]).tolist(), default=1)

    def _buckets(self, lengths: Lengths, most: int | None = None) -> Buckets:
        """Steps of the wanted size, of no more than ``most`` rows, and pools of them."""
        total = int(_sizes(lengths).sum())
        most = max(1, total if most is None else most)
        if self.token_budget is None:
            rows = size = min(self.batch_size or most, most)
        else:
            tokens = int(sum(of_corpus.sum() for of_corpus in lengths.values()))
            rows, size = most, max(1, self.token_budget * total // max(tokens, 1))
        return Buckets(rows, self.token_budget, size * self.pool, self.pool > 1)


def _sizes(lengths: Lengths) -> Counts:
    return np.array([len(of_corpus) for of_corpus in lengths.values()], dtype=np.int64)


def _rows(corpus: int, lengths: NDArray[np.int64], order: Counts) -> list[Row]:
    pairs = zip(lengths[order].tolist(), order.tolist(), strict=True)
    return [Row(length, corpus, number) for length, number in pairs]


def _by_corpus(step: Sequence[Row], names: Sequence[str]) -> Step:
    found: Step = {}
    for row in step:
        found.setdefault(names[row.corpus], []).append(row.number)
    return found
