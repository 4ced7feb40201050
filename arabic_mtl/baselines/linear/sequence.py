"""One label per text: the one whose margin is widest."""

from collections.abc import Callable, Sequence

import torch
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.baselines.linear.features import Views, joined
from arabic_mtl.baselines.linear.learn import Piece, Predictor, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.tuned import TunedSVM, calibration
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import LabelTask, Logits, SequenceClassification
from arabic_mtl.tasks.losses import IGNORED


@learn.register
def learn_sequences(task: SequenceClassification, pieces: Sequence[Piece]) -> Predictor:
    """From the text and its pair."""
    classify = classifier(task, *labelled(pieces))

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        return {"logits": classify(text_views(texts))}

    return predict


def text_views(texts: Sequence[Text]) -> list[Views]:
    """Each text, and its pair."""
    return [(joined(text.words), joined(text.pair)) for text in texts]


def labelled(pieces: Sequence[Piece]) -> tuple[list[Views], Tensor, list[str]]:
    """The views, labels and groups of the rows that have labels."""
    labels = torch.cat([piece.targets["labels"] for piece in pieces])
    views = [views for piece in pieces for views in text_views(piece.texts)]
    groups = [group for piece in pieces for group in piece.groups]
    known = (labels.view(len(labels), -1) != IGNORED).any(dim=1).nonzero()[:, 0]
    return [views[row] for row in known], labels[known], [groups[row] for row in known]


def classifier(
    task: LabelTask, views: Sequence[Views], labels: Tensor, groups: Sequence[str]
) -> Callable[[Sequence[Views]], Tensor]:
    """Learns to give each item one label; C is chosen by macro-F1.

    Args:
        task: Its labels and loss.
        views: The items.
        labels: The number of each item's label (items,).
        groups: The review that each item is from.

    Returns:
        Items → logits (items, labels).
    """

    def score(margins: Tensor) -> float:
        return float(f1_score(labels, margins.argmax(dim=1), average="macro"))

    gold = {"labels": labels}
    svm = TunedSVM(views, one_hot(labels, task.size), groups, score)
    factor = calibration(svm.held_out, lambda scaled: task.loss({"logits": scaled}, gold)[0])
    return lambda items: (factor * svm.margins(items)).float()
