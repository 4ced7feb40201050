"""Multi-label classification: one SVM per label, with a common cut of the margins."""

from collections.abc import Sequence

import torch
from torch import Tensor

from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.sequence import labelled, text_views
from arabic_mtl.baselines.linear.tuned import TunedSVM, calibration
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, MultiLabelClassification

_LEAST = 1e-6  # the logits of the probabilities 0 and 1 are infinite


@learn.register
def learn_labels(task: MultiLabelClassification, parts: Sequence[TrainingRows]) -> Predictor:
    """Learns labels from the text and its pair; micro-F1 decides on C and the cut."""
    views, labels, groups = labelled(parts)
    svm = TunedSVM(views, labels, groups, lambda margins: best_cut(margins, labels)[1])
    cut, _ = best_cut(svm.held_out, labels)
    above = svm.held_out - cut
    targets = {"labels": labels}
    factor = calibration(
        above,
        lambda scaled: task.loss({"logits": at_threshold(scaled, task.threshold)}, targets)[0],
    )

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        above = svm.margins(text_views(texts)) - cut
        return {"logits": at_threshold(factor * above, task.threshold).float()}

    return predict


def best_cut(margins: Tensor, labels: Tensor) -> tuple[float, float]:
    """Returns the cut of the margins with the best micro-F1, and that F1.

    A label is predicted if its margin is above the cut. Without gold labels, the cut is above all
    margins.

    >>> best_cut(torch.tensor([[2.0, -3.0], [1.0, 0.0]]), torch.tensor([[1, 0], [1, 0]]))
    (0.5, 1.0)
    """
    ranked, order = margins.flatten().sort(descending=True, stable=True)
    correct = labels.flatten()[order].cumsum(dim=0)  # among the highest margins
    predicted = torch.arange(1, len(ranked) + 1)
    f1 = torch.cat([torch.zeros(1), 2 * correct / (predicted + correct[-1])])
    edges = torch.cat([ranked[:1] + 1, ranked, ranked[-1:] - 1])
    best = int(f1.argmax())
    return float(edges[best : best + 2].mean()), float(f1[best])


def at_threshold(above: Tensor, threshold: float) -> Tensor:
    """Returns logits whose probabilities reach the threshold where a margin is 0 or more.

    Args:
        above: The margins minus the cut (texts, labels).
        threshold: The probability from which the task predicts a label.

    >>> at_threshold(torch.tensor([-1.0, 0.0, 1.0]), 0.2).sigmoid()
    tensor([0.0842, 0.2000, 0.4046])
    """
    return above + torch.tensor(threshold, dtype=above.dtype).logit(_LEAST)
