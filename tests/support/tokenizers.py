"""Tokenizer folders in the form of the hub, without weights, and helpers for encodings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tokenizers import BertWordPieceTokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.vocabulary import word_splitter

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [
    *("الغرفة نظيفة والغرفة واسعة", "الموظفون رائعون والموظفون متعاونون"),
    *("بالموقع للمطعم كالفندق فالسعر", "فندق جميل جدا ورخيص", "abc 123 ! . ،"),
]
TEXTS = [*WORDS[:3], "فندق جميل جدا ورخيص [SEP] abc 12 ! ."] * 3


def bert_folder(
    folder: Path, words: Collection[str], *, lowercase: bool = False, origin: str = ""
) -> Path:
    """Writes the folder of a BertTokenizer whose vocabulary is some words and their letters."""
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
    """Writes the folder of a BertTokenizer with a vocabulary learned from texts."""
    tokenizer = BertWordPieceTokenizer(lowercase=lowercase, strip_accents=False)
    tokenizer.train_from_iterator(texts, vocab_size=300, show_progress=False)
    vocabulary = tokenizer.get_vocab()
    words = sorted(vocabulary, key=lambda token: vocabulary[token])
    return bert_folder(folder, words, lowercase=lowercase)


def pipeline(folder: Path, texts: Iterable[str] = TEXTS, **settings: Any) -> TextPipeline:
    """Creates a text pipeline in a folder from settings and training texts."""
    return TextPipeline.create(
        folder, TextSettings(**({"vocab_size": 300} | settings)), lambda: texts
    )


def count_words(texts: Iterable[str], *, split_proclitics: bool = False) -> Counter[str]:
    """Returns how often each word of cleaned texts occurs."""
    splitter = word_splitter(split_proclitics=split_proclitics)
    return Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(text))


def hugging_face(folder: Path) -> PreTrainedTokenizerFast:
    """Returns the tokenizer that AutoTokenizer loads from a folder."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    return tokenizer


def sorted_vocabulary(tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Returns the tokens of a vocabulary, sorted by id."""
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


def word_offsets(encoding: Encoding) -> list[tuple[int, int]]:
    """Returns the offsets of each word, from its first token to its last."""
    offsets: dict[int, tuple[int, int]] = {}
    for word, start, end in zip(encoding.word_ids, encoding.starts, encoding.ends, strict=True):
        if word != NO_WORD:
            offsets[word] = (offsets.get(word, (start, 0))[0], end)
    return list(offsets.values())


def word_texts(pipeline: TextPipeline, text: str) -> list[str]:
    """Returns the raw characters of each word."""
    return [text[start:end] for start, end in word_offsets(encode(pipeline, text))]


def check_offsets(encoding: Encoding, text: str) -> None:
    """Asserts that tokens lie within the text, in its order, and have no outer white space."""
    previous_start = 0
    for start, end, word in zip(encoding.starts, encoding.ends, encoding.word_ids, strict=True):
        if word == NO_WORD:
            assert start == end
            assert start in (0, *range(previous_start, len(text) + 1))
        else:
            assert previous_start <= start < end <= len(text)
            assert text[start:end].strip() == text[start:end]
            previous_start = start
    numbers = [word for word in encoding.word_ids if word != NO_WORD]
    assert sorted(set(numbers)) == list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))
