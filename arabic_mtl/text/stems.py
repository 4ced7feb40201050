"""Stemming: the words of a text, and the stems that are tokenized in place of them."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import islice, pairwise
from threading import local
from typing import Literal

import regex
from tokenizers.normalizers import Normalizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import MARK, MARKS
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.clitics import proclitics

Stemming = Literal["none", "snowball", "lemma", "isri"]

# Marks belong to the preceding character, but `\w` does not match them.
_WORD = regex.compile(rf"[\w{MARKS}]+|[^\w\s][{MARKS}]*")

_PACKAGES = {"snowball": "snowballstemmer", "lemma": "simplemma", "isri": "nltk.stem.isri"}

_CACHE_SIZE = 100_000  # words


def words(text: str) -> list[tuple[int, int]]:
    """Returns the raw character ranges of the words and punctuation marks of a text.

    >>> words("فندق جميل!")
    [(0, 4), (5, 9), (9, 10)]
    """
    return [match.span() for match in _WORD.finditer(text)]


class _PerThread(local):
    """A stemmer with one instance per thread, because Snowball's stemmer has mutable state.

    Args:
        make: Creates an instance; called once per thread.
    """

    def __init__(self, make: Callable[[], Callable[[str], str]]) -> None:
        self._stem = make()

    def __call__(self, word: str) -> str:
        return self._stem(word)


def stemmer(kind: Stemming) -> Callable[[str], str]:
    """Returns a thread-safe function from an unmarked word to its stem.

    Args:
        kind: ``none``; ``snowball``, the light stemmer of the Snowball project; ``lemma``,
            simplemma's dictionary form; ``isri``, the root-like stem of Taghva et al. (2005).

    Raises:
        InputError: If the package of the stemmer is not installed.
    """
    if kind == "none":
        return str
    try:
        package = import_module(_PACKAGES[kind])
    except ImportError:
        raise InputError(
            f"the package for `data.text.stemming: {kind}` must be installed",
            found=f"no {_PACKAGES[kind].split('.')[0]}",
            expected="pip install 'arabic-mtl[stemming]'",
        ) from None
    if kind == "snowball":
        return _PerThread(lambda: package.stemmer("arabic").stemWord)
    if kind == "isri":
        return package.ISRIStemmer().stem  # type: ignore[no-any-return]
    return lambda word: str(package.lemmatize(word, lang="ar"))


class StemmedUnits:
    """A splitter of texts into words with their stems; each distinct word is stemmed once.

    Threads may share an instance. A range that cleaning replaces as a whole, such as a link, is a
    word that is not stemmed.

    Args:
        stemming: The stemmer.
        cleaning: The cleaning that the tokenizer applies to the stems.
        split_proclitics: True if proclitics are separate words.
    """

    def __init__(self, stemming: Stemming, cleaning: Cleaning, *, split_proclitics: bool) -> None:
        # Affixes are recognized by their letters: folding ة into ه beforehand would hide a suffix.
        clean = Cleaning.from_choice("light").normalizer.normalize_str
        stem = stemmer(stemming)

        @lru_cache(maxsize=_CACHE_SIZE)
        def stem_of(word: str) -> str:
            cleaned = clean(word)
            return (stem(cleaned) or cleaned) if cleaned else ""  # a word may be all marks

        self.stem, self._cleaning, self._split = stem_of, cleaning, split_proclitics

    def __call__(self, text: str) -> list[tuple[tuple[int, int], str]]:
        """Returns the raw range and the stem of each word."""
        replaced = self._cleaning.replaced_ranges(text)
        units = [((start, end), text[start:end]) for start, end in replaced]
        gaps = pairwise([0, *(bound for span in replaced for bound in span), len(text)])
        for gap_start, gap_end in islice(gaps, 0, None, 2):
            for start, end in words(text[gap_start:gap_end]):
                parts = self._parts(text, gap_start + start, gap_start + end)
                units += [(part, self.stem(text[slice(*part)])) for part in parts]
        return sorted(units)

    def _parts(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Returns the ranges of a word's proclitics and its rest, or of the whole word."""
        if not self._split:
            return [(start, end)]
        letters = [offset for offset in range(start, end) if not MARK.match(text[offset])]
        cuts = proclitics("".join(text[offset] for offset in letters))[1:]
        bounds = [start, *(letters[cut] for cut in cuts), end]
        return list(pairwise(bounds))


def make_units(
    stemming: Stemming, cleaning: Cleaning, *, split_proclitics: bool
) -> StemmedUnits | None:
    """Creates the splitter into stems; None without stemming, when the tokenizer splits words."""
    if stemming == "none":
        return None
    return StemmedUnits(stemming, cleaning, split_proclitics=split_proclitics)


def clean_text(text: str, stems: StemmedUnits | None, normalizer: Normalizer | None) -> str:
    """Returns a text after stemming and cleaning, as it is looked up in the vocabulary."""
    words = text if stems is None else " ".join(stem for _, stem in stems(text))
    return words if normalizer is None else normalizer.normalize_str(words)


def clean_words(
    words: Sequence[str], stems: StemmedUnits | None, normalizer: Normalizer | None
) -> list[str]:
    """Returns words after stemming and cleaning; they are not split further.

    Cleaning never matches across lines, so that one call cleans all words.

    Args:
        words: The words, none of which may contain a line break.
        stems: The splitter, whose stemmer is used; None without stemming.
        normalizer: The cleaning; None without cleaning.
    """
    units = words if stems is None else map(stems.stem, words)
    return [word.strip() for word in clean_text("\n".join(units), None, normalizer).split("\n")]


def clean_word(word: str, stems: StemmedUnits | None, normalizer: Normalizer | None) -> str:
    """Returns one word after stemming and cleaning; it is not split further."""
    stem = word if stems is None else stems.stem(word)
    return clean_text(stem, None, normalizer).strip()
