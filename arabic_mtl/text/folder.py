"""The folder of a text pipeline: Hugging Face's own of a tokenizer, and what else it is."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_directory
from arabic_mtl.text.cleaning import Cleaning

if TYPE_CHECKING:  # transformers is not needed to read a folder
    from transformers import PreTrainedTokenizerFast

_FACTS, _TOKENIZER = "text.json", "tokenizer.json"


class Fitted(NamedTuple):
    """A tokenizer and the cleaning inside of it.

    Args:
        tokenizer: Knows the cleaning wherever it is loaded.
        cleaning: What is done.
        left_out: The steps of a preset that would not serve, and why.
        switched_off: The limits of the tokenizer's file that do not apply, and why.
    """

    tokenizer: "PreTrainedTokenizerFast"
    cleaning: Cleaning
    left_out: dict[str, str]
    switched_off: dict[str, str]


class Saved(NamedTuple):
    """What a folder holds.

    Args:
        settings: `TextSettings.identity` of what the tokenizer was made from.
        tokenizer: With the cleaning inside.
        cleaning: What is done.
        left_out: The steps of a preset that would not serve, and why.
        switched_off: The limits of the tokenizer's file that do not apply, and why.
        pad_id: The vocabulary's padding token.
    """

    settings: dict[str, Any]
    tokenizer: Tokenizer
    cleaning: Cleaning
    left_out: dict[str, str]
    switched_off: dict[str, str]
    pad_id: int


def write_folder(folder: Path, settings: Mapping[str, object], made: Fitted) -> None:
    """Writes a folder, whole or not at all.

    Args:
        folder: Where to; if another process is first, its folder is as good.
        settings: `TextSettings.identity` of what the tokenizer was made from.
        made: What was made of them.
    """
    facts = {
        "settings": settings,
        "pad_id": made.tokenizer.pad_token_id,
        "steps": made.cleaning.steps,
        "left_out": made.left_out,
        "switched_off": made.switched_off,
    }
    try:
        with atomic_directory(folder) as temporary:
            made.tokenizer.save_pretrained(temporary)
            (temporary / _FACTS).write_text(json.dumps(facts, indent=2))
    except (OSError, InputError):
        if not folder.is_dir():
            raise


def read_folder(folder: Path) -> Saved:
    """Reads what `write_folder` wrote."""
    facts = json.loads((folder / _FACTS).read_text())
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.encode_special_tokens = True  # a typed "[SEP]" is text
    switched_off = facts.get("switched_off", {}) | switch_off_limits(tokenizer)
    return Saved(
        settings=facts["settings"],
        tokenizer=tokenizer,
        cleaning=Cleaning.of(facts["steps"]),
        left_out=facts["left_out"],
        switched_off=switched_off,
        pad_id=int(facts["pad_id"]),
    )


def switch_off_limits(tokenizer: Tokenizer) -> dict[str, str]:
    """Switches off a tokenizer's own truncation and padding.

    Many texts are tokenized as one, so that a limit for one text would delete those after it;
    long texts are read in windows instead, and batches are padded when they are made.

    Returns:
        The name of each limit that was on, and what takes its place, for people to read.
    """
    found = {}
    if (limit := tokenizer.truncation) is not None:
        length = limit["max_length"]
        found["truncation"] = (
            f"at {length} tokens, as its file has it; long texts are read in windows"
        )
        tokenizer.no_truncation()
    if tokenizer.padding is not None:
        found["padding"] = "of each text, as its file has it; batches are padded when they are made"
        tokenizer.no_padding()
    return found


@contextmanager
def undamaged(folder: Path) -> Iterator[None]:
    """Tells what is wrong with a folder while something is made of it.

    Raises:
        InputError: In place of whatever is raised.
    """
    try:
        yield
    except Exception as error:  # tokenizers raises bare Exceptions
        raise InputError(
            f"a saved text pipeline holds {_FACTS} and {_TOKENIZER}",
            found=f"{folder}: {error}",
            expected="the folder `text` of a finished run",
        ) from None
