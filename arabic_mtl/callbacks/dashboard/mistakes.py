"""The table of the worst mistakes, in TensorBoard's Markdown.

TensorBoard filters colours, writing direction and highlights. Spans are therefore set in brackets,
and each Arabic text in a Unicode isolate (UAX #9), so that it runs from right to left.
"""

import re
import string
from collections.abc import Iterable, Sequence

from arabic_mtl.evaluation.decisions import Decision

SHOWN = 20
_HEAD = """\
Mistakes in {wrong} of {texts} texts with gold or predicted labels, the most confident first.

⟦…⟧ marks a gold span, ⟨…⟩ a predicted span that is not gold.

| gold | predicted | text |
|---|---|---|
"""
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and the direction marks by which a text could leave its isolate."""
_SPECIAL = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}


def mistakes(decisions: Sequence[Decision]) -> str:
    """Returns a table with one row per text that has mistakes, at most `SHOWN` rows.

    Args:
        decisions: All decisions of one task.
    """
    texts: dict[tuple[str, str], list[Decision]] = {}
    for decision in decisions:
        key = (decision.example.corpus, decision.example.id)
        texts.setdefault(key, []).append(decision)
    wrong = [[d for d in text if not d.is_correct] for text in texts.values()]
    wrong = sorted(filter(None, wrong), key=_highest_score, reverse=True)
    head = _HEAD.format(wrong=len(wrong), texts=len(texts))
    return head + "\n".join(map(_row, wrong[:SHOWN]))


def _highest_score(wrong: Sequence[Decision]) -> float:
    """Returns the highest probability of a text's mistakes; missed gold items may have none."""
    return max(decision.score or 0.0 for decision in wrong)


def _row(wrong: Sequence[Decision]) -> str:
    example = wrong[0].example
    pair = [] if example.pair is None else [example.pair]
    cells = (
        _lines(_span_text(d) + escape(d.gold) for d in wrong if d.gold is not None),
        _lines(_span_text(d) + _scored_label(d) for d in wrong if d.predicted is not None),
        _lines([_marked_text(wrong), *map(isolate, pair), f"<code>{escape(example.id)}</code>"]),
    )
    return f"| {' | '.join(cells)} |"


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(parts) or "–"


def _scored_label(decision: Decision) -> str:
    return f"{escape(decision.predicted or '')} {decision.score:.2f}"


def _brackets(decision: Decision) -> tuple[str, str]:
    return ("⟨", "⟩") if decision.gold is None else ("⟦", "⟧")


def _span_text(decision: Decision) -> str:
    """Returns the span of a decision in brackets; nothing for a decision on the whole text."""
    start, end = decision.offsets or (0, 0)
    if start == end:
        return ""
    opening, closing = _brackets(decision)
    return isolate(decision.example.text[start:end], opening, closing) + " "


def _marked_text(wrong: Sequence[Decision]) -> str:
    """Returns the text, with the spans of its mistakes in brackets."""
    text = wrong[0].example.text
    spans = {(*d.offsets, _brackets(d)) for d in wrong if d.offsets and d.offsets[0] < d.offsets[1]}
    # Sorted by offset; at one offset closing brackets come first, inner before outer ones.
    marks = [(end, 0, -start, brackets[1]) for start, end, brackets in spans]
    marks += [(start, 1, -end, brackets[0]) for start, end, brackets in spans]
    parts, last = [], 0
    for offset, _, _, bracket in sorted(marks):
        parts += [escape(text[last:offset]), f"<strong>{bracket}</strong>"]
        last = offset
    return f"\u2067{''.join(parts)}{escape(text[last:])}\u2069"


def isolate(text: str, opening: str = "", closing: str = "") -> str:
    """Returns an Arabic text in a right-to-left isolate.

    Args:
        text: The text, not yet escaped.
        opening: The bracket before it.
        closing: The bracket after it.
    """
    return f"\u2067{opening}{escape(text)}{closing}\u2069"


def escape(text: str) -> str:
    """Returns user text on one line, free of Markdown, HTML and direction marks.

    >>> escape("a|b <i>")
    'a&#124;b &#60;i&#62;'
    """
    plain = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()
    return _SPACE.sub(" ", plain.translate(_SPECIAL))
