"""Stopping the server: accepted requests are finished, new ones are not accepted."""

from __future__ import annotations

import asyncio
import os
import signal

import aiohttp
import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.serving import Limits, application, serve
from support.service import Model, annotate

SECONDS = 20


async def post(client: aiohttp.ClientSession, url: str, text: str) -> tuple[int, str]:
    async with client.post(f"{url}/annotate", json={"texts": [text]}) as response:
        return response.status, (await response.json())["annotations"][0]["text"]


async def health(client: aiohttp.ClientSession, url: str) -> int:
    async with client.get(f"{url}/health") as response:
        waiting: int = (await response.json())["waiting"]
        return waiting


async def stop(model: Model, number: signal.Signals, texts: list[str]) -> list[tuple[int, str]]:
    """Sends a signal while a server has pending requests; returns their responses."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = application(model, limits=Limits(batch_size=1))
    service = asyncio.create_task(
        serve(app, host="127.0.0.1", port=0, seconds=SECONDS, ready=ready.set_result)
    )
    url = await ready
    model.may_proceed.clear()
    async with aiohttp.ClientSession() as client:
        requests = [asyncio.create_task(post(client, url, text)) for text in texts]
        while await health(client, url) < len(texts) - 1:  # the model is reading one of them
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.1)
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(client, url, "too late")
        assert not service.done()
        model.may_proceed.set()
        responses = await asyncio.gather(*requests)
    await service
    return responses


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_finishes_accepted_requests(number: signal.Signals) -> None:
    model, texts = Model(), [f"text {number}" for number in range(8)]
    responses = asyncio.run(asyncio.wait_for(stop(model, number, texts), SECONDS))
    assert responses == [(200, annotate(text).text) for text in texts]
    assert sorted(model.batches) == [[text] for text in texts]


@pytest.mark.parametrize("host", ["256.0.0.1", ""])
def test_bad_address_is_rejected(host: str) -> None:
    async def listen() -> None:
        app = application(Model())
        await serve(app, host=host, port=0, seconds=1, ready=print)

    with pytest.raises(InputError) as caught:
        asyncio.run(listen())
    assert str(caught.value.found).startswith(f"--host {host} --port 0: ")
