"""Markdown tables and numbers formatted for them."""

import pandas as pd


def markdown_table(frame: pd.DataFrame) -> str:
    r"""Formats a frame as a Markdown table, without its index.

    >>> print(markdown_table(pd.DataFrame({"a": [1], "b|c": ["x"]})))
    | a | b\|c |
    |---|---|
    | 1 | x |
    """
    rows = [list(frame.columns), *frame.itertuples(index=False, name=None)]
    lines = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(frame.columns), *lines[1:]])


def percent(value: float | None, sign: str = "") -> str:
    """Formats a share in percent; returns an empty string for None and NaN.

    Args:
        value: The share, 0..1.
        sign: ``+`` to print a plus sign, too, as for differences.

    >>> percent(0.1234), percent(-0.5, "+"), percent(None)
    ('12.3', '-50.0', '')
    """
    return "" if value is None or value != value else f"{100 * value:{sign}.1f}"


def score_text(value: float | None, *, is_share: bool, sign: str = "") -> str:
    """Formats a score for a table: a share in percent, any other number with four digits.

    Args:
        value: The score, or None.
        is_share: True if the score lies in 0..1 and is printed in percent.
        sign: ``+`` to print a plus sign, too, as for differences.

    >>> score_text(0.5, is_share=True), score_text(12.34567, is_share=False)
    ('50.0', '12.35')
    """
    if is_share or value is None or value != value:
        return percent(value, sign)
    return f"{value:{sign}.4g}"


def cell(value: object) -> str:
    """Formats a table cell: floats in percent, None as an empty string, all else as text."""
    if value is None or isinstance(value, float):
        return percent(value)
    return str(value)


def _cell(value: object) -> str:
    return cell(value).replace("|", "\\|")
