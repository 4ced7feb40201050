"""Tables as Markdown, and shares in percent."""

import pandas as pd


def markdown_table(frame: pd.DataFrame) -> str:
    r"""A frame without its index.

    >>> print(markdown_table(pd.DataFrame({"a": [1], "b|c": ["x"]})))
    | a | b\|c |
    |---|---|
    | 1 | x |
    """
    rows = [list(frame.columns), *frame.itertuples(index=False, name=None)]
    lines = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(frame.columns), *lines[1:]])


def percent(value: float | None, sign: str = "") -> str:
    """Returns a share in percent; nothing where there is no value.

    Args:
        value: The share, 0..1.
        sign: ``+`` for a difference, whose sign is shown.

    >>> percent(0.1234), percent(-0.5, "+"), percent(None)
    ('12.3', '-50.0', '')
    """
    return "" if value is None or value != value else f"{100 * value:{sign}.1f}"


def score_text(value: float | None, *, is_share: bool, sign: str = "") -> str:
    """Returns a score for a table: a share in percent, any other number as it is.

    Args:
        value: The score, if there is one.
        is_share: Whether it lies in 0..1 and is printed in percent.
        sign: ``+`` for a difference, whose sign is shown.

    >>> score_text(0.5, is_share=True), score_text(12.34567, is_share=False)
    ('50.0', '12.35')
    """
    if is_share or value is None or value != value:
        return percent(value, sign)
    return f"{value:{sign}.4g}"


def cell(value: object) -> str:
    """Returns what a table shows of a value: shares in percent, nothing where there is none."""
    if value is None or isinstance(value, float):
        return percent(value)
    return str(value)


def _cell(value: object) -> str:
    return cell(value).replace("|", "\\|")
