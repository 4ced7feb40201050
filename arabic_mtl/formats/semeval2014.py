"""Sentences in the XML of SemEval-2014 Task 4."""

from collections.abc import Iterable
from typing import ClassVar

from lxml import etree

from arabic_mtl.documents import Annotation, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.schema import Roles, Schema, opinions


class Sentences(Schema):
    """Sentences with ``<aspectTerms>``, the targets, and ``<aspectCategories>``.

    A category has the polarity of the opinions that are of it. A model that tells no polarities
    leaves them out.
    """

    root: ClassVar[str] = "sentences"
    answers: ClassVar[tuple[str, ...]] = ("aspectTerms", "aspectCategories")

    def require(self, roles: Roles) -> None:
        """Refuses a model that tells neither targets nor categories."""
        if not {"target", "category"} & roles.keys():
            raise InputError(
                "a sentence has aspect terms, or aspect categories, or both",
                found=f"a model that tells {', '.join(sorted(roles)) or 'neither'}",
                expected="--output-format jsonl; or a model that finds targets or categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Either, if there are any."""
        found = opinions(annotation, roles)
        terms, categories = etree.Element("aspectTerms"), etree.Element("aspectCategories")
        for opinion in found:
            if not opinion.is_null:
                place = {"from": str(opinion.start), "to": str(opinion.end)}
                told = {"term": opinion.target, **_polarity([opinion]), **place}
                etree.SubElement(terms, "aspectTerm", told)
        for label in annotation.labels.get(roles.get("category", ""), ()):
            of_category = [opinion for opinion in found if opinion.category == label.label]
            told = {"category": label.label, **_polarity(of_category)}
            etree.SubElement(categories, "aspectCategory", told)
        return [element for element in (terms, categories) if len(element)]


def _polarity(opinions: Iterable[Opinion]) -> dict[str, str]:
    """That of several: where they are for and against it, ``conflict``."""
    known = {opinion.polarity for opinion in opinions} - {""}
    clear = known - {"neutral"} or known
    return {"polarity": "conflict" if len(clear) > 1 else clear.pop()} if clear else {}
