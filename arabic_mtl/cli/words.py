"""The words of a command line, read before the parser is there."""

from collections.abc import Sequence


def values_of(arguments: Sequence[str], *options: str) -> list[str]:
    """What is given for an option, as ``--option value`` or ``--option=value``, in order.

    >>> values_of(["fit", "-c", "a.yaml", "--config=b.yaml"], "-c", "--config")
    ['a.yaml', 'b.yaml']
    """
    values = []
    for before, word in zip(["", *arguments], arguments, strict=False):
        option, _, value = word.partition("=")
        if option in options and value:
            values.append(value)
        elif before in options:
            values.append(word)
    return values
