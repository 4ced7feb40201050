"""The parser of the Trainer's commands, and the configuration files that they name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml
from jsonargparse import ArgumentError, ArgumentParser, Namespace
from lightning.pytorch.cli import LightningArgumentParser

from arabic_mtl.cli.loader import use_loader
from arabic_mtl.cli.renamed import rename_in_text, rename_keys
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format
from arabic_mtl.tasks import Task

use_loader()

_NAMED: dict[str, type] = {"corpora": Format, "tasks": Task}
"""Keys below ``data`` that map names to objects, with the objects' base class."""

TAKEN = "# taken from "
"""The first words of a configuration that is given as text in place of a file name."""

_DEFAULTS = {
    "weights_only": True,  # a checkpoint may contain code
    "verbose": False,  # `print_scores` prints a table
}
"""Defaults of the options of the Trainer's commands."""

_CHECKPOINT_HELP = {
    "fit": "Resumes training. A run folder or its last.ckpt resumes that run; `last` resumes the "
    "newest run of the configuration. Any other checkpoint starts a new run from its state.",
    "validate": "The trained model: a run folder, whose best checkpoint is used, or one of its "
    "checkpoints. Without --config, the configuration of the run is used.",
}

_OPTION = re.compile(rf"^(--data\.({'|'.join(_NAMED)})\.(\w+)\.\S*?)(?:=|$)", re.MULTILINE)
"""An option for an object with a name."""


def values_of(arguments: Sequence[str], *options: str) -> list[str]:
    """Returns the values of an option, as ``--option value`` or ``--option=value``, in order.

    >>> values_of(["fit", "-c", "a.yaml", "--config=b.yaml"], "-c", "--config")
    ['a.yaml', 'b.yaml']
    """
    values = []
    for previous, word in zip(["", *arguments], arguments, strict=False):
        option, _, value = word.partition("=")
        if option in options and value:
            values.append(value)
        elif previous in options:
            values.append(word)
    return values


def options_of(arguments: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields the key and the value of each long option, as ``--a.b value`` or ``--a.b=value``.

    >>> list(options_of(["fit", "--model.lr=1", "--trainer.callbacks+", "x", "--help"]))
    [(('model', 'lr'), '1'), (('trainer', 'callbacks'), 'x'), (('help',), '')]
    """
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word.startswith("--"):
            option, is_joined, value = word.removeprefix("--").partition("=")
            key = tuple(option.removesuffix("+").split("."))
            yield key, value if is_joined else "" if following.startswith("--") else following


class Parser(LightningArgumentParser):
    """Lightning's parser with this project's errors, defaults and renamed keys.

    Attributes:
        command: The Trainer's command whose options it parses; empty until they are added.
    """

    command = ""

    def add_method_arguments(
        self, class_type: type, method_name: str, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Adds the options of one of the Trainer's commands, with this project's defaults."""
        self.command = method_name
        added: list[str] = super().add_method_arguments(class_type, method_name, *args, **kwargs)
        self.set_defaults({name: _DEFAULTS[name] for name in added if name in _DEFAULTS})
        for action in self._actions:
            if action.dest == "ckpt_path":  # Lightning's help does not know run folders
                action.help = _CHECKPOINT_HELP.get(method_name, _CHECKPOINT_HELP["validate"])
        return added

    def parse_string(self, content: str, *args: Any, **kwargs: Any) -> Namespace:
        """Parses the text of a configuration, in which renamed keys may have their old names."""
        parsed: Namespace = super().parse_string(rename_in_text(content), *args, **kwargs)
        return parsed

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Raises `InputError` instead of ending the process."""
        if not self.exit_on_error:  # a parser inside the parser, whose caller names the key
            super().error(message, ex)
        raise InputError(
            "options and configuration must be valid for the command",
            found=" ".join(message.split()),
            expected=f"see {help_of(self)} --help",
        )


def help_of(parser: ArgumentParser) -> str:
    """Returns a command line to which ``--help`` can be added."""
    return str(parser.prog).replace(" [options]", "")


def read_configs(arguments: Sequence[str]) -> dict[Path, dict[str, Any]]:
    """Reads the configuration files that a command line names.

    Raises:
        InputError: If one is missing, or is not YAML, or holds no keys.
    """
    names = values_of(arguments, "-c", "--config")
    return dict(map(_content, names))


def sections_of(
    configs: Mapping[Path, Mapping[str, Any]],
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yields files and their contents; a ``data`` section in another file is yielded separately."""
    for path, config in configs.items():
        data = config.get("data")
        if isinstance(data, str):  # a path relative to the file
            file = path.parent / data
            yield file, {"data": read_config(file, ("data",))}
            config = {name: value for name, value in config.items() if name != "data"}
        yield path, config


def blame(
    error: InputError, arguments: Sequence[str], configs: Mapping[Path, dict[str, Any]]
) -> InputError:
    """Adds the name of the task or corpus to an error, in which jsonargparse has only its section.

    Args:
        error: The error of the parser.
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
    """Returns path and content of a configuration, which is a file or the text of one."""
    if not name.startswith(TAKEN):
        return Path(name), read_config(Path(name))
    return Path(name.split("\n")[0].removeprefix(TAKEN)), yaml.safe_load(name)


def read_config(path: Path, key: tuple[str, ...] = ()) -> dict[str, Any]:
    """Reads a configuration file. Renamed keys get their new names, with a warning.

    Args:
        path: The file.
        key: The key of which it holds the value, such as ``("data",)``; none for a whole
            configuration.

    Raises:
        InputError: If it is missing, is not YAML, holds no keys, or has a renamed key under both
            names.
    """
    rule, found, line = "a configuration must be a YAML file of keys and values", "", None
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
    try:
        return rename_keys(content, key)
    except InputError as error:
        raise error.locate(path) from None


def _entries(path: Path, config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yields section, name and configuration of each task and corpus of a configuration."""
    data: Any = config.get("data")
    if isinstance(data, str):  # the path of another file, relative to this one
        data = read_config(path.parent / data, ("data",))
    for key in _NAMED if isinstance(data, dict) else ():
        section = data.get(key)
        for name, entry in section.items() if isinstance(section, dict) else ():
            yield key, name, entry


def _problem(kind: type, entry: Any) -> str | None:
    """Returns the error in the configuration of one object; None if there is none."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(kind, "entry")
    try:
        parser.parse_object({"entry": entry})
    except ArgumentError as error:
        return " ".join(str(error).split("\n", 1)[-1].split())
    return None
