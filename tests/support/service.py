"""A service with a model that need not be trained."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from arabic_mtl import AnnotatedSpan, Annotation, LabelScore
from arabic_mtl.serving import Limits, application

ROLES = {"polarity": "sentiment", "target": "ner"}


def annotation_of(text: str) -> Annotation:
    """The first word is a target."""
    end = text.find(" ") if " " in text else len(text)
    labels = {"ner": LabelScore("ROOMS", 0.9), "sentiment": LabelScore("positive", 0.75)}
    return Annotation(text, (AnnotatedSpan(0, end, text[:end], labels),), {})


class Model:
    """Notes what it is asked, and waits where it is told to."""

    tasks = ("sentiment", "ner")
    roles = ROLES

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.error: Exception | None = None

    def __call__(self, texts: list[str], batch_size: int = 1) -> list[Annotation]:
        self.batches.append(texts)
        self.may_go_on.wait(20)
        if self.error is not None:
            raise self.error
        return [annotation_of(text) for text in texts]


def asked(model: Any, talk: Callable[[TestClient[Any, Any]], Awaitable[Any]], **limits: Any) -> Any:
    """What comes of a talk with a service of a model."""

    async def run() -> Any:
        app = application(model, name="model", limits=Limits(**limits))
        async with TestClient(TestServer(app)) as client:
            return await asyncio.wait_for(talk(client), 30)

    return asyncio.run(run())


async def post(client: TestClient[Any, Any], texts: Sequence[Any]) -> tuple[int, Any]:
    """Status and answer."""
    async with client.post("/annotate", json={"texts": texts}) as response:
        return response.status, await response.json()
