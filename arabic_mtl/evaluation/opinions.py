"""What a model says of a text, as opinions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from arabic_mtl.decoders import roles_of
from arabic_mtl.documents import NULL, Opinion
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import Task


class OpinionTasks:
    """The tasks by which the opinions on a corpus's texts are told.

    They are known by kind and layer, not by name; of several for one role the first is taken.

    Args:
        corpus: The corpus.
        tasks: All tasks, by name.
    """

    def __init__(self, corpus: str, tasks: Mapping[str, Task]) -> None:
        self.tasks = tasks
        own = {name: task for name, task in tasks.items() if task.corpus == corpus}
        decoders = {name: task.decoder for name, task in own.items()}
        # A text has many opinions: one label for all of it is the polarity of none.
        layers = {name: own[name].layer for name, d in decoders.items() if d.kind != "sequence"}
        self.roles = roles_of(layers, decoders)
        """Role to the name of its task; a role that no task has is not there."""

    def categories(self, answer: Answer) -> list[Opinion]:
        """Those that the category task finds, without targets."""
        found = answer.found[self.roles["category"]]
        return [Opinion(NULL, of["label"], "", 0, 0) for of in found]

    def targets(self, answer: Answer) -> list[Opinion]:
        """The spans that the tagger finds, without categories."""
        return [_named(answer.text, span, "") for span in answer.found[self.roles["target"]]]

    def aspects(self, answer: Answer) -> list[Opinion]:
        """Targets and categories joined.

        A span gets its entity's likeliest category, whether that was found or not; without any,
        the span is left out. A category that was found, and that no span got, is about NULL.
        """
        spans = answer.found[self.roles["target"]]
        labels = [self._category(answer, span["label"]) for span in spans]
        named = [_named(answer.text, s, c) for s, c in zip(spans, labels, strict=True) if c]
        return named + [o for o in self.categories(answer) if o.category not in labels]

    def polarities(self, answer: Answer, gold: Sequence[Opinion]) -> list[Opinion]:
        """The gold opinions, with the polarities that the model gives them."""
        in_order = sorted(gold, key=attrgetter("start", "end"))  # as spans stand in an example
        found = answer.found[self.roles["polarity"]]
        return [replace(o, polarity=of["label"]) for o, of in zip(in_order, found, strict=True)]

    def _category(self, answer: Answer, label: str) -> str | None:
        """The category of a span with this label."""
        if self.tasks[self.roles["target"]].layer == "category":
            return label
        name = self.roles["category"]
        likely = zip(answer.probabilities[name], self.tasks[name].labels, strict=True)
        of_entity = [(p, category) for p, category in likely if category.split("#")[0] == label]
        return max(of_entity, key=lambda pair: pair[0])[1] if of_entity else None


def _named(text: str, span: Mapping[str, Any], category: str) -> Opinion:
    start, end = span["start"], span["end"]
    return Opinion(text[start:end], category, "", start, end)
