"""Training speed, and the share of padding in the batches."""

import time
from collections.abc import Callable

from torch import Tensor

from arabic_mtl.model.batch import Batch


class SpeedMeter:
    """Counts the rows and tokens that one process reads per second.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock, self._start = clock, clock()
        self._tokens: Tensor | int = 0
        self._rows, self._positions, self._seconds = 0, 0, 0.0

    def start(self) -> None:
        """Starts the clock again, which leaves out the time since then, such as a validation."""
        self._start = self.clock()

    def update(self, batch: Batch) -> None:
        """Counts a processed batch. Tokens are summed on the device, without synchronisation."""
        mask = batch.tokens.attention_mask
        self._rows += len(batch.inverse)
        self._tokens = self._tokens + mask[batch.unique_rows].sum()
        self._positions += len(batch.unique_rows) * mask.shape[1]
        now = self.clock()
        self._seconds += now - self._start
        self._start = now

    def compute(self, processes: int) -> dict[str, float]:
        """Returns rows and tokens per second and the share of padding, then resets the counts.

        Rows with equal inputs are encoded once, so their tokens count once.

        Args:
            processes: The number of processes. Each is assumed to read as much as this one; they
                differ by one row per step at most.
        """
        tokens, seconds = float(self._tokens), max(self._seconds, 1e-9)
        values = {
            "rows_per_second": processes * self._rows / seconds,
            "tokens_per_second": processes * tokens / seconds,
            "padding": 1 - tokens / max(self._positions, 1),
        }
        self._tokens, self._rows, self._positions, self._seconds = 0, 0, 0, 0.0
        return values
