"""A service that is told to stop: what was accepted is answered, nothing new is accepted."""

from __future__ import annotations

import asyncio
import os
import signal

import aiohttp
import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.serving import Limits, application, serve
from support.service import Model, annotation_of

SECONDS = 20


async def post(client: aiohttp.ClientSession, url: str, text: str) -> tuple[int, str]:
    async with client.post(f"{url}/annotate", json={"texts": [text]}) as response:
        return response.status, (await response.json())["annotations"][0]["text"]


async def health(client: aiohttp.ClientSession, url: str) -> int:
    async with client.get(f"{url}/health") as response:
        waiting: int = (await response.json())["waiting"]
        return waiting


async def stopped(model: Model, number: signal.Signals, texts: list[str]) -> list[tuple[int, str]]:
    """The answers to texts that had come when a service was told to stop."""
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = application(model, limits=Limits(batch_size=1))
    service = asyncio.create_task(
        serve(app, host="127.0.0.1", port=0, seconds=SECONDS, ready=url.set_result)
    )
    at = await url
    model.may_go_on.clear()
    async with aiohttp.ClientSession() as client:
        answers = [asyncio.create_task(post(client, at, text)) for text in texts]
        while await health(client, at) < len(texts) - 1:  # one of them is being read
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.1)
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(client, at, "too late")
        assert not service.done()
        model.may_go_on.set()
        found = await asyncio.gather(*answers)
    await service
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_nothing_that_was_accepted(number: signal.Signals) -> None:
    model, texts = Model(), [f"text {number}" for number in range(8)]
    found = asyncio.run(asyncio.wait_for(stopped(model, number, texts), SECONDS))
    assert found == [(200, annotation_of(text).text) for text in texts]
    assert sorted(model.batches) == [[text] for text in texts]


@pytest.mark.parametrize("host", ["256.0.0.1", ""])
def test_where_nothing_can_listen(host: str) -> None:
    async def listen() -> None:
        app = application(Model())
        await serve(app, host=host, port=0, seconds=1, ready=print)

    with pytest.raises(InputError) as caught:
        asyncio.run(listen())
    assert str(caught.value.found).startswith(f"--host {host} --port 0: ")
