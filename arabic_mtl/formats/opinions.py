"""An annotation as the opinions that SemEval's formats write."""

from collections.abc import Mapping

from arabic_mtl.annotation import AnnotatedSpan, Annotation
from arabic_mtl.opinion import NULL, Opinion

Roles = Mapping[str, str]
"""Of what is told of an opinion, the task that tells it (`arabic_mtl.decoding.roles`)."""


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
