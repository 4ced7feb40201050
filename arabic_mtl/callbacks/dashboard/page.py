"""What there is to see of a task in an evaluation."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.confusion import confusion_picture
from arabic_mtl.callbacks.dashboard.curves import curves_picture
from arabic_mtl.callbacks.dashboard.labels import labels_picture
from arabic_mtl.callbacks.dashboard.mistakes import mistakes
from arabic_mtl.callbacks.dashboard.reliability import reliability_picture
from arabic_mtl.callbacks.dashboard.style import styled
from arabic_mtl.evaluation import Answer, class_scores
from arabic_mtl.evaluation.calibration import calibration_error, confidences, label_confidences
from arabic_mtl.evaluation.decisions import confusion, decisions
from arabic_mtl.tasks import MultiLabelClassification, Task


class Page(NamedTuple):
    """A task's part of the dashboard.

    Args:
        pictures: By what they show.
        mistakes: The worst ones, in TensorBoard's Markdown.
        calibration: The expected calibration error; None where nothing has a probability.
    """

    pictures: dict[str, Figure]
    mistakes: str
    calibration: float | None


@styled
def page(task: Task, name: str, answers: Sequence[Answer]) -> Page | None:
    """Draws a task's pictures; None of a task without gold, or of an unknown kind.

    Args:
        task: Its kind decides on the pictures.
        name: What it is called in the answers, and in the pictures' titles.
        answers: Of one evaluation.
    """
    made = decisions(task, name, answers)
    if not made:
        return None
    scores = class_scores(answers, name, task)
    pictures = {"labels": labels_picture(name, task.labels, scores)}
    if isinstance(task, MultiLabelClassification):
        given = label_confidences(task, name, answers)
        pictures["curves"] = curves_picture(name, task, given)
    else:
        given = confidences(made)
        pictures["confusion"] = confusion_picture(name, task.labels, confusion(made, task.labels))
    if not len(given.values):
        return Page(pictures, mistakes(made), None)
    pictures["reliability"] = reliability_picture(name, given)
    return Page(pictures, mistakes(made), calibration_error(given))
