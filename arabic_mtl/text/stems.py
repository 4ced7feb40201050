"""The words of a text as what a tokenizer shall read in their place: stems."""

from collections.abc import Callable
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

# Marks belong to what they stand on, though `\w` leaves them out.
_WORD = regex.compile(rf"[\w{MARKS}]+|[^\w\s][{MARKS}]*")

_PACKAGES = {"snowball": "snowballstemmer", "lemma": "simplemma", "isri": "nltk.stem.isri"}

_REMEMBERED = 100_000  # words


def words(text: str) -> list[tuple[int, int]]:
    """The raw character ranges of the words and punctuation marks of a text.

    >>> words("فندق جميل!")
    [(0, 4), (5, 9), (9, 10)]
    """
    return [match.span() for match in _WORD.finditer(text)]


class _PerThread(local):
    """A stemmer for each thread: Snowball's keeps the word that it works on.

    Args:
        make: Makes one; called once in each thread.
    """

    def __init__(self, make: Callable[[], Callable[[str], str]]) -> None:
        self._stem = make()

    def __call__(self, word: str) -> str:
        return self._stem(word)


def stemmer(kind: Stemming) -> Callable[[str], str]:
    """A function from a word without marks to its stem, which threads may share.

    Args:
        kind: ``none``; ``snowball``, the light stemmer of the Snowball project; ``lemma``,
            simplemma's dictionary form; ``isri``, the root-like stem of Taghva et al. (2005).

    Raises:
        InputError: If the package that does it is not installed.
    """
    if kind == "none":
        return str
    try:
        package = import_module(_PACKAGES[kind])
    except ImportError:
        raise InputError(
            f"data.text.stemming: {kind} is done by a package that is installed",
            found=f"no {_PACKAGES[kind].split('.')[0]}",
            expected="pip install 'arabic_mtl[stemming]'",
        ) from None
    if kind == "snowball":
        return _PerThread(lambda: package.stemmer("arabic").stemWord)
    if kind == "isri":
        return package.ISRIStemmer().stem  # type: ignore[no-any-return]
    return lambda word: str(package.lemmatize(word, lang="ar"))


class StemmedUnits:
    """Splits a text into words and gives each its stem; each distinct word is stemmed once.

    Threads may share one.

    What cleaning replaces as a whole, such as a link, is a word that stays as it is.

    Args:
        stemming: How.
        cleaning: What the tokenizer will do to the stems.
        split_proclitics: Whether a proclitic is a word of its own.
    """

    def __init__(self, stemming: Stemming, cleaning: Cleaning, *, split_proclitics: bool) -> None:
        # Affixes are told by their letters: folding ة into ه before would hide one.
        clean = Cleaning.of("light").normalizer.normalize_str
        stem = stemmer(stemming)

        @lru_cache(maxsize=_REMEMBERED)
        def stem_of(word: str) -> str:
            cleaned = clean(word)
            return (stem(cleaned) or cleaned) if cleaned else ""  # a word may be all marks

        self.stem, self._cleaning, self._split = stem_of, cleaning, split_proclitics

    def __call__(self, text: str) -> list[tuple[tuple[int, int], str]]:
        """The raw place and the stem of each word."""
        kept = self._cleaning.replaced(text)
        found = [((start, end), text[start:end]) for start, end in kept]
        gaps = pairwise([0, *(bound for place in kept for bound in place), len(text)])
        for gap_start, gap_end in islice(gaps, 0, None, 2):
            for start, end in words(text[gap_start:gap_end]):
                parts = self._parts(text, gap_start + start, gap_start + end)
                found += [((a, b), self.stem(text[a:b])) for a, b in parts]
        return sorted(found)

    def _parts(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        if not self._split:
            return [(start, end)]
        letters = [place for place in range(start, end) if not MARK.match(text[place])]
        cuts = proclitics("".join(text[place] for place in letters))[1:]
        bounds = [start, *(letters[cut] for cut in cuts), end]
        return list(pairwise(bounds))


def units_of(
    stemming: Stemming, cleaning: Cleaning, *, split_proclitics: bool
) -> StemmedUnits | None:
    """The units of texts that are stemmed; none where the tokenizer finds the words itself."""
    if stemming == "none":
        return None
    return StemmedUnits(stemming, cleaning, split_proclitics=split_proclitics)


def cleaned_text(text: str, stems: StemmedUnits | None, normalizer: Normalizer | None) -> str:
    """What stands in a text's place when the vocabulary is asked."""
    words = text if stems is None else " ".join(stem for _, stem in stems(text))
    return words if normalizer is None else normalizer.normalize_str(words)


def cleaned_word(word: str, stems: StemmedUnits | None, normalizer: Normalizer | None) -> str:
    """Returns one of a text's words, not split any more, as the vocabulary is asked for it."""
    stem = word if stems is None else stems.stem(word)
    return cleaned_text(stem, None, normalizer).strip()
