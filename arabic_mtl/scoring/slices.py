"""Slices of texts: those with one value of a column, or of a length."""

_LENGTHS = (8, 16, 32, 64)  # the most words of the texts of a slice


def length_slice(text: str) -> str:
    """Returns the name of the slice of a text's length in words.

    >>> length_slice("كلمة")
    '1–8 words'
    """
    words, least = len(text.split()), 1
    for most in _LENGTHS:
        if words <= most:
            return f"{least}–{most} words"
        least = most + 1
    return f"{least} words or more"


def lengths_order(name: str) -> int:
    """Returns the fewest words of a slice that `length_slice` named, to sort slices by."""
    return int(name.replace("–", " ").split()[0])
