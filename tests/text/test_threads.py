"""One pipeline, many threads: the encodings of one thread, whatever is remembered."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from arabic_mtl.text import Encoding, TextPipeline, chunks
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.stems import Stemming, stemmer, words
from support.semeval import sample_texts
from support.tokenizers import pipeline

THREADS = 8
TEXTS = [f"{text} {number}" for number, text in enumerate(sample_texts()[:300])]
PIPELINES: dict[str, dict[str, Any]] = {
    "pieces": {},
    "snowball": {"stemming": "snowball"},
    "isri": {"stemming": "isri", "split_proclitics": False},
    "lemma": {"stemming": "lemma"},
    "words": {"form": "words", "stemming": "snowball"},
}

T = TypeVar("T")


@pytest.fixture(autouse=True)
def often() -> Iterator[None]:
    """Lets threads take turns far more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def at_once(work: Callable[[int], T]) -> list[T]:
    """What each of several threads makes of its number, all begun at the same time."""
    start = threading.Barrier(THREADS)

    def begin(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def in_parts(text: TextPipeline, number: int, size: int = 10) -> list[Encoding]:
    """The encodings of all texts, some at a time, begun at a place of the thread's own."""
    first = number * len(TEXTS) // THREADS
    turned = TEXTS[first:] + TEXTS[:first]
    parts = [turned[n : n + size] for n in range(0, len(turned), size)]
    found = [encoding for part in parts for encoding in text.encode(part, part[::-1])]
    return found[len(found) - first :] + found[: len(found) - first]


@pytest.mark.parametrize("name", PIPELINES)
def test_threads_encode_as_one_does(tmp_path: Path, name: str) -> None:
    shared = pipeline(tmp_path / "text", TEXTS, **PIPELINES[name])
    alone = TextPipeline.load(tmp_path / "text")
    expected = [in_parts(alone, number) for number in range(THREADS)]
    assert at_once(lambda number: in_parts(shared, number)) == expected
    assert in_parts(shared, 0) == expected[0]  # and what is remembered stays right


def test_threads_that_forget_encode_as_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = in_parts(pipeline(tmp_path / "text", TEXTS, stemming="snowball"), 0)
    shared = TextPipeline.load(tmp_path / "text")
    monkeypatch.setattr(chunks, "_REMEMBERED", 40)
    monkeypatch.setattr(chunks, "_FEW", 15)
    assert at_once(lambda _: in_parts(shared, 0)) == [expected] * THREADS


@pytest.mark.parametrize("kind", ["snowball", "isri", "lemma"])
def test_threads_stem_as_one_does(kind: Stemming) -> None:
    clean = Cleaning.of("light").normalizer.normalize_str
    known = sorted({clean(t[a:b]) for t in TEXTS for a, b in words(t)})
    shared, alone = stemmer(kind), stemmer(kind)
    expected = [alone(word) for word in known]
    found = at_once(lambda number: [shared(w) for w in known[number * 9 :] + known[: number * 9]])
    for number, stems in enumerate(found):
        cut = len(known) - number * 9
        assert stems[cut:] + stems[:cut] == expected
