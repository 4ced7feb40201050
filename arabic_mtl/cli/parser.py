"""Errors in options and configuration files, told without a page of usage before them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml
from jsonargparse import ArgumentError, ArgumentParser
from lightning.pytorch.cli import LightningArgumentParser

from arabic_mtl.corpora import Corpus
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task

_NAMED: dict[str, type] = {"corpora": Corpus, "tasks": Task}
"""The keys below ``data`` that hold several things by name."""


class Parser(LightningArgumentParser):
    """Lightning's parser, whose errors are this project's."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Raises `InputError` instead of leaving the program."""
        raise InputError(
            "options and configuration are ones that the command knows",
            found=message,
            expected=f"see {self.prog} --help",
        )


def blame(error: InputError, arguments: Sequence[str]) -> InputError:
    """Names the task or corpus, where an error is in one: jsonargparse only says ``data.tasks``."""
    for path in _config_files(arguments):
        for key, name, entry in _entries(path):
            problem = _problem(_NAMED[key], entry)
            if problem and f'"data.{key}"' in str(error.found):
                error.found = f"data.{key}.{name}: {problem}"
                return error.locate(path)
    return error


def _config_files(arguments: Sequence[str]) -> Iterator[Path]:
    for before, word in zip(["", *arguments], arguments, strict=False):
        option, _, value = word.partition("=")
        if option in ("-c", "--config") and value:
            yield Path(value)
        elif before in ("-c", "--config"):
            yield Path(word)


def _entries(path: Path) -> Iterator[tuple[str, str, Any]]:
    data = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("data") or {}
    if isinstance(data, str):  # a file of its own, named relative to this one
        data = yaml.safe_load((path.parent / data).read_text(encoding="utf-8"))
    for key in _NAMED:
        for name, entry in (data.get(key) or {}).items():
            yield key, name, entry


def _problem(kind: type, entry: Any) -> str | None:
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(kind, "entry")
    try:
        parser.parse_object({"entry": entry})
    except ArgumentError as error:
        return " ".join(str(error).split("\n", 1)[-1].split())
    return None
