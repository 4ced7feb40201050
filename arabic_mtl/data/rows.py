"""A cached table as a dataset whose items are the rows of one step."""

from typing import Any

from datasets import Dataset
from torch.utils.data import Dataset as TorchDataset

from arabic_mtl.data.sampler import Share
from arabic_mtl.tasks.batch import Part


class Rows(TorchDataset[Part]):
    """The rows of one corpus, by a process's share of a step."""

    def __init__(self, table: Dataset) -> None:
        self.table = table

    def __getitem__(self, share: Share) -> Part:
        """The columns of the share's rows, or none if there are none."""
        return Part(self.table[share.rows] if share.rows else None, share.update)


def unchanged(item: Any) -> Any:
    """Keeps a loader from turning each number into a tensor: batches are joined later."""
    return item
