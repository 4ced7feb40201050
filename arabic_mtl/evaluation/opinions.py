"""A model's predictions for a text, as opinions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from arabic_mtl.decoders import category_of, roles_of
from arabic_mtl.documents import (
    NULL,
    Example,
    LabelScore,
    Opinion,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import Task


def gold_opinions_of(example: Example) -> list[Opinion]:
    """Returns a text's opinions by place, from its parallel layers ``aspect`` and ``polarity``.

    NULL targets come first; none where the text lacks one of the layers.
    """
    aspects, polarities = (example.spans.get(layer, ()) for layer in ("aspect", "polarity"))
    if [(s.start, s.end) for s in aspects] != [(s.start, s.end) for s in polarities]:
        return []
    return [
        Opinion(
            NULL if aspect.is_null else example.text[aspect.start : aspect.end],
            aspect.label,
            polarity.label,
            aspect.start,
            aspect.end,
        )
        for aspect, polarity in zip(aspects, polarities, strict=True)
    ]


class OpinionTasks:
    """The tasks by which the opinions on a corpus's texts are told.

    They are known by kind and layer, not by name; of several for one role the first is taken.

    Args:
        corpus: The corpus.
        tasks: All tasks, by name.
    """

    def __init__(self, corpus: str, tasks: Mapping[str, Task]) -> None:
        self.tasks = tasks
        own = {name: task for name, task in tasks.items() if corpus in task.corpora}
        decoders = {name: task.decoder for name, task in own.items()}
        # A text has many opinions: one label for all of it is the polarity of none.
        layers = {
            name: own[name].layers[0]
            for name, decoder in decoders.items()
            if decoder.kind != "sequence" and len(own[name].layers) == 1
        }
        self.roles = roles_of(layers, decoders)
        """Role to the name of its task; a role that no task has is not there."""

    def categories(self, answer: Answer) -> list[Opinion]:
        """Returns those of the category task, without targets."""
        return [Opinion(NULL, each.label, "", 0, 0) for each in self._labels(answer)]

    def targets(self, answer: Answer) -> list[Opinion]:
        """Returns the spans of the tagger, without categories."""
        return [_opinion(answer.text, span, "") for span in _spans(answer, self.roles["target"])]

    def aspects(self, answer: Answer) -> list[Opinion]:
        """Returns targets and categories joined.

        A span gets the category that belongs to its label (`category_of`); without any, the span
        is left out. A predicted category that no span has got is about NULL.
        """
        spans = _spans(answer, self.roles["target"])
        categories = [self._category(answer, span.label) for span in spans]
        pairs = zip(spans, categories, strict=True)
        named = [_opinion(answer.text, span, category) for span, category in pairs if category]
        return named + [o for o in self.categories(answer) if o.category not in categories]

    def polarities(self, answer: Answer, gold: Sequence[Opinion]) -> list[Opinion]:
        """Returns the gold opinions, with the polarities that the model gives them."""
        in_order = sorted(gold, key=attrgetter("start", "end"))  # as spans stand in an example
        spans = sorted(_spans(answer, self.roles["polarity"]), key=attrgetter("start", "end"))
        return [replace(o, polarity=s.label) for o, s in zip(in_order, spans, strict=True)]

    def _labels(self, answer: Answer) -> tuple[LabelScore, ...]:
        prediction = answer.predicted[self.roles["category"]]
        return prediction.labels if isinstance(prediction, TextPrediction) else ()

    def _category(self, answer: Answer, label: str) -> str | None:
        """Returns the category of a span with this label."""
        if self.roles["aspect"] == self.roles["target"]:
            return label
        name = self.roles["category"]
        prediction = answer.predicted[name]
        if not isinstance(prediction, TextPrediction):
            return None
        outputs = self.tasks[name].decoder.outputs
        category = category_of(label, outputs, prediction.distribution)
        return category.label if category else None


def _spans(answer: Answer, task: str) -> tuple[SpanPrediction, ...]:
    prediction = answer.predicted[task]
    return prediction.spans if isinstance(prediction, SpansPrediction) else ()


def _opinion(text: str, span: SpanPrediction, category: str) -> Opinion:
    return Opinion(text[span.start : span.end], category, "", span.start, span.end)
