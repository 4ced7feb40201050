"""Generates the sample corpus of Arabic hotel and restaurant reviews."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tools.paths import ROOT
from tools.sample.compose import Composer
from tools.sample.files import to_conll, to_csv, to_xml
from tools.sample.grammar import Grammar, load
from tools.sample.segments import Sentence

SEED = 2006  # the splits of this one come out evenly balanced
SIZES = {"train": 300, "validation": 60, "test": 60}
SMALL_SIZES = {"train": 300, "validation": 80, "test": 80}  # sentences of a CSV or CoNLL file
LONG_REVIEW_WORDS = 330
FOLDER = ROOT / "arabic_mtl" / "sample"


def generate(seed: int = SEED) -> dict[str, bytes]:
    """Makes the whole corpus.

    Args:
        seed: Decides every random choice; equal seeds give equal bytes.

    Returns:
        The content of each file by its name.
    """
    author = Author(load(), random.Random(seed))
    numbers = count(1)
    files = {}
    for split, size in SIZES.items():
        texts = [author.review() for _ in range(size)]
        if split == "train":
            texts[size // 2] = author.long_review()
        reviews = [(f"s{next(numbers)}", text) for text in texts]
        files[f"{split}.xml"] = to_xml(reviews)
        files[f"sentiment_{split}.csv"] = to_csv(reviews, SMALL_SIZES[split])
        files[f"targets_{split}.conll"] = to_conll(reviews, SMALL_SIZES[split])
    return files


class Author:
    """Writes review after review and never the same sentence twice."""

    def __init__(self, grammar: Grammar, rng: random.Random) -> None:
        """Takes the grammar to write in and the only source of chance."""
        self._grammar, self._rng = grammar, rng
        self._written: set[str] = set()

    def review(self) -> list[Sentence]:
        """Writes a review of a few sentences."""
        venue = self._rng.choices(["hotel", "restaurant"], [68, 32])[0]
        composer = Composer(self._grammar, self._rng, venue)
        return [self._fresh(composer.sentence) for _ in range(self._rng.randint(2, 5))]

    def long_review(self) -> list[Sentence]:
        """Writes a review far longer than an encoder's usual window, one sentence very long."""
        composer = Composer(self._grammar, self._rng, "hotel")
        sentences = [self._fresh(composer.sentence), composer.journey()]
        while sum(len(sentence.text.split()) for sentence in sentences) < LONG_REVIEW_WORDS:
            sentences.append(self._fresh(composer.sentence))
        return sentences

    def _fresh(self, write: Callable[[], Sentence]) -> Sentence:
        while (sentence := write()).text in self._written:
            pass
        self._written.add(sentence.text)
        return sentence


def main(arguments: list[str] | None = None) -> None:
    """Rewrites the files.

    Args:
        arguments: Command-line arguments, those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Write the sample corpus of Arabic reviews.")
    parser.add_argument("--seed", type=int, default=SEED, help="random seed (default: %(default)s)")
    parser.add_argument(
        "--output",
        type=Path,
        default=FOLDER,
        help="folder for the files (default: arabic_mtl/sample)",
    )
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    for name, content in generate(options.seed).items():
        (options.output / name).write_bytes(content)
