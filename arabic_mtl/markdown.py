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


def cell(value: object) -> str:
    """Returns what a table shows of a value: shares in percent, nothing where there is none."""
    if value is None or isinstance(value, float):
        return percent(value)
    return str(value)


def _cell(value: object) -> str:
    return cell(value).replace("|", "\\|")
