"""An annotator shared by threads predicts the same as in one thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

import arabic_mtl
from arabic_mtl import Annotation
from arabic_mtl.export import open_model, write_model
from arabic_mtl.export.onnx import write_graphs
from arabic_mtl.inference import Annotator
from arabic_mtl.serving import Limits, application
from support.annotations import assert_close
from support.cases import slow
from support.configurations import recipe_settings, word_settings
from support.runs import Run, train_run
from support.semeval import sample_texts

pytestmark = pytest.mark.runs

THREADS = 8
TEXTS = [f"{text} {number}" for number, text in enumerate(sample_texts()[:1000])]
"""Each text has a unique number, so that caches cannot answer for it."""


@pytest.fixture(scope="module", params=["words", *slow("stems", "pieces")])
def exported(
    request: pytest.FixtureRequest, trained: Run, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Returns an exported model with a graph, for each kind of vocabulary."""
    run = trained
    if request.param != "words":
        value = word_settings() if request.param == "stems" else recipe_settings()
        value["data"]["text"]["stemming"] = "snowball" if request.param == "stems" else "none"
        run = train_run(tmp_path_factory.mktemp(request.param), value)
    folder = tmp_path_factory.mktemp("exported")
    model = open_model(run.folder)
    write_model(model, folder)
    write_graphs(model, folder)
    return folder


@pytest.fixture(params=["torch", *slow("onnx")])
def load(request: pytest.FixtureRequest, exported: Path) -> Callable[[], Annotator]:
    return lambda: arabic_mtl.load(exported, backend=request.param)


def in_threads(annotator: Annotator, size: int) -> list[list[Annotation]]:
    """Annotates all texts in each of several threads at once, ``size`` texts per call."""
    start = threading.Barrier(THREADS)

    def ask(number: int) -> list[Annotation]:
        turned = TEXTS[number * 97 :] + TEXTS[: number * 97]
        start.wait()
        parts = [turned[n : n + size] for n in range(0, len(turned), size)]
        found = [each for part in parts for each in annotator(part)]
        cut = len(found) - number * 97
        return found[cut:] + found[:cut]

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, range(THREADS)))


def test_threads_predict_the_same_as_one_thread(load: Callable[[], Annotator]) -> None:
    expected = load()(TEXTS)
    assert sum(bool(annotation.spans) for annotation in expected) > 100
    shared = load()  # its first use is by all threads at once
    for found in [*in_threads(shared, 100), shared(TEXTS)]:  # and works afterwards
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, 1e-4)


def test_service_shares_its_model_with_another_thread(trained: Run) -> None:
    """Checks that the service's thread and the caller's thread can use one model."""
    annotator = arabic_mtl.load(trained.folder)
    expected = annotator(TEXTS)
    app = application(annotator, limits=Limits(waiting=len(TEXTS), texts=50))

    async def ask(client: TestClient, start: int) -> list[dict[str, Any]]:  # type: ignore[type-arg]
        texts = TEXTS[start : start + 50]
        async with client.post("/annotate", json={"texts": texts}) as response:
            found: list[dict[str, Any]] = (await response.json())["annotations"]
            return found

    async def talk() -> tuple[list[Annotation], list[dict[str, Any]]]:
        async with TestClient(TestServer(app)) as client:
            asked = [ask(client, start) for start in range(0, len(TEXTS), 50)]
            own, *parts = await asyncio.gather(asyncio.to_thread(annotator, TEXTS), *asked)
            return own, [each for part in parts for each in part]

    own, served = asyncio.run(talk())
    for one, other, answer in zip(own, expected, served, strict=True):
        assert_close(one, other, 1e-4)
        assert [(span["start"], span["end"]) for span in answer["spans"]] == [
            (span.start, span.end) for span in other.spans
        ]
