"""Assembly of all tasks' predictions for a text into one annotation."""

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
"""Maps a probability to a calibrated one."""

_Key = tuple[int, int, str, int]
"""Start, end, condition of a NULL span, and a counter for repeated spans of one task."""

_Spans = dict[_Key, dict[str, LabelScore]]


class AnnotationBuilder:
    """A builder of annotations that merges the labels which several tasks give one span.

    Args:
        decoders: Task to its decoder.
        span_tasks: The tasks that label spans.
        scores: Task to the function that calibrates its probabilities.
        roles: Role in an opinion to its task (`arabic_mtl.decoders.roles_of`).
    """

    def __init__(
        self,
        decoders: Mapping[str, Decoder],
        span_tasks: Collection[str],
        scores: Mapping[str, Score],
        roles: Mapping[str, str],
    ) -> None:
        self._decoders, self._span_tasks = decoders, span_tasks
        self._scores, self._roles = scores, roles

    def annotation(self, text: str, predictions: Mapping[str, Prediction | None]) -> Annotation:
        """Returns the predictions of all tasks for a text as one annotation.

        Args:
            text: The raw text.
            predictions: Task to its prediction; None for a text without words.
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
            elif name not in self._span_tasks and self._decoders[name].predicts is TextPrediction:
                labels[name] = ()
        self._add_categories(spans, predictions)
        annotated = [
            AnnotatedSpan(start, end, text[start:end], own)
            for (start, end, *_), own in sorted(spans.items(), key=lambda item: item[0])
        ]
        return Annotation(text, tuple(annotated), labels, values)

    def _add(self, spans: _Spans, name: str, prediction: SpansPrediction) -> None:
        """Adds the labels that a task gives its spans."""
        condition_from = self._decoders[name].condition_from
        for span in prediction.spans:
            keys = ((*_offsets(span), number) for number in count())
            candidates = (spans.setdefault(key, {}) for key in keys)
            own = next(labels for labels in candidates if name not in labels)
            if condition_from and span.condition:
                own[condition_from] = self._calibrated(condition_from, span.condition)
            own[name] = self._calibrated(name, LabelScore(span.label, span.score))

    def _add_categories(self, spans: _Spans, predictions: Mapping[str, Prediction | None]) -> None:
        """Adds a category to each predicted target without one: the one that fits its label."""
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
        """Returns a label with its calibrated score."""
        return LabelScore(label.label, self._scores[task](label.score))


def _offsets(span: SpanPrediction) -> tuple[int, int, str]:
    """Returns start, end and, for NULL spans, the condition that tells several NULLs apart."""
    topic = span.condition.label if span.is_null and span.condition else ""
    return span.start, span.end, topic
