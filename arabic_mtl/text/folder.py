"""The folder of a text pipeline: a Hugging Face tokenizer folder, and the pipeline's settings."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_directory
from arabic_mtl.text.cleaning import Cleaning

if TYPE_CHECKING:  # reading a folder does not need transformers
    from transformers import PreTrainedTokenizerFast

_FACTS, _TOKENIZER = "text.json", "tokenizer.json"


class FittedTokenizer(NamedTuple):
    """A tokenizer that contains its cleaning.

    Args:
        tokenizer: The tokenizer; its normalizer includes the cleaning, also after saving it.
        cleaning: The cleaning steps that are applied.
        left_out: The steps of the preset that do not suit the tokenizer, each with the reason.
        switched_off: The limits in the tokenizer's file that are ignored, each with the reason.
    """

    tokenizer: "PreTrainedTokenizerFast"
    cleaning: Cleaning
    left_out: dict[str, str]
    switched_off: dict[str, str]


class SavedFolder(NamedTuple):
    """The content of a text pipeline's folder.

    Args:
        settings: `TextSettings.identity` of the settings that the tokenizer was made from.
        tokenizer: The tokenizer, whose normalizer includes the cleaning.
        cleaning: The cleaning steps that are applied.
        left_out: The steps of the preset that do not suit the tokenizer, each with the reason.
        switched_off: The limits in the tokenizer's file that are ignored, each with the reason.
        pad_id: The id of the vocabulary's padding token.
    """

    settings: dict[str, Any]
    tokenizer: Tokenizer
    cleaning: Cleaning
    left_out: dict[str, str]
    switched_off: dict[str, str]
    pad_id: int


def write_folder(folder: Path, settings: Mapping[str, object], fitted: FittedTokenizer) -> None:
    """Writes the folder of a text pipeline atomically.

    Args:
        folder: The folder to write. If another process has written it in the meantime, its folder
            is kept, because the same settings give the same content.
        settings: `TextSettings.identity` of the settings that the tokenizer was made from.
        fitted: The tokenizer and its cleaning.
    """
    facts = {
        "settings": settings,
        "pad_id": fitted.tokenizer.pad_token_id,
        "steps": fitted.cleaning.steps,
        "left_out": fitted.left_out,
        "switched_off": fitted.switched_off,
    }
    try:
        with atomic_directory(folder) as temporary:
            fitted.tokenizer.save_pretrained(temporary)
            (temporary / _FACTS).write_text(json.dumps(facts, indent=2))
    except (OSError, InputError):
        if not folder.is_dir():
            raise


def read_folder(folder: Path) -> SavedFolder:
    """Reads a folder that `write_folder` wrote."""
    facts = json.loads((folder / _FACTS).read_text())
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.encode_special_tokens = True  # a typed "[SEP]" is text
    switched_off = facts.get("switched_off", {}) | switch_off_limits(tokenizer)
    return SavedFolder(
        settings=facts["settings"],
        tokenizer=tokenizer,
        cleaning=Cleaning.from_choice(facts["steps"]),
        left_out=facts["left_out"],
        switched_off=switched_off,
        pad_id=int(facts["pad_id"]),
    )


def switch_off_limits(tokenizer: Tokenizer) -> dict[str, str]:
    """Switches off a tokenizer's own truncation and padding.

    Many texts are tokenized in one call, so that a limit for one text would drop the texts after
    it. Long texts are read in windows instead, and batches are padded when they are collated.

    Returns:
        The name of each limit that was on, with an explanation of what replaces it.
    """
    limits = {}
    if (limit := tokenizer.truncation) is not None:
        length = limit["max_length"]
        limits["truncation"] = (
            f"at {length} tokens, as set in its file; long texts are read in windows"
        )
        tokenizer.no_truncation()
    if tokenizer.padding is not None:
        limits["padding"] = "of each text, as set in its file; batches are padded when collated"
        tokenizer.no_padding()
    return limits


@contextmanager
def report_damage(folder: Path) -> Iterator[None]:
    """Reports any exception that is raised while a folder is loaded as an `InputError`.

    Raises:
        InputError: If the block raises an exception.
    """
    try:
        yield
    except Exception as error:  # tokenizers raises bare Exceptions
        raise InputError(
            f"a saved text pipeline must contain {_FACTS} and {_TOKENIZER}",
            found=f"{folder}: {error}",
            expected="the folder `text` of a run that has completed",
        ) from None
