"""A service with a trivial model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from arabic_mtl import AnnotatedSpan, Annotation, LabelScore
from arabic_mtl.inference.inputs import Texts
from arabic_mtl.serving import Limits, application

ROLES = {"polarity": "sentiment", "target": "ner"}


def annotate(text: str) -> Annotation:
    """Returns an annotation whose only span is the first word of the text."""
    end = text.find(" ") if " " in text else len(text)
    labels = {"ner": LabelScore("ROOMS", 0.9), "sentiment": LabelScore("positive", 0.75)}
    return Annotation(text, (AnnotatedSpan(0, end, text[:end], labels),), {})


class Model:
    """A model that records its batches, and can be blocked or made to fail."""

    tasks = ("sentiment", "ner")
    roles = ROLES
    reads_texts, reads_pairs = True, True

    def __init__(self) -> None:
        self.batches: list[list[Texts]] = []
        self.may_proceed = threading.Event()
        self.may_proceed.set()
        self.error: Exception | None = None

    def __call__(self, texts: list[Texts], batch_size: int = 1) -> list[Annotation]:
        self.batches.append(texts)
        self.may_proceed.wait(20)
        if self.error is not None:
            raise self.error
        return [annotate(text if isinstance(text, str) else text[0]) for text in texts]


def run_client(
    model: Any, talk: Callable[[TestClient[Any, Any]], Awaitable[Any]], **limits: Any
) -> Any:
    """Starts a service with a model, runs a client, and returns the client's result."""

    async def run() -> Any:
        app = application(model, name="model", limits=Limits(**limits))
        async with TestClient(TestServer(app)) as client:
            return await asyncio.wait_for(talk(client), 30)

    return asyncio.run(run())


async def post(client: TestClient[Any, Any], texts: Sequence[Any]) -> tuple[int, Any]:
    """Sends texts; returns the status and the content of the response."""
    async with client.post("/annotate", json={"texts": texts}) as response:
        return response.status, await response.json()
