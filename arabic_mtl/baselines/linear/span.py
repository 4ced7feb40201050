"""Single-label classification of spans, from the text, the span and the words around it."""

from collections.abc import Sequence

import torch

from arabic_mtl.baselines.linear.features import Views, join_words
from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.sequence import classifier
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, SpanClassification

_WINDOW = 5  # words on either side


@learn.register
def learn_spans(task: SpanClassification, parts: Sequence[TrainingRows]) -> Predictor:
    """Learns labels from the inputs of a network's head: text, span offsets and condition."""
    views = [item for rows in parts for item in _all_views(task, rows.texts, rows.targets)]
    labels = torch.cat([rows.targets["labels"] for rows in parts])
    groups = [rows.groups[row] for rows in parts for row in rows.targets["spans"][:, 0].tolist()]
    classify = classifier(task, views, labels, groups)

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        return {"logits": classify(_all_views(task, texts, targets))}

    return predict


def span_views(text: Text, start: int, end: int) -> Views:
    """Returns the views of a span.

    The views are the whole text, the span with the words around it, the words before the span,
    the span, and the words after it. A NULL span has the whole text alone.

    Args:
        text: The text of the span.
        start: The span's first raw character.
        end: One past its last character.
    """
    offsets = enumerate(text.word_offsets)
    inside = [index for index, word in offsets if word.start < end and word.end > start]
    if start == end or not inside:
        return join_words(text.words), "", "", "", ""
    first, last = inside[0], inside[-1] + 1
    left = text.words[max(first - _WINDOW, 0) : first]
    target, right = text.words[first:last], text.words[last : last + _WINDOW]
    views = (text.words, [*left, *target, *right], left, target, right)
    return tuple(join_words(words) for words in views)


def _all_views(task: SpanClassification, texts: Sequence[Text], targets: Targets) -> list[Views]:
    spans = targets["spans"][:, :3].tolist()
    views = [span_views(texts[row], start, end) for row, start, end in spans]
    if task.condition is None:
        return views
    conditions = [task.condition.label(index) for index in targets["conditions"].tolist()]
    return [(*span, label) for span, label in zip(views, conditions, strict=True)]
