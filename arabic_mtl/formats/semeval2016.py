"""Reviews in the XML of SemEval-2016 Task 5, SB1."""

from typing import ClassVar

from lxml import etree

from arabic_mtl.annotation import Annotation
from arabic_mtl.errors import InputError
from arabic_mtl.formats.opinions import Roles, opinions
from arabic_mtl.formats.schema import Schema


class Reviews(Schema):
    """Sentences with ``<Opinions>``: target, category, polarity, and the target's place.

    An opinion has a category; what the model says of a span without one is left out. A model
    that tells no polarities leaves them out.
    """

    root: ClassVar[str] = "Reviews"
    answers: ClassVar[tuple[str, ...]] = ("Opinions",)

    def sentences(self, child: etree._Element) -> list[etree._Element]:
        """Those of a review; refuses SB2, whose opinions are on whole reviews."""
        if child.find("Opinions") is not None:
            raise InputError(
                "the sentences of a file are annotated, one by one",
                found=f"<Opinions> directly below <{child.tag!s}>, on the whole of it (SB2)",
                expected="opinions below <sentence> (SB1), or none; whole reviews as JSON lines",
                line=child.sourceline,
            )
        return super().sentences(child)

    def require(self, roles: Roles) -> None:
        """Refuses a model whose targets have no categories."""
        if "aspect" not in roles and [*roles] != ["category"]:
            told = ", ".join(sorted(roles)) or "nothing"
            raise InputError(
                "an <Opinion> has a category, and so has each span that the model finds",
                found=f"a model that tells {told}, and of no span its category",
                expected="--output-format jsonl; or a model whose sentiment is given categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """``<Opinions>``, if there are any."""
        element = etree.Element("Opinions")
        for opinion in opinions(annotation, roles):
            if opinion.category:
                attributes = {
                    "target": opinion.target,
                    "category": opinion.category,
                    "polarity": opinion.polarity,
                    "from": str(opinion.start),
                    "to": str(opinion.end),
                }
                told = {name: value for name, value in attributes.items() if value}
                etree.SubElement(element, "Opinion", told)
        return [element] if len(element) else []
