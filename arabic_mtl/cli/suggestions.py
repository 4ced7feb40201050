"""What an option that the command does not know may have been meant to be."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from inspect import isabstract, signature
from pkgutil import resolve_name

from arabic_mtl.balancing import Balancing
from arabic_mtl.corpora import Corpus
from arabic_mtl.encoders import Encoder
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task

_KINDS: dict[str, type] = {
    "data.corpora": Corpus,
    "data.tasks": Task,
    "model.balancing": Balancing,
    "model.encoder": Encoder,
}
"""Option to the kind of class that it names."""

# What jsonargparse says of unknown options, of those of a class, and of unknown classes.
_OPTION = re.compile(r"(?:unrecognized arguments: --|does not accept option ')([\w.]+)")
_ARGUMENT = re.compile(r"class_path '([\w.]+)': Option '\w+' is not accepted")
_CLASS = re.compile(rf"({'|'.join(_KINDS)})\b.*(?:[Ii]mport path|No module named|has no attribute)")


def suggest(error: InputError, options: Iterable[str]) -> InputError:
    """Adds a near option, the options of a class, or the classes, to what is expected.

    Args:
        error: What the parser said.
        options: All that the command knows, such as ``model.lr``.
    """
    found, known = str(error.found), ""
    if unknown := _OPTION.search(found):
        known = "".join(get_close_matches(unknown[1], options, n=1))
    elif named := _ARGUMENT.search(found):
        names = signature(resolve_name(named[1])).parameters
        known = f"one of {', '.join(names)}" if names else "none, for it has no options"
    elif lacking := _CLASS.search(found):
        known = f"one of {', '.join(_classes(_KINDS[lacking[1]]))}"
    error.expected = f"{known}; {error.expected}" if known else error.expected
    return error


def _classes(kind: type) -> Iterator[str]:
    """Those of this package, by the names that their parts export."""
    subclasses: list[type] = kind.__subclasses__()
    for each in subclasses:
        package, *parts = each.__module__.split(".")
        if package == "arabic_mtl" and not isabstract(each):
            yield f"{package}.{parts[0]}.{each.__name__}"
        yield from _classes(each)
