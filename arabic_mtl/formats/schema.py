"""The contract of an XML schema: where its texts are, and what is said of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from lxml import etree

from arabic_mtl.documents import NULL, AnnotatedSpan, Annotation, Opinion

Roles = Mapping[str, str]
"""Of what is told of an opinion, the task that tells it (`arabic_mtl.decoders.roles`)."""


def opinions(annotation: Annotation, roles: Roles) -> list[Opinion]:
    """All that is said of a text, in the order of its targets, NULL first.

    A category that was found, and that no span has, is about NULL.
    """
    spans = [_opinion(span, roles) for span in annotation.spans]
    told = {opinion.category for opinion in spans}
    found = annotation.labels.get(roles.get("category", ""), ())
    whole = [Opinion(NULL, of.label, "", 0, 0) for of in found if of.label not in told]
    return whole + spans


def _opinion(span: AnnotatedSpan, roles: Roles) -> Opinion:
    def label(role: str) -> str:
        found = span.labels.get(roles.get(role, ""))
        return found.label if found else ""

    target = NULL if span.is_null else span.text
    return Opinion(target, label("aspect"), label("polarity"), span.start, span.end)


class Schema(ABC):
    """The elements of a format whose texts are each the ``<text>`` of a ``<sentence>``."""

    root: ClassVar[str]
    """The name of the element that holds all others."""

    answers: ClassVar[tuple[str, ...]]
    """Those of a sentence that say something of its text."""

    def sentences(self, child: etree._Element) -> list[etree._Element]:
        """Those of what stands directly below the root.

        Raises:
            InputError: If it is of a kind that is not annotated sentence by sentence.
        """
        return [*child.iter("sentence")]

    @abstractmethod
    def require(self, roles: Roles) -> None:
        """Refuses a model that does not tell what the format has to say.

        Raises:
            InputError: Naming what it lacks.
        """

    @abstractmethod
    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """What is said of a text, as elements of a sentence."""
