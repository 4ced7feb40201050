"""A pipeline that many threads share gives the encodings of a single thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from arabic_mtl.text import Encoding, TextPipeline, known
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
def frequent_switches() -> Iterator[None]:
    """Makes the interpreter switch threads far more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def run_threads(work: Callable[[int], T]) -> list[T]:
    """Returns the result of each thread for its number; all threads start at the same time."""
    start = threading.Barrier(THREADS)

    def begin(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def encode_in_batches(text: TextPipeline, number: int, size: int = 10) -> list[Encoding]:
    """Returns the encodings of all texts in batches; each thread starts at another text."""
    first = number * len(TEXTS) // THREADS
    rotated = TEXTS[first:] + TEXTS[:first]
    parts = [rotated[n : n + size] for n in range(0, len(rotated), size)]
    encodings = [encoding for part in parts for encoding in text.encode(part, part[::-1])]
    return encodings[len(encodings) - first :] + encodings[: len(encodings) - first]


@pytest.mark.parametrize("name", PIPELINES)
def test_threads_encode_like_a_single_thread(tmp_path: Path, name: str) -> None:
    shared = pipeline(tmp_path / "text", TEXTS, **PIPELINES[name])
    single = TextPipeline.load(tmp_path / "text")
    expected = [encode_in_batches(single, number) for number in range(THREADS)]
    assert run_threads(lambda number: encode_in_batches(shared, number)) == expected
    assert encode_in_batches(shared, 0) == expected[0]  # the cache stays correct


def test_threads_with_a_small_cache_encode_like_a_single_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = encode_in_batches(pipeline(tmp_path / "text", TEXTS, stemming="snowball"), 0)
    shared = TextPipeline.load(tmp_path / "text")
    monkeypatch.setattr(known, "_CACHE_SIZE", 40)
    monkeypatch.setattr(known, "_RECENT_SIZE", 15)
    assert run_threads(lambda _: encode_in_batches(shared, 0)) == [expected] * THREADS


@pytest.mark.parametrize("kind", ["snowball", "isri", "lemma"])
def test_threads_stem_like_a_single_thread(kind: Stemming) -> None:
    clean = Cleaning.from_choice("light").normalizer.normalize_str
    vocabulary = sorted({clean(t[a:b]) for t in TEXTS for a, b in words(t)})
    shared, single = stemmer(kind), stemmer(kind)
    expected = [single(word) for word in vocabulary]
    results = run_threads(
        lambda number: [shared(w) for w in vocabulary[number * 9 :] + vocabulary[: number * 9]]
    )
    for number, stems in enumerate(results):
        cut = len(vocabulary) - number * 9
        assert stems[cut:] + stems[:cut] == expected
