"""The loss of decisions between labels, summed."""

from torch import Tensor
from torch.nn import functional

IGNORED = -100
"""The label of what is not to be learned: unlabelled rows, word pieces, padding."""


def summed_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """The summed loss of labels (…), none where they are `IGNORED`.

    Args:
        logits: (…, outputs).
        labels: The number of each right output.
        weights: What each output counts (outputs,); 1 if not given.
    """
    return functional.cross_entropy(
        logits.flatten(0, -2).float(),
        labels.flatten(),
        weights,
        ignore_index=IGNORED,
        reduction="sum",
    )
