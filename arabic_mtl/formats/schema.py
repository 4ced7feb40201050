"""The contract of an XML schema: where its texts are, and what is said of them."""

from abc import ABC, abstractmethod
from typing import ClassVar

from lxml import etree

from arabic_mtl.annotation import Annotation
from arabic_mtl.formats.opinions import Roles


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
