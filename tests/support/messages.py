"""The names and values in an error message, without its wording."""

from __future__ import annotations

import re
from typing import NamedTuple

from support.runs import Outcome


class ErrorFields(NamedTuple):
    """The fields of an error message; the location may be empty."""

    rule: str
    location: str
    found: str
    expected: str


_ERROR = re.compile(
    r"^error\n  rule: +(.*)\n(?:  at: +(.*)\n)?  found: +(.*)\n  expected: +(.*)\n", re.MULTILINE
)


def error_fields(outcome: Outcome) -> ErrorFields:
    """Returns the fields of the single error of a failed command; asserts no traceback."""
    assert outcome.code == 2, outcome.err or outcome.out
    assert "Traceback" not in outcome.err, outcome.err
    errors = _ERROR.findall(outcome.err)
    assert len(errors) == outcome.err.count("rule: ") == 1, outcome.err
    return ErrorFields(*errors[0])


def assert_names(text: object, *parts: object) -> None:
    """Asserts that a text contains all parts: names, numbers and values, without prose."""
    missing = [str(part) for part in parts if str(part) not in str(text)]
    assert missing == [], text
