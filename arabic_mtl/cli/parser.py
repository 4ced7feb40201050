"""The parser of the Trainer's commands and its configuration files, with short errors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml
from jsonargparse import ArgumentError, ArgumentParser
from lightning.pytorch.cli import LightningArgumentParser

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format
from arabic_mtl.tasks import Task

_NAMED: dict[str, type] = {"corpora": Format, "tasks": Task}
"""The keys below ``data`` that hold several things by name."""

TAKEN = "# taken from "
"""The beginning of a configuration's text where it stands in the place of a file's name."""

_DEFAULTS = {
    "weights_only": True,  # nothing in a checkpoint is executed
    "verbose": False,  # `print_scores` has the better table
}
"""Defaults of options that the Trainer's commands have."""

_OPTION = re.compile(rf"^(--data\.({'|'.join(_NAMED)})\.(\w+)\.\S*?)(?:=|$)", re.MULTILINE)
"""An option for one of them."""


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


class Parser(LightningArgumentParser):
    """Lightning's parser, whose errors and defaults are this project's.

    Attributes:
        command: The Trainer's command whose options it has; empty before there are any.
    """

    command = ""

    def add_method_arguments(
        self, class_type: type, method_name: str, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Adds the options of one of the Trainer's commands, with this project's defaults."""
        self.command = method_name
        added: list[str] = super().add_method_arguments(class_type, method_name, *args, **kwargs)
        self.set_defaults({name: _DEFAULTS[name] for name in added if name in _DEFAULTS})
        return added

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Raises `InputError` instead of leaving the program."""
        if not self.exit_on_error:  # a parser within the parser: its caller knows the key
            super().error(message, ex)
        raise InputError(
            "options and configuration are ones that the command knows",
            found=" ".join(message.split()),
            expected=f"see {help_of(self)} --help",
        )


def help_of(parser: ArgumentParser) -> str:
    """Returns the words of a command, before ``--help``."""
    return str(parser.prog).replace(" [options]", "")


def read_configs(arguments: Sequence[str]) -> dict[Path, dict[str, Any]]:
    """The configuration files that a command line names.

    Raises:
        InputError: If one is missing, or is not YAML, or holds no keys.
    """
    names = values_of(arguments, "-c", "--config")
    return dict(map(_content, names))


def sections_of(
    configs: Mapping[Path, Mapping[str, Any]],
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yields files and their contents, a section that is a file of its own apart."""
    for path, config in configs.items():
        data = config.get("data")
        if isinstance(data, str):  # named relative to the file
            yield path.parent / data, {"data": read_config(path.parent / data)}
            config = {name: value for name, value in config.items() if name != "data"}
        yield path, config


def blame(
    error: InputError, arguments: Sequence[str], configs: Mapping[Path, dict[str, Any]]
) -> InputError:
    """Says more of an error: jsonargparse names no task or corpus, only ``data.tasks``.

    Args:
        error: What the parser said.
        arguments: The command line.
        configs: Its configuration files.
    """
    if not configs:
        error.expected = "--config FILE, such as configs/quickstart.yaml"
        return error
    known = [(path, *entry) for path, config in configs.items() for entry in _entries(path, config)]
    for path, key, name, entry in known:
        problem = _problem(_NAMED[key], entry)
        if problem and f'"data.{key}"' in str(error.found):
            error.found = f"data.{key}.{name}: {problem}"
            return error.locate(path)
    names = {(key, name) for _, key, name, _ in known}
    for option, key, name in re.findall(_OPTION, "\n".join(arguments)):
        if (key, name) in names and f'"data.{key}"' in str(error.found):
            error.found = f"{option}: {error.found}"
        elif (key, name) not in names:
            error.found = f"{option}, but no {name} under data.{key}"
            error.expected = ", ".join(n for k, n in sorted(names) if k == key)
    return error


def _content(name: str) -> tuple[Path, dict[str, Any]]:
    """Returns path and content of a configuration: of a file, or of text taken from one."""
    if not name.startswith(TAKEN):
        return Path(name), read_config(Path(name))
    return Path(name.split("\n")[0].removeprefix(TAKEN)), yaml.safe_load(name)


def read_config(path: Path) -> dict[str, Any]:
    """Reads a configuration file.

    Raises:
        InputError: If it is missing, or is not YAML, or holds no keys.
    """
    rule, found, line = "a configuration is a YAML file of keys and values", "", None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = "" if isinstance(content, dict) else f"a {type(content).__name__}"
    except (OSError, ValueError, RecursionError) as error:
        found = str(error)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        found, line = " ".join(str(error).split()), mark.line + 1 if mark else None
    if found:
        expected = "a file such as configs/quickstart.yaml"
        raise InputError(rule, found=found, expected=expected, file=path, line=line)
    return dict(content)


def _entries(path: Path, config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    data: Any = config.get("data")
    if isinstance(data, str):  # a file of its own, named relative to this one
        data = read_config(path.parent / data)
    for key in _NAMED if isinstance(data, dict) else ():
        section = data.get(key)
        for name, entry in section.items() if isinstance(section, dict) else ():
            yield key, name, entry


def _problem(kind: type, entry: Any) -> str | None:
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(kind, "entry")
    try:
        parser.parse_object({"entry": entry})
    except ArgumentError as error:
        return " ".join(str(error).split("\n", 1)[-1].split())
    return None
