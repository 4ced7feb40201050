"""The opinions in an annotation."""

from collections.abc import Mapping

from arabic_mtl.documents import NULL, AnnotatedSpan, Annotation, Opinion

Roles = Mapping[str, str]
"""Role in an opinion to the task that fills it (`arabic_mtl.decoders.roles`)."""


def opinions(annotation: Annotation, roles: Roles) -> list[Opinion]:
    """Returns the opinions on a text, in the order of their targets, NULL first.

    A category of the text that no span has is an opinion on NULL.
    """
    on_spans = [_opinion(span, roles) for span in annotation.spans]
    known = {opinion.category for opinion in on_spans}
    categories = annotation.labels.get(roles.get("category", ""), ())
    others = [label.label for label in categories if label.label not in known]
    return [Opinion(NULL, category, "", 0, 0) for category in others] + on_spans


def _opinion(span: AnnotatedSpan, roles: Roles) -> Opinion:
    def label(role: str) -> str:
        found = span.labels.get(roles.get(role, ""))
        return found.label if found else ""

    target = NULL if span.is_null else span.text
    return Opinion(target, label("aspect"), label("polarity"), span.start, span.end)
