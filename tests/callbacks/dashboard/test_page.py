"""The contents of the figures: bars, cells, curves and names."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.page import page, render
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.tasks import SequenceClassification, Task
from support.predicted import (
    MULTI,
    POLARITIES,
    SEQUENCE,
    SPAN,
    TOKEN,
    label,
    multi_label,
    predicted_example,
    single_label,
    span,
)

CHOSEN = [
    single_label("positive", [0.99, 0.01, 0.0]),
    single_label("positive", [0.95, 0.05, 0.0]),
    single_label("positive", [0.3, 0.5, 0.2]),
    single_label("negative", [0.0, 0.9, 0.1]),
]
PREDICTED = predicted_example(
    [span(0, 6, "ROOMS"), span(8, 14, "SERVICE"), span(20, 25, "ROOMS")],
    [span(0, 6, "ROOMS", 0.9), span(7, 14, "SERVICE", 0.8), span(20, 25, "SERVICE", 0.7)],
)
SEVERAL = [multi_label(["A#X", "B#Y"], [0.9, 0.2, 0.6]), multi_label(["A#X"], [0.7, 0.1, 0.3])]


def pictures(task: Task, *examples: PredictedExample) -> dict[str, Figure]:
    seen = page(task, "t", examples)
    return seen.pictures if seen else {}


def axes_of(kind: str, task: Task, *examples: PredictedExample) -> list[Axes]:
    return pictures(task, *examples)[kind].axes


def names(axes: Axes, axis: str) -> list[str]:
    labels = axes.get_xticklabels() if axis == "x" else axes.get_yticklabels()
    return [label.get_text() for label in labels]


def cells(axes: Axes) -> dict[tuple[str, str], int]:
    """Returns gold and predicted label to the number in their cell."""
    columns, rows = names(axes, "x"), names(axes, "y")
    counts = ((text.get_position(), int(text.get_text())) for text in axes.texts)
    return {(rows[int(y)], columns[int(x)]): number for (x, y), number in counts}


def heights(axes: Axes) -> list[float]:
    return [bar.get_height() for bar in axes.patches]  # type: ignore[attr-defined]


def widths(axes: Axes) -> list[float]:
    return [bar.get_width() for bar in axes.patches]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("task", "examples", "kinds"),
    [
        (SEQUENCE, CHOSEN, {"labels", "confusion", "reliability"}),
        (SPAN, [predicted_example([span(0, 6, "neutral")], [span(0, 6, "neutral", 0.9)])], None),
        (TOKEN, [PREDICTED], {"labels", "confusion", "reliability"}),
        (MULTI, SEVERAL, {"labels", "curves", "reliability"}),
        (TOKEN, [predicted_example([span(0, 6, "ROOMS")], [])], {"labels", "confusion"}),
        (TOKEN, [predicted_example([], [])], set()),
        (SEQUENCE, [], set()),
    ],
)
def test_pictures_of_each_kind_of_task(
    task: Task, examples: list[PredictedExample], kinds: set[str] | None
) -> None:
    made = pictures(task, *examples)
    assert set(made) == ({"labels", "confusion", "reliability"} if kinds is None else kinds)
    titles = [figure.get_suptitle() for figure in made.values()]
    assert all(title.startswith("t: ") for title in titles)


def test_confusion_of_one_label_per_text() -> None:
    (axes,) = axes_of("confusion", SEQUENCE, *CHOSEN)
    assert cells(axes) == {
        ("positive", "positive"): 2,
        ("positive", "negative"): 1,
        ("negative", "negative"): 1,
    }
    assert (names(axes, "x"), names(axes, "y")) == ([*POLARITIES], [*POLARITIES])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "gold")
    shares = np.asarray(axes.images[0].get_array())
    assert shares == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0, 1, 0], [0, 0, 0]]))


def test_confusion_of_spans_shows_missed_and_spurious_spans() -> None:
    (axes,) = axes_of("confusion", TOKEN, PREDICTED)
    assert cells(axes) == {
        ("ROOMS", "ROOMS"): 1,
        ("ROOMS", "SERVICE"): 1,
        ("SERVICE", "missed"): 1,
        ("spurious", "SERVICE"): 1,
    }


def test_bars_of_labels() -> None:
    (axes,) = axes_of("labels", SEQUENCE, *CHOSEN)
    assert names(axes, "y") == ["neutral  (0)", "negative  (1)", "positive  (3)"]  # upwards
    assert widths(axes) == pytest.approx([0, 2 / 3, 0.8])
    precision, recall = (line.get_xdata() for line in axes.lines)
    assert list(precision) == pytest.approx([0, 1 / 2, 1])
    assert list(recall) == pytest.approx([0, 1, 2 / 3])


def test_reliability() -> None:
    axes, below = axes_of("reliability", SEQUENCE, *CHOSEN)
    accuracy, sizes = heights(axes), heights(below)
    assert [accuracy[7], accuracy[13], accuracy[14]] == [0.0, 1.0, 1.0]  # of 0.5, 0.9, the rest
    assert sizes == [0] * 7 + [1] + [0] * 5 + [1, 2]
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    error = (0.5 + 0.1 + 2 * 0.03) / 4
    title = figure.get_suptitle()
    assert (title[:3], title.endswith(f" {100 * error:.1f} %")) == ("t: ", True)


def test_curves() -> None:
    (axes,) = axes_of("curves", MULTI, *SEVERAL)
    curves = {
        str(line.get_label()): np.column_stack([line.get_xdata(), line.get_ydata()]).tolist()
        for line in axes.lines
        if not str(line.get_label()).startswith("_")
    }
    # C#Z is never gold. All labels by probability: A, A, c, c, B, b; capitals are gold.
    mean = 1 / 3 + 1 / 3 + (3 / 5) / 3
    assert set(curves) == {"A#X  1.00", "B#Y  1.00", f"all labels  {mean:.2f}"}
    expected = [[1, 1 / 2], [1, 3 / 5], [2 / 3, 1 / 2], [2 / 3, 2 / 3], [2 / 3, 1], [1 / 3, 1]]
    assert curves[f"all labels  {mean:.2f}"] == [pytest.approx(p) for p in [*expected, [0, 1]]]
    (dot,) = (line for line in axes.lines if line.get_marker() == "o")
    assert [*dot.get_xdata(), *dot.get_ydata()] == pytest.approx([2 / 3, 2 / 3])  # A, A and c


def test_labels_with_any_letters_are_drawn() -> None:
    labels = ("إيجابي", "$x^", "a_{b}$")
    task = SequenceClassification(corpus="texts", layer="polarity", labels=labels)
    made = predicted_example(label("$x^"), label("إيجابي", 0.5), [0.5, 0.3, 0.2])
    for figure in pictures(task, made).values():
        pixels = render(figure)
        assert pixels.shape == (*(np.array(figure.get_size_inches()) * 110).astype(int)[::-1], 3)
        assert (pixels.min(), pixels.max()) == (pixels[pixels < 255].min(), 255)  # ink on white


def test_no_text_is_cut_off() -> None:
    made = [*pictures(TOKEN, PREDICTED).values(), *pictures(MULTI, *SEVERAL).values()]
    assert len(made) == 6
    for figure in made:
        render(figure)
        box = figure.get_tightbbox()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.get_figwidth()
        assert box.y1 <= figure.get_figheight()
