"""Properties of both kinds of learned vocabulary."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.vocabulary import learn_wordpiece, learn_words
from support.cases import slow
from support.tokenizers import TEXTS, count_words, hugging_face

Learner = Callable[..., Any]
LEARNERS = pytest.mark.parametrize("learner", [learn_wordpiece, learn_words])


def learn(learner: Learner, texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = learner(count_words(texts), vocab_size=200, split_proclitics=False)
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    return tokenizer


@LEARNERS
@pytest.mark.parametrize("reordered", [TEXTS, TEXTS[::-1]])
def test_the_order_of_the_texts_does_not_matter(learner: Learner, reordered: list[str]) -> None:
    expected = learn(learner, TEXTS).backend_tokenizer.to_str()
    assert learn(learner, reordered).backend_tokenizer.to_str() == expected


@pytest.mark.slow
@pytest.mark.runs
@pytest.mark.parametrize("learner", [learn_wordpiece, *slow(learn_words)])
def test_another_process_learns_the_same_vocabulary(learner: Learner, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    name = learner.__name__
    program = (
        f"from {learner.__module__} import {name}\n"
        f"{name}({dict(count_words(TEXTS))!r}, vocab_size=200, split_proclitics=False)"
        f".save_pretrained({str(folder)!r})"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    tokenizer = learn(learner, TEXTS)
    tokenizer.save_pretrained(tmp_path / "own")
    other, own = (
        hugging_face(tmp_path / folder_name).get_vocab() for folder_name in ("other", "own")
    )
    assert other == own == tokenizer.get_vocab()


@LEARNERS
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("الغرفة😀 نظيفة", ["الغرفة", "😀", "نظيفة"]),
        ("الغرفة👍👍نظيفة", ["الغرفة", "👍👍", "نظيفة"]),
        ("🤷🏽\u200d♂️لا", ["🤷🏽\u200d♂️", "لا"]),
        ("غر\u200dفة", ["غر\u200dفة"]),
    ],
)
def test_emoji_are_separate_words(learner: Learner, text: str, words: list[str]) -> None:
    split = learn(learner, TEXTS).backend_tokenizer.pre_tokenizer.pre_tokenize_str(text)
    assert [word for word, _ in split] == words
