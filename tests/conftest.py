"""What many tests need: SemEval files, a small tokenizer, trained runs, the real corpus."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from export_runs import first_tokens, fitted
from hypothesis import settings
from local_models import ROOT, SAMPLE, TINY_WORDS, Run, places, run

from arabic_mtl.text import TextPipeline

pytest.register_assert_rewrite("closeness")
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

Opinion = tuple[str, str, str]  # target ("NULL" for none), category, polarity
Sentence = tuple[str, list[Opinion]]

WORDS = [
    *("الغرفة نظيفة والغرفة واسعة", "الموظفون رائعون والموظفون متعاونون"),
    *("بالموقع للمطعم كالفندق فالسعر", "فندق جميل جدا ورخيص", "abc 123 ! . ،"),
]


def _sentence(name: str, text: str, opinions: list[Opinion]) -> str:
    lines = []
    for target, category, polarity in opinions:
        start = 0 if target == "NULL" else text.index(target)
        end = 0 if target == "NULL" else start + len(target)
        values = {"target": target, "category": category, "polarity": polarity}
        values |= {"from": str(start), "to": str(end)}
        attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in values.items())
        lines.append(f"<Opinion {attributes}/>")
    found = f"<Opinions>{''.join(lines)}</Opinions>" if lines else ""
    return f'<sentence id="{name}"><text>{escape(text)}</text>{found}</sentence>'


def semeval(
    reviews: Mapping[str, Sequence[Sentence]],
    of_review: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> str:
    """A SemEval-2016 file: review to its sentences, and (SB2) to its own opinions.

    The XML declaration and ``<Reviews>`` stand on lines 1 and 2, then one line per sentence and
    one for each end of a review. A sentence's id is ``review:number``.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<Reviews>"]
    for rid, sentences in reviews.items():
        lines += [f'<Review rid="{rid}"><sentences>']
        lines += [_sentence(f"{rid}:{n}", *sentence) for n, sentence in enumerate(sentences)]
        opinions = [
            f'<Opinion category="{category}" polarity="{polarity}"/>'
            for category, polarity in (of_review or {}).get(rid, ())
        ]
        own = f"<Opinions>{''.join(opinions)}</Opinions>" if opinions else ""
        lines += [f"</sentences>{own}</Review>"]
    return "\n".join([*lines, "</Reviews>"])


@pytest.fixture
def write_semeval(tmp_path: Path) -> Callable[..., Path]:
    """``write_semeval(reviews, of_review=None, name="train.xml")`` puts a file in tmp_path."""

    def write(
        reviews: Mapping[str, Sequence[Sentence]],
        of_review: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        name: str = "train.xml",
    ) -> Path:
        path = tmp_path / name
        path.write_text(semeval(reviews, of_review), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """A loaded pipeline with a small learned vocabulary and the ``recipe`` cleaning."""
    folder = tmp_path_factory.mktemp("pipeline") / "text"
    pipeline = TextPipeline(vocab_size=300)
    pipeline.create(folder, lambda: WORDS * 3)
    pipeline.load(folder)
    return pipeline


@pytest.fixture(scope="session")
def hotels() -> Path:
    """The folder of the real corpus."""
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to run on the real corpus")
    return Path(os.environ["ARABIC_MTL_DATA"]) / "semeval2016_hotels"


@pytest.fixture(scope="session")
def e5() -> Path:
    """The folder of a real pretrained encoder."""
    if "ARABIC_MTL_MODELS" not in os.environ:
        pytest.skip("set ARABIC_MTL_MODELS to run with a real encoder")
    return Path(os.environ["ARABIC_MTL_MODELS"]) / "e5-small-arabic"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The quickstart, shrunk, on copies of the sample's files."""
    place = tmp_path_factory.mktemp("trained")
    root = place / "xml"
    root.mkdir()
    for split in ("train", "validation", "test"):
        shutil.copy(SAMPLE / f"{split}.xml", root)
    options = [
        *("--data.text.vocab_size=600", "--trainer.max_epochs=2", f"--data.root={root}"),
        "--trainer.limit_train_batches=25",
        *("--model.lr=5e-3", *TINY_WORDS, *places(place)),
    ]
    outcome = run("fit", "--config", ROOT / "configs" / "quickstart.yaml", *options)
    assert outcome.code == 0, outcome.err
    return Run(place / "runs" / "quickstart" / "version_0", outcome)


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose every head is one of Hugging Face's."""
    return fitted(tmp_path_factory.mktemp("plain"), first_tokens())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
