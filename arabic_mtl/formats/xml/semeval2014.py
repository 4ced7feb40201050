"""The XML format of SemEval-2014 Task 4."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from lxml import etree

from arabic_mtl.documents import Annotation, Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.writer import Model
from arabic_mtl.formats.xml.opinions import Roles, opinions
from arabic_mtl.formats.xml.reviews import SeenIds
from arabic_mtl.formats.xml.xml_document import XmlDocument


@dataclass(frozen=True, kw_only=True)
class SemEval2014(XmlDocument):
    """Sentences in the XML of SemEval-2014 Task 4 (Pontiki et al., 2014); for annotation only.

    The output has the targets as ``<aspectTerms>`` and the categories as ``<aspectCategories>``.
    The polarity of a category is that of its opinions. Without a task for polarities the output
    has none.
    """

    root: ClassVar[str] = "sentences"
    annotation_elements: ClassVar[tuple[str, ...]] = ("aspectTerms", "aspectCategories")

    def examples(self, child: etree._Element, seen: SeenIds) -> Iterator[Example]:
        """Yields the sentences without their annotations."""
        for sentence in child.iter("sentence"):
            yield self.sentence(sentence)

    def require(self, model: Model) -> None:
        """Checks that a model predicts targets or categories.

        Raises:
            InputError: If the model predicts neither of them.
        """
        roles = model.roles
        if not {"target", "category"} & roles.keys():
            raise InputError(
                "the model must predict targets or categories, which SemEval-2014's XML contains",
                found=f"a model that predicts {', '.join(sorted(roles)) or 'neither'}",
                expected="--output-format jsonl; or a model that predicts targets or categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns ``<aspectTerms>`` and ``<aspectCategories>``, each only if it has children."""
        predicted = opinions(annotation, roles)
        terms, categories = etree.Element("aspectTerms"), etree.Element("aspectCategories")
        for opinion in predicted:
            if not opinion.is_null:
                offsets = {"from": str(opinion.start), "to": str(opinion.end)}
                attributes = {"term": opinion.target, **_polarity([opinion]), **offsets}
                etree.SubElement(terms, "aspectTerm", attributes)
        for label in annotation.labels.get(roles.get("category", ""), ()):
            matching = [opinion for opinion in predicted if opinion.category == label.label]
            attributes = {"category": label.label, **_polarity(matching)}
            etree.SubElement(categories, "aspectCategory", attributes)
        return [element for element in (terms, categories) if len(element)]


def _polarity(opinions: Iterable[Opinion]) -> dict[str, str]:
    """Returns the polarity attribute of opinions: ``conflict`` for positive and negative ones."""
    known = {opinion.polarity for opinion in opinions} - {""}
    clear = known - {"neutral"} or known
    return {"polarity": "conflict" if len(clear) > 1 else clear.pop()} if clear else {}
