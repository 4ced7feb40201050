"""What is told of a span besides its place."""

from dataclasses import dataclass

UNKNOWN = -1
"""The number of what is given, where nothing is."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is told of each span besides its place, such as an opinion's category.

    Args:
        layer: The layer of spans that holds it: those of the task's own layer, in their order.
        labels: Every label there is; those of `found_by`.
        found_by: The task that tells it where there is no gold: of the labels that it finds in a
            text, a span is given the likeliest that is its own or belongs to it (to ROOMS,
            ROOMS#GENERAL). Without one, nothing is told there.
    """

    layer: str
    labels: tuple[str, ...]
    found_by: str | None = None

    def of(self, label: str) -> int:
        """The number of a label, or -1 of one that is not among them."""
        return self.labels.index(label) if label in self.labels else UNKNOWN

    def name(self, number: int) -> str:
        """The label of a number; empty for -1."""
        return "" if number == UNKNOWN else self.labels[number]
