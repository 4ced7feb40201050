"""What a model is, so that it can be used without the configuration that it was trained with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from arabic_mtl.errors import InputError
from arabic_mtl.files import FORMAT, is_plain_name, read_json

NAME = "model.json"
"""The file that tells it, in the folder of a run or of an exported model."""

HEADS = "heads.safetensors"
"""The weights of the heads in the folder of an exported model."""

ENCODER = "encoder/model.safetensors"
"""Those of the encoder."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """An object as configurations name it: its class and what it was made with."""

    class_path: str
    init_args: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuses what names no class.

        Raises:
            TypeError: If a file has something else in its place.
        """
        if not isinstance(self.class_path, str):
            raise TypeError(f"class_path: {self.class_path!r}")

    @classmethod
    def of(cls, made: object, init_args: Mapping[str, Any]) -> Self:
        """That of an object."""
        kind = type(made)
        return cls(class_path=f"{kind.__module__}.{kind.__qualname__}", init_args=init_args)


@dataclass(frozen=True, kw_only=True)
class TaskDescription:
    """What is left of a task when a model is used.

    Args:
        corpora: The corpora that it was trained on.
        layers: The annotation layers that it predicts.
        paired: Whether its texts come in pairs of a sentence and an opinion's target.
        head: The layers between encoder and logits.
        decoder: What its logits stand for.
    """

    corpora: tuple[str, ...]
    layers: tuple[str, ...]
    paired: bool
    head: Made
    decoder: Made


@dataclass(frozen=True, kw_only=True)
class ModelDescription:
    """A model's parts.

    Args:
        encoder: What the tasks share; it is made from a folder of its own.
        max_length: The most tokens that it reads at once.
        tasks: By name.
    """

    encoder: Made
    max_length: int
    tasks: Mapping[str, TaskDescription]

    def write(self, folder: Path) -> None:
        """Writes `NAME` into a folder."""
        facts = {"format": FORMAT, "arabic_mtl": version("arabic-mtl"), **asdict(self)}
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads what `write` wrote.

        Raises:
            InputError: If the file is of another format, missing or damaged.
        """
        path = folder / NAME
        with _errors_in(path):
            facts = read_json(path)
            tasks = {name: _task(of_task) for name, of_task in facts["tasks"].items()}
            _require_plain_names(
                path, [*tasks, *(corpus for task in tasks.values() for corpus in task.corpora)]
            )
            return cls(
                encoder=Made(**facts["encoder"]), max_length=int(facts["max_length"]), tasks=tasks
            )


def check_model_format(folder: Path) -> None:
    """Raises `InputError` if a folder's `NAME` is of another format, or no JSON.

    Nothing else of the folder is read. Where there is no such file, nothing is raised.
    """
    path = folder / NAME
    if path.is_file():
        with _errors_in(path):
            read_json(path)


@contextmanager
def _errors_in(path: Path) -> Iterator[None]:
    """Raises `InputError` in place of what a missing or damaged file raises."""
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"a model's folder says in {NAME} what the model is",
            found=f"{type(error).__name__}: {error}",
            expected="the folder of a run of `train.py fit`, or of `train.py export`",
            file=path,
        ) from None


def _require_plain_names(path: Path, names: Iterable[str]) -> None:
    """Refuses names of tasks and corpora that could lead out of a folder, or out of a table."""
    for name in names:
        if not is_plain_name(name):
            raise InputError(
                "the name of a task or corpus must be one word",
                found=f"{name!r}",
                expected="letters, digits, _ and -: model.json as it was written",
                file=path,
            )


def _task(facts: dict[str, Any]) -> TaskDescription:
    parts = {part: Made(**facts[part]) for part in ("head", "decoder")}
    names = {key: tuple(facts[key]) for key in ("corpora", "layers")}
    return TaskDescription(**{**facts, **parts, **names})
