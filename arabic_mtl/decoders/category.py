"""The aspect category of a span, from the categories of its text."""

from collections.abc import Sequence

from arabic_mtl.documents import LabelScore


def category_of(
    span_label: str, labels: Sequence[str], distribution: Sequence[float]
) -> LabelScore | None:
    """Returns the likeliest category of a text that belongs to a span's label.

    A category belongs to a label if it equals the label or extends it after a ``#``:
    ROOMS#GENERAL belongs to ROOMS, ROOMS_AMENITIES#GENERAL does not. Its probability may be
    below the threshold of its task. The first of equally likely categories wins.

    Args:
        span_label: The span's label, such as an entity.
        labels: The categories.
        distribution: The probability of each category in the span's text.

    Returns:
        The category with its probability; None if no category belongs to the label.

    >>> category_of("ROOMS", ["FOOD#PRICES", "ROOMS#GENERAL", "ROOMS#COMFORT"], [0.9, 0.1, 0.3])
    LabelScore(label='ROOMS#COMFORT', score=0.3)
    """
    own = [
        LabelScore(label, score)
        for label, score in zip(labels, distribution, strict=True)
        if f"{label}#".startswith(f"{span_label}#")
    ]
    return max(own, key=lambda category: category.score, default=None)
