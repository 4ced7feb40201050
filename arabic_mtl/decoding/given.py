"""What is told of a span besides its place."""

from dataclasses import dataclass

from arabic_mtl.errors import InputError

UNKNOWN = -1
"""The number of what is given, where nothing is."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is told of each span besides its place, such as an opinion's category.

    Args:
        layer: The layer of spans that holds it: those of the task's own layer, in their order.
        labels: Every label there is; those of `found_by`.
        found_by: The task that tells it where there is no gold: of all its labels, a span is given
            the likeliest that is its own or belongs to it (to ROOMS, ROOMS#GENERAL); each label
            that it finds in a text and that no span is given becomes one of NULL
            (`arabic_mtl.decoding.SpanDecoder.places`). Without one, nothing is told there.
    """

    layer: str
    labels: tuple[str, ...]
    found_by: str | None = None

    def __post_init__(self) -> None:
        """Checks the labels."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"what layer {self.layer!r} tells of spans is declared, each label once",
                found=f"given.labels: {list(self.labels)}",
                expected="a list of distinct labels",
            )

    def of(self, label: str) -> int:
        """The number of a label.

        Raises:
            InputError: If the label is not declared.
        """
        if label not in self.labels:
            raise InputError(
                f"a label of layer {self.layer!r} is one that given.labels declares",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            )
        return self.labels.index(label)

    def name(self, number: int) -> str:
        """The label of a number; empty for -1."""
        return "" if number == UNKNOWN else self.labels[number]
