"""The description of a trained model, from which it is rebuilt without its configuration."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from arabic_mtl.errors import InputError, program
from arabic_mtl.files import FORMAT, is_plain_name, read_json

NAME = "model.json"
"""The file with the description, in the folder of a run or of an exported model."""

HEADS = "heads.safetensors"
"""The file with the weights of the heads, in the folder of an exported model."""

ENCODER = "encoder/model.safetensors"
"""The file with the weights of the encoder, in the folder of an exported model."""


@dataclass(frozen=True, kw_only=True)
class ClassSpec:
    """A class and the arguments of its constructor, as configurations name an object.

    Args:
        class_path: The dotted import path of the class.
        init_args: Argument to its value, as JSON values.
    """

    class_path: str
    init_args: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Checks that the class path is a string.

        Raises:
            TypeError: If a damaged file has another value in its place.
        """
        if not isinstance(self.class_path, str):
            raise TypeError(f"class_path: {self.class_path!r}")

    @classmethod
    def from_object(cls, instance: object, init_args: Mapping[str, Any]) -> Self:
        """Returns the specification of an object.

        Args:
            instance: The object.
            init_args: The arguments that it was constructed with.
        """
        kind = type(instance)
        return cls(class_path=f"{kind.__module__}.{kind.__qualname__}", init_args=init_args)


@dataclass(frozen=True, kw_only=True)
class TaskDescription:
    """The part of a task that a model needs at inference.

    Args:
        corpora: The corpora that it was trained on.
        layers: The annotation layers that it predicts.
        paired: Whether its texts come in pairs of a sentence and an opinion's target, which the
            model predicts.
        head: The layers between encoder and logits.
        decoder: The decoder of its logits.
        takes_pairs: Whether its texts come in pairs, such as a question and an answer, of which
            both are given.
    """

    corpora: tuple[str, ...]
    layers: tuple[str, ...]
    paired: bool
    head: ClassSpec
    decoder: ClassSpec
    takes_pairs: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelDescription:
    """The encoder and the tasks of a model.

    Args:
        encoder: The encoder that the tasks share; it is loaded from a folder of its own.
        max_length: The most tokens of a text that are encoded in one pass.
        tasks: Task to its description.
        credits: Corpus to its ``source`` and its ``license``, as far as they were stated.
    """

    encoder: ClassSpec
    max_length: int
    tasks: Mapping[str, TaskDescription]
    credits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
            tasks = {name: _task(task) for name, task in facts["tasks"].items()}
            _require_plain_names(
                path, [*tasks, *(corpus for task in tasks.values() for corpus in task.corpora)]
            )
            return cls(
                encoder=ClassSpec(**facts["encoder"]),
                max_length=int(facts["max_length"]),
                tasks=tasks,
                credits=facts.get("credits", {}),
            )


def check_model_format(folder: Path) -> None:
    """Raises `InputError` if a folder's `NAME` is of another format version, or not JSON.

    Reads no other file of the folder. Raises nothing if the folder has no such file.
    """
    path = folder / NAME
    if path.is_file():
        with _errors_in(path):
            read_json(path)


@contextmanager
def _errors_in(path: Path) -> Iterator[None]:
    """Raises `InputError` in place of the errors that a missing or damaged file causes."""
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"a model's folder must have a valid {NAME}",
            found=f"{type(error).__name__}: {error}",
            expected=f"a folder written by `{program()} fit` or `{program()} export`",
            file=path,
        ) from None


def _require_plain_names(path: Path, names: Iterable[str]) -> None:
    """Raises `InputError` if a name could lead out of a folder or break a table."""
    for name in names:
        if not is_plain_name(name):
            raise InputError(
                "the name of a task or corpus must be one word",
                found=f"{name!r}",
                expected=f"letters, digits, _ and -, as in the original {NAME}",
                file=path,
            )


def _task(facts: dict[str, Any]) -> TaskDescription:
    """Returns the description of a task from its JSON values."""
    parts = {part: ClassSpec(**facts[part]) for part in ("head", "decoder")}
    names = {key: tuple(facts[key]) for key in ("corpora", "layers")}
    return TaskDescription(**{**facts, **parts, **names})
