"""Single-label classification of texts: one SVM per label; the highest margin wins."""

from collections.abc import Callable, Sequence

import torch
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.baselines.linear.features import Views, join_words
from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.tuned import TunedSVM, calibration
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import LabelTask, Logits, SequenceClassification
from arabic_mtl.tasks.losses import IGNORED


@learn.register
def learn_sequences(task: SequenceClassification, parts: Sequence[TrainingRows]) -> Predictor:
    """Learns labels from the text and its pair."""
    classify = classifier(task, *labelled(parts))

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        return {"logits": classify(text_views(texts))}

    return predict


def text_views(texts: Sequence[Text]) -> list[Views]:
    """Returns the views of each text: the text and its pair."""
    return [(join_words(text.words), join_words(text.pair)) for text in texts]


def labelled(parts: Sequence[TrainingRows]) -> tuple[list[Views], Tensor, list[str]]:
    """Returns the views, labels and groups of the rows that have labels."""
    labels = torch.cat([rows.targets["labels"] for rows in parts])
    views = [views for rows in parts for views in text_views(rows.texts)]
    groups = [group for rows in parts for group in rows.groups]
    indices = (labels.view(len(labels), -1) != IGNORED).any(dim=1).nonzero()[:, 0]
    return [views[row] for row in indices], labels[indices], [groups[row] for row in indices]


def classifier(
    task: LabelTask, views: Sequence[Views], labels: Tensor, groups: Sequence[str]
) -> Callable[[Sequence[Views]], Tensor]:
    """Trains a classifier that gives each item one label; macro-F1 decides on C.

    Args:
        task: The task, which defines the labels and the loss.
        views: The views of each item.
        labels: The index of each item's gold label (items,).
        groups: The review of each item.

    Returns:
        A function from the views of items to logits (items, labels).
    """

    def score(margins: Tensor) -> float:
        return float(f1_score(labels, margins.argmax(dim=1), average="macro"))

    gold = {"labels": labels}
    svm = TunedSVM(views, one_hot(labels, task.size), groups, score)
    factor = calibration(svm.held_out, lambda scaled: task.loss({"logits": scaled}, gold)[0])
    return lambda items: (factor * svm.margins(items)).float()
