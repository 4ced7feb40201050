"""Tables as Markdown."""

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


def _cell(value: object) -> str:
    """Shares in percent; nothing where there is no value."""
    if value is None or value != value:
        return ""
    text = f"{100 * value:.1f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|")
