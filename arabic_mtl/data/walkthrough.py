"""One text on its way from raw characters to labelled tokens, for people to look at."""

from collections.abc import Mapping, Sequence
from itertools import islice

import pandas as pd

from arabic_mtl.documents import Span
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.characters import readable
from arabic_mtl.text.encoding import NO_WORD


def walk_through(
    text: TextPipeline, raw: str, spans: Mapping[str, Sequence[Span]] | None = None
) -> pd.DataFrame:
    """What becomes of a text: one row per token, without special tokens.

    Args:
        text: The pipeline that its tokens come from.
        raw: The text.
        spans: Task to labelled pieces of the text.

    Returns:
        A frame with the columns ``word`` (its raw characters), ``cleaned`` (what stands in its
        place when the vocabulary is asked, such as its stem), ``token``, ``start`` and ``end``
        (the token's raw characters), and one column of BIO labels per task.
    """
    raw = readable(raw)
    (encoding,) = text.encode([raw], [None])
    tokens = pd.DataFrame(
        {
            "number": encoding.words,
            "token": _tokens(text, encoding),
            "start": encoding.starts,
            "end": encoding.ends,
        }
    )
    tokens = tokens[tokens["number"] != NO_WORD].reset_index(drop=True)
    words = tokens.groupby("number").agg({"start": "min", "end": "max"})
    pieces = [raw[start:end] for start, end in zip(words["start"], words["end"], strict=True)]
    cleaned = [text.cleaned_word(piece) for piece in pieces]
    tokens.insert(0, "cleaned", [cleaned[number] for number in tokens["number"]])
    tokens.insert(0, "word", [pieces[number] for number in tokens["number"]])
    for task, of_task in (spans or {}).items():
        tokens[task] = _labels(tokens, of_task)
    return tokens.drop(columns="number")


def _tokens(text: TextPipeline, encoding: Encoding) -> list[str]:
    """What the encoder reads: of words whose letters it sees, those."""
    letters = iter(encoding.letters)
    return [
        "".join(map(chr, islice(letters, size))) or str(text.tokenizer.id_to_token(number))
        for number, size in zip(encoding.input_ids, encoding.sizes, strict=True)
    ]


def _labels(tokens: pd.DataFrame, spans: Sequence[Span]) -> list[str]:
    """O, or B and I with the label of the first span that shares a character with the token."""
    labels = ["O"] * len(tokens)
    for span in spans:
        inside = (tokens["start"] < span.end) & (tokens["end"] > span.start)
        free = [token for token in tokens.index[inside] if labels[token] == "O"]
        for position, token in enumerate(free):
            labels[token] = f"{'I' if position else 'B'}-{span.label}"
    return labels
