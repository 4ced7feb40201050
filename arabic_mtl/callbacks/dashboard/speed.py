"""How fast training reads, and how much of it is padding."""

import time
from collections.abc import Callable

from torch import Tensor

from arabic_mtl.model.batch import Batch


class SpeedMeter:
    """Counts what one process reads since one last looked, and the seconds in which it did.

    Args:
        clock: Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock, self._since = clock, clock()
        self._tokens: Tensor | int = 0
        self._rows, self._places, self._seconds = 0, 0, 0.0

    def start(self) -> None:
        """Lets the clock run from now on: what came before, such as a validation, is left out."""
        self._since = self.clock()

    def update(self, batch: Batch) -> None:
        """Counts a batch that is done with. Its tokens are added up where they lie: no waiting."""
        mask = batch.tokens.attention_mask
        self._rows += len(batch.inverse)
        self._tokens = self._tokens + mask[batch.unique_rows].sum()
        self._places += len(batch.unique_rows) * mask.shape[1]
        now = self.clock()
        self._seconds += now - self._since
        self._since = now

    def compute(self, processes: int) -> dict[str, float]:
        """Rows and tokens per second, and the part of all token places that is padding.

        Rows with equal inputs are read once; that is how often their tokens count. Starts anew.

        Args:
            processes: How many there are; each reads as much as this one, within a row per step.
        """
        tokens, seconds = float(self._tokens), max(self._seconds, 1e-9)
        values = {
            "rows_per_second": processes * self._rows / seconds,
            "tokens_per_second": processes * tokens / seconds,
            "padding": 1 - tokens / max(self._places, 1),
        }
        self._tokens, self._rows, self._places, self._seconds = 0, 0, 0, 0.0
        return values
