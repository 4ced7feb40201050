"""The category of a span."""

from collections.abc import Sequence

from arabic_mtl.documents import LabelScore


def category_of(
    span_label: str, labels: Sequence[str], distribution: Sequence[float]
) -> LabelScore | None:
    """Returns the likeliest category of a text that belongs to a span's label.

    A category belongs to a label that it equals or extends after a ``#``: ROOMS#GENERAL to ROOMS,
    but ROOMS_AMENITIES#GENERAL not. It need not reach the threshold of its task. The first of
    equally likely ones is taken.

    Args:
        span_label: The span's label, such as an entity.
        labels: The categories.
        distribution: The probability of each in the span's text.

    Returns:
        None where no category belongs to the label.

    >>> category_of("ROOMS", ["FOOD#PRICES", "ROOMS#GENERAL", "ROOMS#COMFORT"], [0.9, 0.1, 0.3])
    LabelScore(label='ROOMS#COMFORT', score=0.3)
    """
    own = [
        LabelScore(label, score)
        for label, score in zip(labels, distribution, strict=True)
        if f"{label}#".startswith(f"{span_label}#")
    ]
    return max(own, key=lambda category: category.score, default=None)
