"""The pictures of an evaluation."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from arabic_mtl.dashboard.calibration import confidences
from arabic_mtl.dashboard.confusion import confusion_picture
from arabic_mtl.dashboard.counts import confusion
from arabic_mtl.dashboard.curves import curves_picture
from arabic_mtl.dashboard.decisions import decisions
from arabic_mtl.dashboard.labels import labels_picture
from arabic_mtl.dashboard.reliability import reliability_picture
from arabic_mtl.dashboard.style import styled
from arabic_mtl.evaluation import Answer, class_scores
from arabic_mtl.tasks import MultiLabelClassification, Task


@styled
def pictures(task: Task, name: str, answers: Sequence[Answer]) -> dict[str, Figure]:
    """What there is to see of a task; nothing of one without gold, or of an unknown kind.

    Args:
        task: Its kind decides on the pictures.
        name: What it is called in the answers, and in the pictures' titles.
        answers: Of one evaluation.
    """
    made: dict[str, Figure] = {}
    found = decisions(task, name, answers)
    if not found:
        return made
    given = confidences(task, name, answers)
    made["labels"] = labels_picture(name, task.labels, class_scores(answers, name, task))
    if isinstance(task, MultiLabelClassification):
        made["curves"] = curves_picture(name, task, given)
    else:
        made["confusion"] = confusion_picture(name, task.labels, confusion(found, task.labels))
    if len(given.values):
        made["reliability"] = reliability_picture(name, given)
    return made
