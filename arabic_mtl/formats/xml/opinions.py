"""Opinions from the annotation of a text."""

from collections.abc import Mapping

from arabic_mtl.documents import NULL, AnnotatedSpan, Annotation, Opinion

Roles = Mapping[str, str]
"""Role in an opinion to the task that predicts it (`arabic_mtl.decoders.roles`)."""


def opinions(annotation: Annotation, roles: Roles) -> list[Opinion]:
    """Returns the opinions on a text, ordered by target, NULL targets first.

    A category of the whole text that is not the category of any span becomes an opinion with a
    NULL target.
    """
    span_opinions = [_opinion(span, roles) for span in annotation.spans]
    known = {opinion.category for opinion in span_opinions}
    categories = annotation.labels.get(roles.get("category", ""), ())
    others = [label.label for label in categories if label.label not in known]
    return [Opinion(NULL, category, "", 0, 0) for category in others] + span_opinions


def _opinion(span: AnnotatedSpan, roles: Roles) -> Opinion:
    def label(role: str) -> str:
        score = span.labels.get(roles.get(role, ""))
        return score.label if score else ""

    target = NULL if span.is_null else span.text
    return Opinion(target, label("aspect"), label("polarity"), span.start, span.end)
