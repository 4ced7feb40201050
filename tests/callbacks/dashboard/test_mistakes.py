"""The table of the worst mistakes, and its rendering by TensorBoard's sanitiser."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tensorboard.plugin_util import markdown_to_safe_html

from arabic_mtl.callbacks.dashboard.mistakes import SHOWN, escape, mistakes
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.evaluation.decisions import decisions
from arabic_mtl.tasks import Task
from support.predicted import (
    MULTI,
    SEQUENCE,
    SPAN,
    TOKEN,
    label,
    multi_label,
    predicted_example,
    single_label,
    span,
)

RLI, PDI = "\N{RIGHT-TO-LEFT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
ID = "<br><code>1&#58;0</code>"


def table(task: Task, *examples: PredictedExample) -> str:
    return mistakes(decisions(task, "t", examples))


def rows(task: Task, *examples: PredictedExample) -> list[str]:
    return table(task, *examples).splitlines()[6:]


def test_table_of_a_tagger() -> None:
    text = "والغرفة نظيفة!"
    gold, predicted = [span(1, 7, "ROOMS")], [span(0, 7, "SERVICE", 0.875)]
    made = table(
        TOKEN, predicted_example([], [], id="0:0"), predicted_example(gold, predicted, text=text)
    )
    counted, _, legend, _, *rest = made.splitlines()
    assert re.findall(r"\d+", counted) == ["1", "1"]
    assert re.findall("⟦…⟧|⟨…⟩", legend) == ["⟦…⟧", "⟨…⟩"]
    assert "\n".join(rest) == (
        "| gold | predicted | text |\n"
        "|---|---|---|\n"
        f"| {RLI}⟦الغرفة⟧{PDI} ROOMS | {RLI}⟨والغرفة⟩{PDI} SERVICE 0.88 "
        f"| {RLI}<strong>⟨</strong>و<strong>⟦</strong>الغرفة<strong>⟧</strong><strong>⟩</strong>"
        f" نظيفة&#33;{PDI}{ID} |"
    )


def test_the_most_confident_mistake_is_first_and_correct_predictions_are_left_out() -> None:
    predicted = rows(
        SEQUENCE,
        single_label("negative", [0.6, 0.3, 0.1], id="a", text="أ"),
        single_label("negative", [0.2, 0.8, 0.0], id="b", text="ب"),
        single_label("neutral", [0.9, 0.1, 0.0], id="c", text="ت", pair="ث"),
    )
    assert predicted == [
        f"| neutral | positive 0.90 | {RLI}ت{PDI}<br>{RLI}ث{PDI}<br><code>c</code> |",
        f"| negative | positive 0.60 | {RLI}أ{PDI}<br><code>a</code> |",
    ]


def test_a_target_is_in_brackets_and_a_null_target_is_the_text() -> None:
    gold = [span(0, 6, "negative"), span(0, 0, "negative"), span(8, 14, "neutral")]
    predicted = [
        span(0, 6, "positive", 0.9),
        span(0, 0, "neutral", 0.5),
        span(8, 14, "neutral", 0.9),
    ]
    assert rows(SPAN, predicted_example(gold, predicted)) == [
        f"| {RLI}⟦الغرفة⟧{PDI} negative<br>negative "
        f"| {RLI}⟦الغرفة⟧{PDI} positive 0.90<br>neutral 0.50 "
        f"| {RLI}<strong>⟦</strong>الغرفة<strong>⟧</strong> والخدمة{PDI}{ID} |"
    ]


def test_missed_labels_are_ranked_by_the_confidence_in_their_absence() -> None:
    assert rows(
        MULTI,
        multi_label(["A#X"], [0.25, 0.0, 0.5], id="a", text="أ"),
        multi_label(["B#Y"], [0.0, 0.0625, 0.0], id="b", text="ب"),
    ) == [
        f"| B&#35;Y | – | {RLI}ب{PDI}<br><code>b</code> |",
        f"| A&#35;X | C&#35;Z 0.50 | {RLI}أ{PDI}<br><code>a</code> |",
    ]


def test_rows_are_limited() -> None:
    many = [single_label("negative", [0.6, 0.3, 0.1], id=str(n)) for n in range(SHOWN + 5)]
    assert len(rows(SEQUENCE, *many)) == SHOWN
    counted = table(SEQUENCE, *many).splitlines()[0]
    assert re.findall(r"\d+", counted)[:2] == [str(SHOWN + 5)] * 2


def test_brackets_close_before_others_open_at_the_same_offset() -> None:
    predicted = [span(0, 2, "ROOMS", 0.5), span(2, 4, "ROOMS", 0.5)]
    (row,) = rows(TOKEN, predicted_example([span(0, 4, "ROOMS")], predicted, text="ابتث"))
    assert re.sub("</?strong>", "", row).endswith(f"| {RLI}⟦⟨اب⟩⟨تث⟩⟧{PDI}{ID} |")


HOSTILE = [
    "<script>alert(1)</script> & <b dir='ltr'>",
    "a | b \\| c\n| d | **e** _f_ `g` [h](javascript:i) ![j](k)",
    "# 1\r\n- 2\n    3\u2028 * 4 &amp; &#x3c;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    assert seen(text) == " ".join(text.split())


@given(st.text())
@example("\u202etxt.exe\u2069 \x02\x00")
@example("\ud800")
def test_any_text_is_shown_as_it_is(text: str) -> None:
    kept = (
        re.sub("[\u202a-\u202e\u2066-\u2069]", "\ufffd", text).encode("utf-8", "replace").decode()
    )
    kept = "".join(
        c if c.isspace() or (c >= " " and not "\x7f" <= c < "\xa0") else "\ufffd" for c in kept
    )
    assert seen(text) == " ".join(kept.split())


def seen(text: str) -> str:
    """Returns a text in a table as a browser shows it."""
    made = markdown_to_safe_html(f"| t |\n|---|\n| ({escape(text)}) |")
    tags = re.findall("<[^>]*>", made)
    assert set(tags) <= {f"<{end}{tag}>" for end in ("", "/") for tag in TAGS}
    (cell,) = re.findall("<td>(.*)</td>", made)
    return html.unescape(cell)[1:-1].strip()


TAGS = ("table", "thead", "tbody", "tr", "th", "td")


def test_a_hostile_label_is_shown_and_does_nothing() -> None:
    (row,) = rows(SEQUENCE, predicted_example(label("<i>|x"), label("positive", 0.9), text="ن"))
    assert row == f"| &#60;i&#62;&#124;x | positive 0.90 | {RLI}ن{PDI}{ID} |"
