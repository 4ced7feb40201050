"""What a request's body asks for."""

import json
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.serving.limits import Limits

_FORM = '{"texts": ["…", …]}'


class TooMuchError(InputError):
    """More than the service takes upon itself."""


def texts_of(body: bytes, limits: Limits) -> list[str]:
    """The texts to annotate.

    Args:
        body: ``{"texts": […]}``, in UTF-8.
        limits: Of the service.

    Raises:
        InputError: If it is something else.
        TooMuchError: If it is too much.
    """
    try:
        asked = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _refused(
            "a request is UTF-8", f"byte {body[error.start]:#04x} at {error.start}", _FORM
        ) from None
    except (ValueError, RecursionError) as error:
        raise _refused("a request is JSON", str(error), _FORM) from None
    if not isinstance(asked, dict) or asked.keys() != {"texts"}:
        found = sorted(asked) if isinstance(asked, dict) else type(asked).__name__
        raise _refused("a request is an object with `texts` alone", found, _FORM)
    texts = asked["texts"]
    if not isinstance(texts, list) or not texts:
        found = "an empty list" if texts == [] else type(texts).__name__
        raise _refused("`texts` is a list of one text or more", found, _FORM)
    if len(texts) > limits.texts:
        raise TooMuchError(
            "a request has its limits",
            found=f"{len(texts)} texts",
            expected=f"at most {limits.texts}",
        )
    for number, text in enumerate(texts):
        _require_text(number, text, limits)
    return texts


def _require_text(number: int, text: Any, limits: Limits) -> None:
    name = f"texts[{number}]"
    if not isinstance(text, str):
        raise _refused("a text is a string", f"{name}: {type(text).__name__}", "a string")
    if len(text) > limits.characters:
        raise TooMuchError(
            "a text has its limits",
            found=f"{name}: {len(text):,} characters",
            expected=f"at most {limits.characters:,}",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _refused("a text is Unicode", f"{name}: half of a surrogate pair", "whole characters")


def _refused(rule: str, found: object, expected: str) -> InputError:
    return InputError(rule, found=found, expected=expected)
