"""Tokenizer folders as the hub would give them, without weights; nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tokenizers import BertWordPieceTokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.encoding import NO_WORD

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [
    *("الغرفة نظيفة والغرفة واسعة", "الموظفون رائعون والموظفون متعاونون"),
    *("بالموقع للمطعم كالفندق فالسعر", "فندق جميل جدا ورخيص", "abc 123 ! . ،"),
]
TEXTS = [*WORDS[:3], "فندق جميل جدا ورخيص [SEP] abc 12 ! ."] * 3


def bert_folder(
    folder: Path, words: Collection[str], *, lowercase: bool = False, origin: str = ""
) -> Path:
    """A BertTokenizer that knows some words and their letters."""
    letters = sorted({letter for word in words if word not in SPECIAL for letter in word})
    vocabulary = [*SPECIAL, *words, *letters, *(f"##{letter}" for letter in letters)]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)), encoding="utf-8")
    facts = {"tokenizer_class": "BertTokenizer", "do_lower_case": lowercase}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    config = {"model_type": "bert", "_name_or_path": origin}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def learned_folder(folder: Path, texts: Iterable[str], *, lowercase: bool = False) -> Path:
    """A BertTokenizer with a vocabulary learned from texts."""
    learned = BertWordPieceTokenizer(lowercase=lowercase, strip_accents=False)
    learned.train_from_iterator(texts, vocab_size=300, show_progress=False)
    vocabulary = learned.get_vocab()
    words = sorted(vocabulary, key=lambda token: vocabulary[token])
    return bert_folder(folder, words, lowercase=lowercase)


def pipeline(folder: Path, texts: Iterable[str] = TEXTS, **settings: Any) -> TextPipeline:
    """A pipeline that was made from settings, and loaded."""
    return TextPipeline.create(
        folder, TextSettings(**({"vocab_size": 300} | settings)), lambda: texts
    )


def hugging_face(folder: Path) -> PreTrainedTokenizerFast:
    """What AutoTokenizer makes of a folder."""
    loaded = AutoTokenizer.from_pretrained(folder)
    assert isinstance(loaded, PreTrainedTokenizerFast)
    return loaded


def in_order(tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Its vocabulary by number."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=lambda token: vocabulary[token])


def encode(pipeline: TextPipeline, text: str, pair: str | None = None) -> Encoding:
    (encoding,) = pipeline.encode([text], [pair])
    return encoding


def tokens(pipeline: TextPipeline, text: str, pair: str | None = None) -> list[str]:
    return [
        str(pipeline.tokenizer.id_to_token(number))
        for number in encode(pipeline, text, pair).input_ids
    ]


def words_of(encoding: Encoding) -> list[tuple[int, int]]:
    """Where each word lies, from its first token to its last."""
    places: dict[int, tuple[int, int]] = {}
    for word, start, end in zip(encoding.words, encoding.starts, encoding.ends, strict=True):
        if word != NO_WORD:
            places[word] = (places.get(word, (start, 0))[0], end)
    return list(places.values())


def extents(pipeline: TextPipeline, text: str) -> list[str]:
    """The raw characters of each word."""
    return [text[start:end] for start, end in words_of(encode(pipeline, text))]


def check_places(encoding: Encoding, text: str) -> None:
    """Tokens come in the order of the text, within it and without blanks round them."""
    before = 0
    for start, end, word in zip(encoding.starts, encoding.ends, encoding.words, strict=True):
        if word == NO_WORD:
            assert start == end
            assert start in (0, *range(before, len(text) + 1))
        else:
            assert before <= start < end <= len(text)
            assert text[start:end].strip() == text[start:end]
            before = start
    numbers = [word for word in encoding.words if word != NO_WORD]
    assert sorted(set(numbers)) == list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))
