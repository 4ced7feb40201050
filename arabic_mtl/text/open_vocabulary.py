"""The words of training texts and their counts, from which vocabularies are learned."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer, models
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer

from arabic_mtl.text.characters import replace_surrogates
from arabic_mtl.text.offsets import CharRange
from arabic_mtl.text.ragged import Integers
from arabic_mtl.text.steps import placeholder

_BATCH = 1000  # texts cut per call of the tokenizer
_UNKNOWN = "[UNK]"


class _Words(NamedTuple):
    """The words of a text, as `tokenizers.Encoding` has tokens."""

    ids: list[int]
    offsets: list[CharRange]
    word_ids: list[int | None]


class OpenVocabulary:
    """A tokenizer whose tokens are words, and whose vocabulary contains every word it has read.

    Args:
        normalizer: The cleaning.
        splitter: Splits a cleaned text into words.
        placeholders: The tokens that cleaning replaces links by; they are never split.
    """

    def __init__(
        self, normalizer: Normalizer, splitter: PreTokenizer, placeholders: Sequence[str] = ()
    ) -> None:
        # the tokens of Unigram keep their letters even if they are unknown
        self._tokenizer = Tokenizer(models.Unigram([(_UNKNOWN, 0.0)], unk_id=0))
        self._tokenizer.normalizer = normalizer
        self._tokenizer.pre_tokenizer = splitter
        self._tokenizer.add_tokens([placeholder(text) for text in placeholders])
        self._parts = {
            text: [part for part, _ in splitter.pre_tokenize_str(text)] for text in placeholders
        }
        self.ids: dict[str, int] = {}
        """Word to id, in the order in which words were read."""

    def encode(
        self,
        sequence: str | list[str],
        /,
        *,
        is_pretokenized: bool = False,
        add_special_tokens: bool = False,
    ) -> _Words:
        """Returns the words of a text, and gives new words an id."""
        encoded = self._tokenizer.encode(
            sequence, is_pretokenized=is_pretokenized, add_special_tokens=add_special_tokens
        )
        ids = [self.ids.setdefault(word, len(self.ids)) for word in encoded.tokens]
        return _Words(ids, encoded.offsets, encoded.word_ids)

    def count(
        self, texts: Iterable[str], tokenize: Callable[[list[str]], Integers]
    ) -> dict[str, int]:
        """Returns how often each word occurs in some texts.

        Args:
            texts: The raw texts.
            tokenize: Returns the ids of all words of texts, in this vocabulary.
        """
        iterator, totals = iter(texts), np.zeros(len(self.ids), dtype=np.int64)
        while batch := [replace_surrogates(text) for text in islice(iterator, _BATCH)]:
            counts = np.bincount(tokenize(batch), minlength=len(self.ids))
            counts[: len(totals)] += totals
            totals = counts
        counted = dict(zip(self.ids, totals.tolist(), strict=True))
        return self._split_placeholders({word: n for word, n in counted.items() if n})

    def _split_placeholders(self, counts: dict[str, int]) -> dict[str, int]:
        """Counts the parts of placeholders, because a text may contain brackets elsewhere, too."""
        for text in self._parts.keys() & counts.keys():
            count = counts.pop(text)
            for part in self._parts[text]:
                counts[part] = counts.get(part, 0) + count
        return counts
