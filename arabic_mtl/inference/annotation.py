"""The predictions of all tasks for a text as one annotation."""

from collections.abc import Callable, Collection, Mapping
from itertools import count

from arabic_mtl.decoders import Decoder, category_of
from arabic_mtl.documents import (
    AnnotatedSpan,
    Annotation,
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)

Score = Callable[[float], float]
"""Calibrates a probability."""

_Key = tuple[int, int, str, int]
"""Start, end, condition of a NULL span, and a count where a task labels one place repeatedly."""

_Spans = dict[_Key, dict[str, LabelScore]]


class Joiner:
    """Joins predictions about the same span of a text.

    Args:
        decoders: By task.
        of_spans: The tasks that label spans.
        scores: By task, what calibrates its probabilities.
        roles: Role in an opinion to its task (`arabic_mtl.decoders.roles_of`).
    """

    def __init__(
        self,
        decoders: Mapping[str, Decoder],
        of_spans: Collection[str],
        scores: Mapping[str, Score],
        roles: Mapping[str, str],
    ) -> None:
        self._decoders, self._of_spans = decoders, of_spans
        self._scores, self._roles = scores, roles

    def annotation(self, text: str, predictions: Mapping[str, Prediction | None]) -> Annotation:
        """Returns all predictions for a text as one annotation.

        Args:
            text: The text.
            predictions: By task; None for a text without words.
        """
        labels: dict[str, tuple[LabelScore, ...]] = {}
        values: dict[str, float] = {}
        spans: _Spans = {}
        for name, prediction in predictions.items():
            if isinstance(prediction, SpansPrediction):
                self._add(spans, name, prediction)
            elif isinstance(prediction, ValuePrediction):
                values[name] = prediction.value
            elif isinstance(prediction, TextPrediction):
                labels[name] = tuple(self._calibrated(name, each) for each in prediction.labels)
            elif name not in self._of_spans and self._decoders[name].predicts is TextPrediction:
                labels[name] = ()
        self._add_categories(spans, predictions)
        in_order = sorted(spans.items(), key=lambda item: item[0])
        annotated = [
            AnnotatedSpan(start, end, text[start:end], own) for (start, end, *_), own in in_order
        ]
        return Annotation(text, tuple(annotated), labels, values)

    def _add(self, spans: _Spans, name: str, prediction: SpansPrediction) -> None:
        condition_from = self._decoders[name].condition_from
        for span in prediction.spans:
            keys = ((*_place(span), number) for number in count())
            own = next(o for key in keys if name not in (o := spans.setdefault(key, {})))
            if condition_from and span.condition:
                own[condition_from] = self._calibrated(condition_from, span.condition)
            own[name] = self._calibrated(name, LabelScore(span.label, span.score))

    def _add_categories(self, spans: _Spans, predictions: Mapping[str, Prediction | None]) -> None:
        """Gives each found span without a category the one that belongs to its label."""
        target, aspect = self._roles.get("target", ""), self._roles.get("aspect", "")
        prediction = predictions.get(aspect)
        if target == aspect or not isinstance(prediction, TextPrediction):
            return
        for own in spans.values():
            if target in own and aspect not in own:
                outputs = self._decoders[aspect].outputs
                category = category_of(own[target].label, outputs, prediction.distribution)
                if category is not None:
                    own[aspect] = self._calibrated(aspect, category)

    def _calibrated(self, task: str, label: LabelScore) -> LabelScore:
        return LabelScore(label.label, self._scores[task](label.score))


def _place(span: SpanPrediction) -> tuple[int, int, str]:
    """Returns the place of a span; of NULL, which may come more than once, also its condition."""
    topic = span.condition.label if span.is_null and span.condition else ""
    return span.start, span.end, topic
