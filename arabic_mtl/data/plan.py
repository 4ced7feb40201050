"""Which rows make each training step: a pure function, the same in every process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.data.buckets import Buckets, Row
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
    proportion to their size. With other shares, which are always of rows, each corpus is a stream
    of shuffled passes that goes on from epoch to epoch: no row comes again before all others of
    its corpus have come.

    Args:
        batch_size: Rows per step, over all processes.
        token_budget: Instead of a number of rows: the most tokens per step, padding included,
            over all processes. A longer row gets a step of its own.
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

    batch_size: int = 32
    token_budget: int | None = None
    step: Literal["mixed", "single"] = "mixed"
    pool: int = 16
    temperature: float = 1.0
    final_temperature: float | None = None
    shares: dict[str, float] | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        """Checks what can be checked without the corpora."""
        for name in ("batch_size", "token_budget", "pool"):
            value = getattr(self, name)
            _require(value is None or value >= 1, name, value, "1 or more")
        for name in ("temperature", "final_temperature"):
            value = getattr(self, name)
            _require(value is None or value >= 1, name, value, "from 1 (proportional) to .inf")
        shares = list((self.shares or {}).values())
        is_whole = min(shares, default=1) > 0 and abs(sum(shares, start=0.0) - 1) < 1e-6
        _require(not shares or is_whole, "shares", self.shares, "positive numbers that add up to 1")
        _require(
            self.shares is None or (self.temperature == 1 and self.final_temperature is None),
            "temperature",
            f"{self.temperature}, beside shares",
            "shares or a temperature, not both",
        )
        if self.final_temperature is not None:
            finite = np.isfinite([self.temperature, self.final_temperature]).all()
            found = f"{self.temperature} to {self.final_temperature}"
            _require(bool(finite), "final_temperature", found, "finite temperatures")
            _require(
                self.epochs is not None and self.epochs > 0,
                "final_temperature",
                f"trainer.max_epochs: {self.epochs}",
                "a number of epochs, in the last of which it is reached",
            )

    @property
    def is_even(self) -> bool:
        """Whether every epoch has the same number of steps."""
        return self.token_budget is None and self.final_temperature is None and not self._streams

    @property
    def _streams(self) -> bool:
        """Whether passes over a corpus go on from one epoch to the next."""
        return self.shares is not None or self.temperature != 1 or bool(self.final_temperature)

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        """The steps of an epoch.

        Raises:
            InputError: If there are not shares for all corpora.
        """
        random = np.random.default_rng([seed, 0, epoch])
        corpora = self._drawn(lengths, seed, epoch)
        if self.step == "mixed":
            buckets = self._buckets(lengths, self._once(lengths, epoch))
            steps = buckets.shuffled(segments(corpora, random), random)
        else:
            buckets = self._buckets(lengths, sum(map(len, lengths.values())))
            cut = [[s for piece in p for s in buckets.shuffled([piece], random)] for p in corpora]
            steps = merged(cut, random)
        return [_by_corpus(step, list(lengths)) for step in steps]

    def evaluation_steps(self, lengths: Lengths) -> list[Step]:
        """Every row once, longest first: what does not fit into memory fails at once.

        A step is of one corpus. Corpora take turns, so that the first steps are of all of them.
        """
        corpora = []
        for number, of_corpus in enumerate(lengths.values()):
            order = np.argsort(-of_corpus, kind="stable")
            rows = _rows(number, of_corpus, order)
            corpora.append(self._buckets(lengths, len(order)).in_order(rows))
        return [_by_corpus(step, list(lengths)) for step in merged(corpora)]

    def shares_of(self, lengths: Lengths, epoch: int) -> NDArray[np.float64]:
        """The share of the rows of an epoch that each corpus gives.

        Raises:
            InputError: If there are not shares for all corpora.
        """
        if self.shares is None:
            return tempered(_sizes(lengths), self._temperature(epoch))
        if set(self.shares) != set(lengths):
            found, expected = ", ".join(self.shares), f"one for each of {', '.join(lengths)}"
            _require(False, "shares", found, expected)
        given = np.array([self.shares[name] for name in lengths])
        shares: NDArray[np.float64] = given / given.sum()  # which is 1 but for a rounding
        return shares

    def _temperature(self, epoch: int) -> float:
        if self.final_temperature is None or self.epochs is None:
            return self.temperature
        part = min(epoch / max(self.epochs - 1, 1), 1)
        return self.temperature + part * (self.final_temperature - self.temperature)

    def _quotas(self, lengths: Lengths, epoch: int) -> Counts:
        sizes = _sizes(lengths)
        if not self._streams:
            return sizes
        return quotas(int(sizes.sum()), self.shares_of(lengths, epoch))

    def _drawn(self, lengths: Lengths, seed: int, epoch: int) -> list[list[list[Row]]]:
        """The rows that each corpus gives to an epoch, in pieces from one pass each."""
        counts = self._quotas(lengths, epoch)
        before = sum((self._quotas(lengths, e) for e in range(epoch)), start=0 * counts)
        return [
            [
                _rows(number, of_corpus, order)
                for order in passes(
                    len(of_corpus), int(before[number]), int(counts[number]), [seed, 1 + number]
                )
            ]
            for number, of_corpus in enumerate(lengths.values())
        ]

    def _once(self, lengths: Lengths, epoch: int) -> int:
        """In how many rows of an epoch each row of the smallest stream comes about once."""
        sizes, counts = _sizes(lengths), self._quotas(lengths, epoch)
        return min((sizes[counts > 0] * counts.sum() // counts[counts > 0]).tolist(), default=1)

    def _buckets(self, lengths: Lengths, most: int) -> Buckets:
        """Steps of the wanted size, or of so many rows at most, and pools of so many steps."""
        total = int(_sizes(lengths).sum())
        if self.token_budget is None:
            rows = size = max(1, min(self.batch_size, most))
        else:
            tokens = int(sum(of_corpus.sum() for of_corpus in lengths.values()))
            rows, size = max(1, most), max(1, self.token_budget * total // max(tokens, 1))
        return Buckets(rows, self.token_budget, size * self.pool, self.pool > 1)


def _require(holds: bool, name: str, found: object, expected: str) -> None:
    if not holds:
        raise InputError(
            f"data.plan.{name} says how rows become steps", found=found, expected=expected
        )


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
