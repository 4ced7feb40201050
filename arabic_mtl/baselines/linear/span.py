"""One label per span: from its text, its words and those around it."""

from collections.abc import Sequence

import torch

from arabic_mtl.baselines.linear.features import Views, joined
from arabic_mtl.baselines.linear.learn import Piece, Predictor, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.sequence import classifier
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, SpanClassification

_WINDOW = 5  # words on either side


@learn.register
def learn_spans(task: SpanClassification, pieces: Sequence[Piece]) -> Predictor:
    """From what a network's head gets, too: the text, the place of the span, and what is given."""
    views = [of for piece in pieces for of in _all_views(task, piece.texts, piece.targets)]
    labels = torch.cat([piece.targets["labels"] for piece in pieces])
    groups = [p.groups[row] for p in pieces for row in p.targets["spans"][:, 0].tolist()]
    classify = classifier(task, views, labels, groups)

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        return {"logits": classify(_all_views(task, texts, targets))}

    return predict


def span_views(text: Text, start: int, end: int) -> Views:
    """The text; the words around the span and in it; those before it, in it, and behind it.

    Of a NULL span there is only the text.

    Args:
        text: Which the span is in.
        start: Its first raw character.
        end: One past its last.
    """
    inside = [n for n, word in enumerate(text.places) if word.start < end and word.end > start]
    if start == end or not inside:
        return joined(text.words), "", "", "", ""
    first, last = inside[0], inside[-1] + 1
    before = text.words[max(first - _WINDOW, 0) : first]
    target, behind = text.words[first:last], text.words[last : last + _WINDOW]
    parts = (text.words, [*before, *target, *behind], before, target, behind)
    return tuple(joined(words) for words in parts)


def _all_views(task: SpanClassification, texts: Sequence[Text], targets: Targets) -> list[Views]:
    places = targets["spans"][:, :3].tolist()
    views = [span_views(texts[row], start, end) for row, start, end in places]
    if task.given is None:
        return views
    told = [task.given.name(number) for number in targets["given"].tolist()]
    return [(*of_span, label) for of_span, label in zip(views, told, strict=True)]
