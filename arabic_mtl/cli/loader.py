"""The YAML of option values: jsonargparse loads strings of a configuration as YAML once more."""

from typing import Any

import yaml
from jsonargparse import get_loader, set_loader

_load = get_loader("yaml")


def load_value(text: str) -> Any:
    """Returns the value of a text in YAML; a text of nothing but a comment or ``~`` is a string.

    Otherwise the option ``comments: "# "`` would be null. A file is loaded as a whole before,
    so that null without quotes is null however it is written; on the command line it is ``null``.

    >>> load_value("# "), load_value("~"), load_value("{a: ~}"), load_value("null")
    ('# ', '~', {'a': None}, None)
    """
    value = _load(text)
    return text if value is None and text.strip().lower() != "null" else value


def use_loader() -> None:
    """Makes `load_value` the loader of all parsers."""
    set_loader("yaml", load_value, exceptions=(yaml.YAMLError,))
