"""The sampling plan: a deterministic choice of the rows of each step, equal in all processes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.data.buckets import Buckets, RowLength
from arabic_mtl.data.plan_options import check_shares, check_steps, check_temperatures
from arabic_mtl.data.shares import Counts, apportion, temper
from arabic_mtl.data.streams import merge, passes, segment
from arabic_mtl.errors import InputError

Lengths = Mapping[str, NDArray[np.int64]]
"""Corpus to the length of each of its rows, in tokens."""

Step = dict[str, list[int]]
"""Corpus to the indices of its rows in a step."""


@dataclass(frozen=True, kw_only=True)
class SamplingPlan:
    """A plan of how the rows of all corpora are sampled and grouped into the steps of an epoch.

    An epoch has as many rows as all corpora together. By default it has each row once: corpora
    are sampled in proportion to their sizes. With other shares (which are shares of rows, not of
    steps), each corpus is a stream of shuffled passes that continues from epoch to epoch: a row is
    repeated only after all other rows of its corpus.

    Args:
        batch_size: Number of rows per step, over all processes.
        token_budget: Maximum number of tokens per step, padding included, over all processes;
            replaces ``batch_size`` (set ``batch_size: null`` if the configuration has a number).
            A longer row gets a step of its own.
        step: ``mixed``: a step has rows of all corpora. ``single``: a step has rows of one pass
            over one corpus, as in the classic recipe; a corpus that is too small to fill a step
            has a larger share of the steps than of the rows.
        pool: Number of consecutive steps whose rows are sorted by length and whose order is
            shuffled. Sorting saves padding; 1 turns it off.
        temperature: Corpora are sampled in proportion to size ** (1 / temperature): 1 is
            proportional, ``.inf`` is uniform.
        final_temperature: Temperature of the last epoch; it changes linearly from the first.
        shares: Corpus to its share of the rows, instead of a temperature; they add up to 1.
        epochs: Number of epochs over which the temperature changes; follows
            ``trainer.max_epochs``.
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
        """Checks all options that do not depend on the corpora."""
        default = SamplingPlan.batch_size  # is in each run's config.yaml, even if nobody set it
        check_steps(self.batch_size, self.token_budget, self.pool, default=default)
        check_temperatures(self.temperature, self.final_temperature, self.epochs)
        if self.shares is not None:
            check_shares(self.shares, self.temperature, self.final_temperature)

    @property
    def is_even(self) -> bool:
        """Returns whether every epoch has the same number of steps."""
        return self.token_budget is None and self._is_proportional

    @property
    def _is_proportional(self) -> bool:
        """Returns whether an epoch has each row once."""
        return self.shares is None and self.temperature == 1 and self.final_temperature is None

    def require(self, corpora: Collection[str]) -> None:
        """Raises `InputError` if the shares are not those of the corpora.

        Args:
            corpora: The names of the corpora that the tasks read.

        Raises:
            InputError: If there are shares, but not exactly one per corpus.
        """
        if self.shares is not None and set(self.shares) != set(corpora):
            raise InputError(
                "data.plan.shares must name exactly the corpora that the tasks read",
                found=", ".join(self.shares) or "none",
                expected=f"a share for each of {', '.join(corpora)}",
            )

    def steps(self, lengths: Lengths, seed: int, epoch: int) -> list[Step]:
        """Returns the steps of an epoch.

        Args:
            lengths: Corpus to the length of each row, in tokens.
            seed: Seed of the run.
            epoch: Index of the epoch.

        Raises:
            InputError: If the shares are not those of the corpora.
        """
        random = np.random.default_rng([seed, 0, epoch])
        corpora = self._passes(lengths, seed, epoch)
        if self.step == "mixed":
            buckets = self._buckets(lengths, self._rows_without_repeat(lengths, epoch))
            steps = buckets.shuffled_steps(segment(corpora, random), random)
        else:
            buckets = self._buckets(lengths)
            cut = [
                list(chain.from_iterable(buckets.shuffled_steps([rows], random) for rows in parts))
                for parts in corpora
            ]
            steps = merge(cut, random)
        return [_group(step, list(lengths)) for step in steps]

    def evaluation_steps(self, lengths: Lengths) -> list[Step]:
        """Returns steps with every row once, longest first, so that lack of memory shows early.

        A step has rows of one corpus. Corpora alternate, so that the first steps cover all corpora.
        """
        buckets = self._buckets(lengths)
        cut = [
            buckets.ordered_steps(_select(corpus, sizes, np.argsort(-sizes, kind="stable")))
            for corpus, sizes in enumerate(lengths.values())
        ]
        return [_group(step, list(lengths)) for step in merge(cut)]

    def corpus_shares(self, lengths: Lengths, epoch: int) -> NDArray[np.float64]:
        """Returns each corpus's share of the rows of an epoch (corpora,).

        Raises:
            InputError: If the shares are not those of the corpora, or a corpus has no rows.
        """
        if self.shares is None:
            return temper(_sizes(lengths), self._temperature(epoch))
        self.require(lengths)
        if empty := [name for name, sizes in lengths.items() if not len(sizes)]:
            raise InputError(
                "data.plan.shares must name only corpora that have rows",
                found=f"no rows in {', '.join(empty)}",
                expected="corpora with rows",
            )
        values = np.array([self.shares[name] for name in lengths])
        shares: NDArray[np.float64] = values / values.sum()  # the sum is 1 up to rounding
        return shares

    def _temperature(self, epoch: int) -> float:
        """Returns the temperature of an epoch."""
        if self.final_temperature is None or self.epochs is None:
            return self.temperature
        fraction = min(epoch / (self.epochs - 1), 1)
        return self.temperature + fraction * (self.final_temperature - self.temperature)

    def _quotas(self, lengths: Lengths, epoch: int) -> Counts:
        """Returns the number of rows of each corpus in an epoch (corpora,)."""
        sizes = _sizes(lengths)
        if self._is_proportional:
            return sizes
        return apportion(int(sizes.sum()), self.corpus_shares(lengths, epoch))

    def _passes(self, lengths: Lengths, seed: int, epoch: int) -> list[list[list[RowLength]]]:
        """Returns the rows of an epoch: per corpus, one list per pass over the corpus."""
        counts = self._quotas(lengths, epoch)
        read = sum((self._quotas(lengths, earlier) for earlier in range(epoch)), start=0 * counts)
        rows: list[list[list[RowLength]]] = []
        for corpus, sizes in enumerate(lengths.values()):
            start, count = int(read[corpus]), int(counts[corpus])
            orders = passes(len(sizes), start, count, [seed, 1 + corpus])
            rows.append([_select(corpus, sizes, order) for order in orders])
        return rows

    def _rows_without_repeat(self, lengths: Lengths, epoch: int) -> int:
        """Returns the largest step that hardly repeats a row in the mixture of an epoch."""
        sizes, counts = _sizes(lengths), self._quotas(lengths, epoch)
        return min((sizes[counts > 0] * counts.sum() // counts[counts > 0]).tolist(), default=1)

    def _buckets(self, lengths: Lengths, most: int | None = None) -> Buckets:
        """Returns buckets of the configured size, with no more than ``most`` rows per step."""
        total = int(_sizes(lengths).sum())
        most = max(1, total if most is None else most)
        if self.token_budget is None:
            rows = size = min(self.batch_size or most, most)
        else:
            tokens = int(sum(sizes.sum() for sizes in lengths.values()))
            rows, size = most, max(1, self.token_budget * total // max(tokens, 1))
        return Buckets(rows, self.token_budget, size * self.pool, self.pool > 1)


def _sizes(lengths: Lengths) -> Counts:
    """Returns the number of rows of each corpus (corpora,)."""
    return np.array([len(sizes) for sizes in lengths.values()], dtype=np.int64)


def _select(corpus: int, lengths: NDArray[np.int64], order: Counts) -> list[RowLength]:
    """Returns rows of a corpus in an order of their indices."""
    pairs = zip(lengths[order].tolist(), order.tolist(), strict=True)
    return [RowLength(length, corpus, number) for length, number in pairs]


def _group(step: Sequence[RowLength], names: Sequence[str]) -> Step:
    """Returns the rows of a step, grouped by corpus."""
    rows: Step = {}
    for row in step:
        rows.setdefault(names[row.corpus], []).append(row.number)
    return rows
