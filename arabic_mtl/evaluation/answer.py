"""What a system says of a text, beside what is right."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arabic_mtl.files import atomic_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that is needed to score a system on one text, or to look at its mistakes.

    Args:
        corpus: Where the text is from.
        id: Its name there.
        group: The review that it belongs to.
        text: As it stands in the file: offsets count its characters.
        pair: Its second text, if it has one.
        gold: Task to what is right (`Task.gold`), None where that is not known.
        found: Task to what the system says (`Task.decode`): of given spans in their order.
        probabilities: Task to those of its labels (`Task.probabilities`).
    """

    corpus: str
    id: str
    group: str
    text: str
    pair: str | None
    gold: dict[str, Any]
    found: dict[str, Any]
    probabilities: dict[str, Any]


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """Writes JSON lines, whole or not at all."""
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for answer in answers:
            file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")


def read_answers(path: Path) -> Iterator[Answer]:
    """Streams what `write_answers` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Answer(**json.loads(line))
