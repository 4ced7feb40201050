"""What an error names, apart from the words that it is told in."""

from __future__ import annotations

import re
from typing import NamedTuple

from support.runs import Outcome


class Told(NamedTuple):
    """The fields of an error; the place is empty where none is told."""

    rule: str
    at: str
    found: str
    expected: str


_ERROR = re.compile(
    r"^error\n  rule: +(.*)\n(?:  at: +(.*)\n)?  found: +(.*)\n  expected: +(.*)\n", re.MULTILINE
)


def told(outcome: Outcome) -> Told:
    """The one error that a command has ended with, which is no traceback."""
    assert outcome.code == 2, outcome.err or outcome.out
    assert "Traceback" not in outcome.err, outcome.err
    errors = _ERROR.findall(outcome.err)
    assert len(errors) == outcome.err.count("rule: ") == 1, outcome.err
    return Told(*errors[0])


def assert_names(text: object, *parts: object) -> None:
    """Each part stands somewhere in the text: names, numbers and values, no prose."""
    lacking = [str(part) for part in parts if str(part) not in str(text)]
    assert lacking == [], text
