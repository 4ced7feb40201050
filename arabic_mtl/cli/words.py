"""The words of a command line, read before the parser is there."""

from collections.abc import Iterator, Sequence


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


def options_of(arguments: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields the key and the value of each long option, as ``--a.b value`` or ``--a.b=value``.

    >>> list(options_of(["fit", "--model.lr=1", "--trainer.callbacks+", "x", "--help"]))
    [(('model', 'lr'), '1'), (('trainer', 'callbacks'), 'x'), (('help',), '')]
    """
    for word, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if word.startswith("--"):
            option, is_joined, value = word.removeprefix("--").partition("=")
            key = tuple(option.removesuffix("+").split("."))
            yield key, value if is_joined else "" if after.startswith("--") else after
