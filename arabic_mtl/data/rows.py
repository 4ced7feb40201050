"""A cached table as a dataset whose items are the rows of one step."""

from typing import Any

from datasets import Dataset
from torch.utils.data import Dataset as TorchDataset

from arabic_mtl.tasks.batch import Columns


class Rows(TorchDataset[Any]):
    """The rows of one corpus, by lists of their numbers."""

    def __init__(self, table: Dataset) -> None:
        self.table = table

    def __getitem__(self, rows: list[int]) -> Columns | None:
        """The columns of some rows, or None if there are none."""
        return self.table[rows] if rows else None


def unchanged(item: Any) -> Any:
    """Keeps a loader from turning each number into a tensor: batches are joined later."""
    return item
