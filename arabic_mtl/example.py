"""What every corpus becomes: sentences with annotation layers over their raw text."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of a raw text.

    Args:
        start: Its first character, from 0.
        end: One past its last character; ``start == end`` marks a NULL span, which stands
            for the text as a whole (an opinion whose target is not named).
        label: Its label.
    """

    start: int
    end: int
    label: str

    @property
    def is_null(self) -> bool:
        """Whether the span stands for the whole text rather than a piece of it."""
        return self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One input text, or pair of texts, with its annotation layers.

    Args:
        id: Its name in the corpus, unique within a file.
        group: What must not be torn apart when data are split: the review it comes from.
        text: The raw text, as it stands in the file.
        pair: A second text to read together with the first, such as an opinion's target.
        labels: Layer to labels of the whole input.
        spans: Layer to labelled pieces of ``text``, in order of appearance.
        line: The line of the file it starts on, for error messages.
    """

    id: str
    group: str
    text: str
    pair: str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    line: int | None = None
