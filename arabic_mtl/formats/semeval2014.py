"""Sentences in the XML of SemEval-2014 Task 4."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from lxml import etree

from arabic_mtl.documents import Annotation, Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.opinions import Roles, opinions
from arabic_mtl.formats.reviews import Seen
from arabic_mtl.formats.writer import Model
from arabic_mtl.formats.xml_document import XmlDocument


@dataclass(frozen=True, kw_only=True)
class SemEval2014(XmlDocument):
    """Sentences with ``<aspectTerms>``, the targets, and ``<aspectCategories>``, to annotate.

    A category has the polarity of the opinions that are of it. A model without polarities leaves
    them out.
    """

    root: ClassVar[str] = "sentences"
    answers: ClassVar[tuple[str, ...]] = ("aspectTerms", "aspectCategories")

    def examples(self, child: etree._Element, seen: Seen) -> Iterator[Example]:
        """Yields the sentences, without their annotations."""
        for sentence in child.iter("sentence"):
            yield self.sentence(sentence)

    def require(self, model: Model) -> None:
        """Refuses a model that finds neither targets nor categories.

        Raises:
            InputError: Naming what it finds.
        """
        roles = model.roles
        if not {"target", "category"} & roles.keys():
            raise InputError(
                "a sentence has aspect terms, or aspect categories, or both",
                found=f"a model that tells {', '.join(sorted(roles)) or 'neither'}",
                expected="--output-format jsonl; or a model that finds targets or categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns either element, if it has children."""
        found = opinions(annotation, roles)
        terms, categories = etree.Element("aspectTerms"), etree.Element("aspectCategories")
        for opinion in found:
            if not opinion.is_null:
                place = {"from": str(opinion.start), "to": str(opinion.end)}
                attributes = {"term": opinion.target, **_polarity([opinion]), **place}
                etree.SubElement(terms, "aspectTerm", attributes)
        for label in annotation.labels.get(roles.get("category", ""), ()):
            of_category = [opinion for opinion in found if opinion.category == label.label]
            attributes = {"category": label.label, **_polarity(of_category)}
            etree.SubElement(categories, "aspectCategory", attributes)
        return [element for element in (terms, categories) if len(element)]


def _polarity(opinions: Iterable[Opinion]) -> dict[str, str]:
    """Returns the polarity of several opinions: for and against is ``conflict``."""
    known = {opinion.polarity for opinion in opinions} - {""}
    clear = known - {"neutral"} or known
    return {"polarity": "conflict" if len(clear) > 1 else clear.pop()} if clear else {}
