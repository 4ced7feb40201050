"""The queue in front of a model: batching, cancellation, errors and closing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from arabic_mtl import Annotation
from arabic_mtl.serving.batcher import Batcher, FullError
from support.service import Model, annotate


def with_batcher(
    model: Model, work: Callable[[Batcher], Awaitable[Any]], *, waiting: int = 8, size: int = 4
) -> Any:
    async def run() -> Any:
        batcher = Batcher(model, waiting=waiting, batch_size=size)
        try:
            return await asyncio.wait_for(work(batcher), 20)
        finally:
            await batcher.close()

    return asyncio.run(run())


async def start_reading(batcher: Batcher, model: Model) -> asyncio.Task[list[Annotation]]:
    """Starts a request, and returns when the model, which is blocked, reads it."""
    model.may_proceed.clear()
    request = asyncio.create_task(batcher.annotate(["a"]))
    while not model.batches:
        await asyncio.sleep(0.001)
    return request


def test_waiting_requests_are_batched() -> None:
    model = Model()

    async def work(batcher: Batcher) -> Any:
        first = await start_reading(batcher, model)
        waiting_requests = [
            asyncio.create_task(batcher.annotate(texts)) for texts in (["b", "c"], ["d"])
        ]
        waiting_requests.append(asyncio.create_task(batcher.annotate(["e", "f"])))
        await asyncio.sleep(0.01)
        assert batcher.waiting == 5
        model.may_proceed.set()
        return await asyncio.gather(first, *waiting_requests)

    results = with_batcher(model, work)
    assert model.batches == [["a"], ["b", "c", "d"], ["e", "f"]]
    texts = [["a"], ["b", "c"], ["d"], ["e", "f"]]
    assert results == [[annotate(text) for text in request] for request in texts]


def test_large_request_is_a_batch_of_its_own() -> None:
    model = Model()
    texts = list("abcdefg")
    assert with_batcher(model, lambda b: b.annotate(texts)) == [annotate(t) for t in texts]
    assert model.batches == [texts]


def test_full_queue_raises() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await start_reading(batcher, model)
        waiting = asyncio.create_task(batcher.annotate(list("bcdefg")))
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await batcher.annotate(["h", "i", "j"])
        last = asyncio.create_task(batcher.annotate(["h", "i"]))
        await asyncio.sleep(0)
        assert batcher.waiting == 8
        model.may_proceed.set()
        results = await asyncio.gather(first, waiting, last)
        assert list(map(len, results)) == [1, 6, 2]

    with_batcher(model, work)


def test_cancelled_request_is_not_read() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await start_reading(batcher, model)
        cancelled = asyncio.create_task(batcher.annotate(["b"]))
        last = asyncio.create_task(batcher.annotate(["c"]))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.sleep(0)
        model.may_proceed.set()
        await asyncio.gather(first, last)

    with_batcher(model, work)
    assert model.batches == [["a"], ["c"]]


def test_cancelled_request_frees_its_room() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await start_reading(batcher, model)
        cancelled = asyncio.create_task(batcher.annotate(list("bcdefghi")))
        await asyncio.sleep(0)
        assert batcher.waiting == 8
        cancelled.cancel()
        await asyncio.sleep(0)
        assert batcher.waiting == 0
        last = asyncio.create_task(batcher.annotate(list("jklmnopq")))
        await asyncio.sleep(0)
        model.may_proceed.set()
        assert len(await last) == 8
        await first

    with_batcher(model, work)


def test_error_affects_only_its_request() -> None:
    class Picky(Model):
        def __call__(self, texts: list[str], batch_size: int = 1) -> list[Annotation]:
            annotations = super().__call__(texts, batch_size)
            if "bad" in texts:
                raise ValueError("no")
            return annotations

    model = Picky()

    async def work(batcher: Batcher) -> Any:
        first = await start_reading(batcher, model)
        waiting_requests = [
            asyncio.create_task(batcher.annotate([text])) for text in ("b", "bad", "c")
        ]
        await asyncio.sleep(0)
        model.may_proceed.set()
        return await asyncio.gather(first, *waiting_requests, return_exceptions=True)

    a, b, bad, c = with_batcher(model, work)
    assert [a, b, c] == [[annotate(text)] for text in "abc"]
    assert str(bad) == "no"


def test_error_affects_only_its_batch() -> None:
    model = Model()

    async def work(batcher: Batcher) -> Any:
        model.error = ValueError("no")
        with pytest.raises(ValueError, match="no"):
            await batcher.annotate(["a"])
        model.error = None
        return await batcher.annotate(["b"])

    assert with_batcher(model, work) == [annotate("b")]


def test_close_waits_for_accepted_requests() -> None:
    model = Model()

    async def run() -> Any:
        batcher = Batcher(model, waiting=8, batch_size=1)
        tasks = [await start_reading(batcher, model)]
        tasks += [asyncio.create_task(batcher.annotate([text])) for text in "bc"]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, model.may_proceed.set)
        await batcher.close()
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [[annotate(text)] for text in "abc"]
