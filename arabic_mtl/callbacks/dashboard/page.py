"""The TensorBoard page of each task: figures, worst mistakes and calibration error."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from arabic_mtl.callbacks.dashboard.confusion import confusion_picture
from arabic_mtl.callbacks.dashboard.curves import curves_picture
from arabic_mtl.callbacks.dashboard.labels import labels_picture
from arabic_mtl.callbacks.dashboard.mistakes import mistakes
from arabic_mtl.callbacks.dashboard.reliability import reliability_picture
from arabic_mtl.callbacks.dashboard.style import styled
from arabic_mtl.evaluation import PredictedExample, class_scores
from arabic_mtl.evaluation.calibration import calibration_error, confidences
from arabic_mtl.evaluation.decisions import confusion, decisions
from arabic_mtl.tasks import Task


class Page(NamedTuple):
    """A task's TensorBoard page.

    Args:
        pictures: The figures by kind, such as ``confusion``.
        mistakes: The table of the worst mistakes, in TensorBoard's Markdown.
        calibration: The expected calibration error; None without probabilities.
    """

    pictures: dict[str, Figure]
    mistakes: str
    calibration: float | None


@styled
def page(task: Task, name: str, examples: Sequence[PredictedExample]) -> Page | None:
    """Draws a task's page.

    Args:
        task: The task, whose kind decides which figures are drawn.
        name: The task's name in the examples, and in the figures' titles.
        examples: The predictions of one evaluation.

    Returns:
        The page; None for a task without gold labels, or whose kind yields no decisions.
    """
    counted = decisions(task, name, examples)
    if not counted:
        return None
    labels, items = task.decoder.outputs, confidences(task, name, examples)
    pictures = {"labels": labels_picture(name, labels, class_scores(examples, name, task))}
    threshold = task.decoder.threshold
    if threshold is None:
        pictures["confusion"] = confusion_picture(name, labels, confusion(counted, labels))
    else:
        pictures["curves"] = curves_picture(name, labels, threshold, items)
    if not len(items.values):
        return Page(pictures, mistakes(counted), None)
    pictures["reliability"] = reliability_picture(name, items)
    return Page(pictures, mistakes(counted), calibration_error(items))


def write_pages(
    writer: SummaryWriter,
    tasks: Mapping[str, Task],
    examples: Sequence[PredictedExample],
    step: int,
) -> None:
    """Writes each task's figures, its calibration error and its worst mistakes.

    Args:
        writer: The run's TensorBoard writer.
        tasks: The tasks by name.
        examples: The predictions on the validation split. Mistakes on the test split must not be
            shown: whoever tunes a model on them no longer has a held-out test.
        step: The optimizer step at which they are shown.
    """
    for name, task in tasks.items():
        if content := page(task, name, examples):
            tag = f"val/{name}"
            for kind, figure in content.pictures.items():
                writer.add_image(f"{tag}/{kind}", render(figure), step, dataformats="HWC")
            writer.add_text(f"{tag}/mistakes", content.mistakes, step)
            if content.calibration is not None:
                writer.add_scalar(f"{tag}/ece", content.calibration, step)


@styled
def render(figure: Figure) -> NDArray[np.uint8]:
    """Returns a figure's pixels (height, width, 3); pyplot would keep the figure in memory."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
