"""The texts in the body of a request."""

import json
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.inference.inputs import Texts
from arabic_mtl.serving.limits import Limits

_FORM = '{"texts": ["…", …]}'
_ITEM = 'a string, or a list of two strings, which are a pair: ["…", "…"]'


class TooLargeError(InputError):
    """An error for a request that exceeds the limits of the service."""


def parse_texts(body: bytes, limits: Limits) -> list[Texts]:
    """Returns the texts of a request, and its pairs of texts.

    Args:
        body: The body of the request: ``{"texts": […]}`` in UTF-8.
        limits: The limits of the service.

    Raises:
        InputError: If the body has another form.
        TooLargeError: If the request exceeds the limits.
    """
    try:
        request = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _error(
            "a request must be UTF-8", f"byte {body[error.start]:#04x} at {error.start}", _FORM
        ) from None
    except (ValueError, RecursionError) as error:
        raise _error("a request must be JSON", str(error), _FORM) from None
    if not isinstance(request, dict) or request.keys() != {"texts"}:
        found = sorted(request) if isinstance(request, dict) else type(request).__name__
        raise _error("a request must be an object with the one field `texts`", found, _FORM)
    texts = request["texts"]
    if not isinstance(texts, list) or not texts:
        found = "an empty list" if texts == [] else type(texts).__name__
        raise _error("`texts` must be a list of one or more texts", found, _FORM)
    if len(texts) > limits.texts:
        raise TooLargeError(
            "a request must not have too many texts",
            found=f"{len(texts)} texts",
            expected=f"at most {limits.texts}",
        )
    return [_text_or_pair(f"texts[{number}]", item, limits) for number, item in enumerate(texts)]


def _text_or_pair(name: str, item: Any, limits: Limits) -> Texts:
    """Returns an item of ``texts`` as a text or a pair."""
    if not isinstance(item, list):
        _require_text(name, item, limits)
        return str(item)
    if len(item) != 2:
        raise _error("a pair must have two texts", f"{name}: a list of {len(item)}", _ITEM)
    for number, text in enumerate(item):
        _require_text(f"{name}[{number}]", text, limits)
    _require_length(name, len(item[0]) + len(item[1]), limits)
    return item[0], item[1]


def _require_text(name: str, text: Any, limits: Limits) -> None:
    """Raises `InputError` if a value in ``texts`` is not a valid text."""
    if not isinstance(text, str):
        raise _error("a text must be a string", f"{name}: {type(text).__name__}", _ITEM)
    _require_length(name, len(text), limits)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        found = f"{name}: half of a surrogate pair"
        raise _error("a text must be valid Unicode", found, "whole characters")


def _require_length(name: str, length: int, limits: Limits) -> None:
    """Raises `TooLargeError` if a text, or the texts of a pair together, are too long."""
    if length > limits.characters:
        raise TooLargeError(
            "a text must not be too long",
            found=f"{name}: {length:,} characters",
            expected=f"at most {limits.characters:,}",
        )


def _error(rule: str, found: object, expected: str) -> InputError:
    return InputError(rule, found=found, expected=expected)
