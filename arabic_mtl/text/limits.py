"""Truncation and padding in a tokenizer's file, which would delete texts or invent tokens."""

from tokenizers import Tokenizer


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
        found["truncation"] = f"its file cuts texts at {length} tokens; they are read in windows"
        tokenizer.no_truncation()
    if tokenizer.padding is not None:
        found["padding"] = "its file pads each text; batches are padded when they are made"
        tokenizer.no_padding()
    return found
