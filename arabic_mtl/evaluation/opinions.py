"""Converts gold annotations and predictions into opinions."""

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
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.tasks import Task


def example_opinions(example: Example) -> list[Opinion]:
    """Returns a text's gold opinions from its parallel layers ``aspect`` and ``polarity``.

    They are sorted by offset, NULL targets first. A text without one of the layers has none.
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
    """The tasks that together predict the opinions of a corpus's texts.

    Tasks are identified by kind and layer, not by name. If several tasks have the same role, the
    first is used.

    Args:
        corpus: The name of the corpus.
        tasks: All tasks by name.
    """

    def __init__(self, corpus: str, tasks: Mapping[str, Task]) -> None:
        self.tasks = tasks
        own = {name: task for name, task in tasks.items() if corpus in task.corpora}
        decoders = {name: task.decoder for name, task in own.items()}
        # One polarity for a whole text is not the polarity of each of its opinions.
        layers = {
            name: own[name].layers[0]
            for name, decoder in decoders.items()
            if decoder.kind != "sequence" and len(own[name].layers) == 1
        }
        self.roles = roles_of(layers, decoders)
        """Role to the name of its task, without roles that no task has."""

    def categories(self, example: PredictedExample) -> list[Opinion]:
        """Returns an opinion without target for each label of the category task."""
        return [Opinion(NULL, category.label, "", 0, 0) for category in self._labels(example)]

    def targets(self, example: PredictedExample) -> list[Opinion]:
        """Returns an opinion without category for each span of the tagger."""
        return [_opinion(example.text, span, "") for span in _spans(example, self.roles["target"])]

    def aspects(self, example: PredictedExample) -> list[Opinion]:
        """Returns opinions with targets and categories.

        A span gets the likeliest category that belongs to its label (`category_of`); a span
        without such a category is left out. A predicted category that belongs to no span gets the
        target NULL.
        """
        spans = _spans(example, self.roles["target"])
        categories = [self._category(example, span.label) for span in spans]
        pairs = zip(spans, categories, strict=True)
        named = [_opinion(example.text, span, category) for span, category in pairs if category]
        return named + [o for o in self.categories(example) if o.category not in categories]

    def polarities(self, example: PredictedExample, gold: Sequence[Opinion]) -> list[Opinion]:
        """Returns the gold opinions, with the polarities that the model gives them."""
        opinions = sorted(gold, key=attrgetter("start", "end"))  # the order of an example's spans
        spans = sorted(_spans(example, self.roles["polarity"]), key=attrgetter("start", "end"))
        return [replace(o, polarity=s.label) for o, s in zip(opinions, spans, strict=True)]

    def _labels(self, example: PredictedExample) -> tuple[LabelScore, ...]:
        prediction = example.predicted[self.roles["category"]]
        return prediction.labels if isinstance(prediction, TextPrediction) else ()

    def _category(self, example: PredictedExample, label: str) -> str | None:
        """Returns the category of a span with this label."""
        if self.roles["aspect"] == self.roles["target"]:
            return label
        name = self.roles["category"]
        prediction = example.predicted[name]
        if not isinstance(prediction, TextPrediction):
            return None
        outputs = self.tasks[name].decoder.outputs
        category = category_of(label, outputs, prediction.distribution)
        return category.label if category else None


def _spans(example: PredictedExample, task: str) -> tuple[SpanPrediction, ...]:
    prediction = example.predicted[task]
    return prediction.spans if isinstance(prediction, SpansPrediction) else ()


def _opinion(text: str, span: SpanPrediction, category: str) -> Opinion:
    return Opinion(text[span.start : span.end], category, "", span.start, span.end)
