"""The worst mistakes, as a table in TensorBoard's Markdown.

TensorBoard lets no colours, writing direction or marks through: spans stand in brackets, and each
Arabic text in a Unicode isolate (UAX #9), so that it runs from right to left.
"""

import re
import string
from collections.abc import Iterable, Sequence

from arabic_mtl.evaluation.decisions import Decision

SHOWN = 20
_HEAD = """\
Mistakes in {wrong} of {texts} texts that have or are given labels, the surest ones first.

⟦…⟧ is or should be labelled, ⟨…⟩ is found where nothing is.

| gold | found | text |
|---|---|---|
"""
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Marks of direction, with which a text could leave its isolate, and of control."""
_SPECIAL = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}


def mistakes(decisions: Sequence[Decision]) -> str:
    """One row per text that has mistakes, at most `SHOWN`; below a text its id.

    Args:
        decisions: Of a task.
    """
    texts: dict[tuple[str, str], list[Decision]] = {}
    for decision in decisions:
        key = (decision.answer.corpus, decision.answer.id)
        texts.setdefault(key, []).append(decision)
    wrong = [[d for d in of_text if not d.is_right] for of_text in texts.values()]
    wrong = sorted(filter(None, wrong), key=_surest, reverse=True)
    head = _HEAD.format(wrong=len(wrong), texts=len(texts))
    return head + "\n".join(map(_row, wrong[:SHOWN]))


def _surest(wrong: Sequence[Decision]) -> float:
    """The highest probability of a mistake in a text; what is merely missed may have none."""
    return max(decision.score or 0.0 for decision in wrong)


def _row(wrong: Sequence[Decision]) -> str:
    answer = wrong[0].answer
    pair = [] if answer.pair is None else [answer.pair]
    cells = (
        _lines(_piece(d) + shown(d.gold) for d in wrong if d.gold is not None),
        _lines(_piece(d) + _sure(d) for d in wrong if d.found is not None),
        _lines([_marked(wrong), *map(isolated, pair), f"<code>{shown(answer.id)}</code>"]),
    )
    return f"| {' | '.join(cells)} |"


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(parts) or "–"


def _sure(decision: Decision) -> str:
    return f"{shown(decision.found or '')} {decision.score:.2f}"


def _brackets(decision: Decision) -> tuple[str, str]:
    return ("⟨", "⟩") if decision.gold is None else ("⟦", "⟧")


def _piece(decision: Decision) -> str:
    """The span that a decision is about, unless it is the text."""
    start, end = decision.place or (0, 0)
    if start == end:
        return ""
    before, behind = _brackets(decision)
    return isolated(decision.answer.text[start:end], before, behind) + " "


def _marked(wrong: Sequence[Decision]) -> str:
    """The text, in which the places of mistakes are in brackets."""
    text = wrong[0].answer.text
    places = {(*d.place, _brackets(d)) for d in wrong if d.place and d.place[0] < d.place[1]}
    # Where a bracket stands, then which of several comes first: closing ones, inner before outer.
    marks = [(end, 0, -start, marks[1]) for start, end, marks in places]
    marks += [(start, 1, -end, marks[0]) for start, end, marks in places]
    parts, done = [], 0
    for place, _, _, bracket in sorted(marks):
        parts += [shown(text[done:place]), f"<strong>{bracket}</strong>"]
        done = place
    return f"\u2067{''.join(parts)}{shown(text[done:])}\u2069"


def isolated(text: str, before: str = "", behind: str = "") -> str:
    """A piece of Arabic as a unit from right to left."""
    return f"\u2067{before}{shown(text)}{behind}\u2069"


def shown(text: str) -> str:
    """A text from outside as what it is, on one line: no Markdown, no HTML, no direction marks.

    >>> shown("a|b <i>")
    'a&#124;b &#60;i&#62;'
    """
    plain = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()
    return _SPACE.sub(" ", plain.translate(_SPECIAL))
