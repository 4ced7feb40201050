"""The inputs of a model: texts, and pairs of texts."""

from arabic_mtl.errors import InputError

MAX_CHARACTERS = 100_000
"""The most characters of a text: attention takes memory by the square of the length."""

Texts = str | tuple[str, str]
"""A text, or a pair of texts that are encoded together."""

TextList = list[str] | list[tuple[str, str]] | list[Texts]
"""Texts, pairs of texts, or both."""

TextPair = tuple[str, str | None]
"""A text and its second text, or None for a text that stands alone."""


def text_pair(texts: object) -> TextPair:
    """Returns a text and its pair, or None for the pair of a single text.

    Raises:
        InputError: If either text is not a string, or is too long.
    """
    if isinstance(texts, tuple) and len(texts) == 2:
        return check_text(texts[0]), check_text(texts[1])
    return check_text(texts), None


def check_text(text: object) -> str:
    """Returns the text if it can be annotated.

    Raises:
        InputError: If the text is not a string, or is too long.
    """
    if not isinstance(text, str):
        raise InputError("a text must be a string", found=type(text).__name__, expected="str")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            "a text must not be too long to be encoded as a whole",
            found=f"{len(text):,} characters",
            expected=f"at most {MAX_CHARACTERS:,} characters; a longer text in several parts",
        )
    return text


def other_kind(*, is_pair: bool) -> InputError:
    """Returns the error about an input that no task of a model reads."""
    kinds = ("a single text", "a pair of texts")
    return InputError(
        "texts must be given as the model's tasks have read them: alone, or in pairs",
        found=kinds[is_pair],
        expected=f"{kinds[not is_pair]}"
        + ("" if is_pair else "; in Python a tuple, of a file the option `pair`"),
    )
