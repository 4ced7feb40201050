"""A table of how one text becomes labelled tokens, for inspection."""

from collections.abc import Mapping, Sequence
from itertools import islice

import pandas as pd

from arabic_mtl.documents import Span
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.characters import replace_surrogates
from arabic_mtl.text.encoding import NO_WORD


def walk_through(
    text: TextPipeline, raw: str, spans: Mapping[str, Sequence[Span]] | None = None
) -> pd.DataFrame:
    """Returns a frame with one row per token of a text, without special tokens.

    Args:
        text: The pipeline that tokenizes the text.
        raw: The text.
        spans: Task to labelled spans of the text.

    Returns:
        A frame with the columns ``word`` (the raw characters of the token's word), ``cleaned`` (the
        form of the word that is looked up in the vocabulary, such as its stem), ``token``,
        ``start`` and ``end`` (the token's offsets in ``raw``), and one column of BIO labels per
        task.
    """
    raw = replace_surrogates(raw)
    (encoding,) = text.encode([raw], [None])
    tokens = pd.DataFrame(
        {
            "number": encoding.word_ids,
            "token": _tokens(text, encoding),
            "start": encoding.starts,
            "end": encoding.ends,
        }
    )
    tokens = tokens[tokens["number"] != NO_WORD].reset_index(drop=True)
    words = tokens.groupby("number").agg({"start": "min", "end": "max"})
    spellings = [raw[start:end] for start, end in zip(words["start"], words["end"], strict=True)]
    cleaned = [text.clean_word(word) for word in spellings]
    tokens.insert(0, "cleaned", [cleaned[number] for number in tokens["number"]])
    tokens.insert(0, "word", [spellings[number] for number in tokens["number"]])
    for task, task_spans in (spans or {}).items():
        tokens[task] = _labels(tokens, task_spans)
    return tokens.drop(columns="number")


def _tokens(text: TextPipeline, encoding: Encoding) -> list[str]:
    """Returns the tokens; for a word that the encoder reads letter by letter, its letters."""
    letters = iter(encoding.char_codes)
    return [
        "".join(map(chr, islice(letters, size))) or str(text.tokenizer.id_to_token(number))
        for number, size in zip(encoding.input_ids, encoding.word_lengths, strict=True)
    ]


def _labels(tokens: pd.DataFrame, spans: Sequence[Span]) -> list[str]:
    """Returns a BIO label per token, of the first span that overlaps the token."""
    labels = ["O"] * len(tokens)
    for span in spans:
        inside = (tokens["start"] < span.end) & (tokens["end"] > span.start)
        free = [token for token in tokens.index[inside] if labels[token] == "O"]
        for position, token in enumerate(free):
            labels[token] = f"{'I' if position else 'B'}-{span.label}"
    return labels
