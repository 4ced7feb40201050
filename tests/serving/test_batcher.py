"""The queue in front of a model: what waits together is read together, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from arabic_mtl import Annotation
from arabic_mtl.serving.batcher import Batcher, FullError
from support.service import Model, annotation_of


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


async def reading(batcher: Batcher, model: Model) -> asyncio.Task[list[Annotation]]:
    """A request that the model reads until it may go on."""
    model.may_go_on.clear()
    request = asyncio.create_task(batcher.annotate(["a"]))
    while not model.batches:
        await asyncio.sleep(0.001)
    return request


def test_what_waits_together_is_read_together() -> None:
    model = Model()

    async def work(batcher: Batcher) -> Any:
        first = await reading(batcher, model)
        others = [asyncio.create_task(batcher.annotate(texts)) for texts in (["b", "c"], ["d"])]
        others.append(asyncio.create_task(batcher.annotate(["e", "f"])))
        await asyncio.sleep(0.01)
        assert batcher.waiting == 5
        model.may_go_on.set()
        return await asyncio.gather(first, *others)

    found = with_batcher(model, work)
    assert model.batches == [["a"], ["b", "c", "d"], ["e", "f"]]
    texts = [["a"], ["b", "c"], ["d"], ["e", "f"]]
    assert found == [[annotation_of(text) for text in of_request] for of_request in texts]


def test_a_request_of_more_than_a_batch_is_read_alone() -> None:
    model = Model()
    texts = list("abcdefg")
    assert with_batcher(model, lambda b: b.annotate(texts)) == [annotation_of(t) for t in texts]
    assert model.batches == [texts]


def test_a_full_queue_refuses() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await reading(batcher, model)
        waiting = asyncio.create_task(batcher.annotate(list("bcdefg")))
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await batcher.annotate(["h", "i", "j"])
        last = asyncio.create_task(batcher.annotate(["h", "i"]))
        await asyncio.sleep(0)
        assert batcher.waiting == 8
        model.may_go_on.set()
        answers = await asyncio.gather(first, waiting, last)
        assert list(map(len, answers)) == [1, 6, 2]

    with_batcher(model, work)


def test_a_request_that_is_given_up_is_not_read() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await reading(batcher, model)
        given_up = asyncio.create_task(batcher.annotate(["b"]))
        last = asyncio.create_task(batcher.annotate(["c"]))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        model.may_go_on.set()
        await asyncio.gather(first, last)

    with_batcher(model, work)
    assert model.batches == [["a"], ["c"]]


def test_what_is_given_up_takes_no_room() -> None:
    model = Model()

    async def work(batcher: Batcher) -> None:
        first = await reading(batcher, model)
        given_up = asyncio.create_task(batcher.annotate(list("bcdefghi")))
        await asyncio.sleep(0)
        assert batcher.waiting == 8
        given_up.cancel()
        await asyncio.sleep(0)
        assert batcher.waiting == 0
        last = asyncio.create_task(batcher.annotate(list("jklmnopq")))
        await asyncio.sleep(0)
        model.may_go_on.set()
        assert len(await last) == 8
        await first

    with_batcher(model, work)


def test_an_error_is_of_its_own_request() -> None:
    class Picky(Model):
        def __call__(self, texts: list[str], batch_size: int = 1) -> list[Annotation]:
            found = super().__call__(texts, batch_size)
            if "bad" in texts:
                raise ValueError("no")
            return found

    model = Picky()

    async def work(batcher: Batcher) -> Any:
        first = await reading(batcher, model)
        others = [asyncio.create_task(batcher.annotate([text])) for text in ("b", "bad", "c")]
        await asyncio.sleep(0)
        model.may_go_on.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    a, b, bad, c = with_batcher(model, work)
    assert [a, b, c] == [[annotation_of(text)] for text in "abc"]
    assert str(bad) == "no"


def test_an_error_is_of_its_own_batch() -> None:
    model = Model()

    async def work(batcher: Batcher) -> Any:
        model.error = ValueError("no")
        with pytest.raises(ValueError, match="no"):
            await batcher.annotate(["a"])
        model.error = None
        return await batcher.annotate(["b"])

    assert with_batcher(model, work) == [annotation_of("b")]


def test_closing_waits_for_what_was_accepted() -> None:
    model = Model()

    async def run() -> Any:
        batcher = Batcher(model, waiting=8, batch_size=1)
        tasks = [await reading(batcher, model)]
        tasks += [asyncio.create_task(batcher.annotate([text])) for text in "bc"]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, model.may_go_on.set)
        await batcher.close()
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [[annotation_of(text)] for text in "abc"]
