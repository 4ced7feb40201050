"""What files are made of, and what a model says of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import Any, Protocol

from arabic_mtl.annotation import Annotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A piece of a file: a text, or something that stands between texts.

    Args:
        text: What to annotate, if it is a text.
        fields: What JSON lines and tables say of it, beside the annotation.
        element: Its place in an XML document.
        mark: What stands before it, by which spreadsheets know UTF-8.
    """

    text: str | None
    fields: Mapping[str, Any]
    element: Any = None
    mark: str = ""


Annotated = tuple[Record, Annotation | None]
"""A record, and what a model says of its text."""


class Model(Protocol):
    """What annotates texts: an `arabic_mtl.annotate.Annotator` is one."""

    @property
    def roles(self) -> Mapping[str, str]:
        """Of what is told of an opinion, the task that tells it."""

    @property
    def of_whole(self) -> Sequence[str]:
        """The tasks that label texts as a whole."""

    def stream(self, texts: Iterable[str], batch_size: int) -> Iterator[Annotation]:
        """Annotates texts in their order, some batches ahead."""


def annotate(records: Iterable[Record], model: Model, batch_size: int) -> Iterator[Annotated]:
    """Streams records with what a model says of their texts, in their order, in little memory.

    Args:
        records: Read as far ahead as the model reads texts.
        model: The model.
        batch_size: The most texts that it reads at once.
    """
    records, ahead = tee(records)
    texts = (record.text for record in ahead if record.text is not None)
    annotations = model.stream(texts, batch_size)
    for record in records:
        yield record, None if record.text is None else next(annotations)
