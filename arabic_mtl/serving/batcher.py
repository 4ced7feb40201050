"""Requests that are waiting together are read together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from arabic_mtl.documents import Annotation

Annotate = Callable[[list[str]], list[Annotation]]


class FullError(Exception):
    """There is no room for another request."""


class _Request(NamedTuple):
    texts: Sequence[str]
    answer: asyncio.Future[list[Annotation]]


class Batcher:
    """A bounded queue in front of a model, which one thread of its own runs.

    Args:
        annotate: The model.
        waiting: The most texts in the queue.
        batch_size: The most texts that are read at once, unless one request has more.
    """

    def __init__(self, annotate: Annotate, *, waiting: int, batch_size: int) -> None:
        self._annotate, self._most, self._batch_size = annotate, waiting, batch_size
        self._queue: deque[_Request] = deque()
        self._unanswered: set[asyncio.Future[list[Annotation]]] = set()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._worker = asyncio.create_task(self._work())

    @property
    def waiting(self) -> int:
        """Texts in the queue; those that are being read are none of them."""
        return sum(len(of.texts) for of in self._queue if not of.answer.done())

    async def annotate(self, texts: Sequence[str]) -> list[Annotation]:
        """Waits for the annotations of a request.

        A request that is given up while it waits (its task is cancelled) is not read.

        Raises:
            FullError: If there is no room for it.
        """
        if self.waiting + len(texts) > self._most:
            raise FullError
        request = _Request(texts, asyncio.get_running_loop().create_future())
        self._unanswered.add(request.answer)
        request.answer.add_done_callback(self._unanswered.discard)
        self._queue.append(request)
        self._arrived.set()
        return await request.answer

    async def close(self) -> None:
        """Ends when everything that was accepted is answered."""
        if self._unanswered:
            await asyncio.wait(self._unanswered)
        self._worker.cancel()
        await asyncio.to_thread(self._thread.shutdown)

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._next():
                await self._read(batch)

    async def _read(self, batch: Sequence[_Request]) -> None:
        """Answers requests together; where the model fails, each alone: one may be at fault."""
        texts = [text for request in batch for text in request.texts]
        loop = asyncio.get_running_loop()
        try:
            found = iter(await loop.run_in_executor(self._thread, self._annotate, texts))
        except Exception as error:  # of whatever kind: the others have to be answered
            if len(batch) == 1:
                _settle(batch[0], error)
                return
            for request in batch:
                await self._read([request])
            return
        for request in batch:
            _settle(request, [next(found) for _ in request.texts])

    def _next(self) -> list[_Request]:
        """The requests of one batch: those that came first, and are still waited for."""
        batch: list[_Request] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0].texts) <= self._batch_size):
            request = self._queue.popleft()
            if not request.answer.done():
                batch.append(request)
                size += len(request.texts)
        return batch


def _settle(request: _Request, answer: list[Annotation] | Exception) -> None:
    if request.answer.done():  # given up meanwhile
        return
    if isinstance(answer, Exception):
        request.answer.set_exception(answer)
    else:
        request.answer.set_result(answer)
