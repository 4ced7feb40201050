"""A queue that joins the texts of waiting requests into batches for the model."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from arabic_mtl.documents import Annotation
from arabic_mtl.inference.inputs import Texts

Annotate = Callable[[list[Texts]], list[Annotation]]


class FullError(Exception):
    """The queue has no room for a request."""


class _Request(NamedTuple):
    texts: Sequence[Texts]
    result: asyncio.Future[list[Annotation]]


class Batcher:
    """A bounded queue of requests for a model that runs in one separate thread.

    Args:
        annotate: The model: texts to their annotations.
        waiting: The largest number of texts in the queue.
        batch_size: The largest number of texts in a batch, unless a single request has more.
    """

    def __init__(self, annotate: Annotate, *, waiting: int, batch_size: int) -> None:
        self._annotate, self._capacity, self._batch_size = annotate, waiting, batch_size
        self._queue: deque[_Request] = deque()
        self._pending: set[asyncio.Future[list[Annotation]]] = set()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._worker = asyncio.create_task(self._work())

    @property
    def waiting(self) -> int:
        """Returns the number of texts in the queue, without the batch that the model reads."""
        return sum(len(request.texts) for request in self._queue if not request.result.done())

    async def annotate(self, texts: Sequence[Texts]) -> list[Annotation]:
        """Returns the annotations of a request, as soon as the model has read it.

        A request whose task is cancelled while it is in the queue is not read.

        Args:
            texts: The texts of the request.

        Raises:
            FullError: If the queue has no room for the texts.
        """
        if self.waiting + len(texts) > self._capacity:
            raise FullError
        request = _Request(texts, asyncio.get_running_loop().create_future())
        self._pending.add(request.result)
        request.result.add_done_callback(self._pending.discard)
        self._queue.append(request)
        self._arrived.set()
        return await request.result

    async def close(self) -> None:
        """Waits for all accepted requests, then stops the thread."""
        if self._pending:
            await asyncio.wait(self._pending)
        self._worker.cancel()
        await asyncio.to_thread(self._thread.shutdown)

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._next_batch():
                await self._process(batch)

    async def _process(self, batch: Sequence[_Request]) -> None:
        """Annotates a batch; if the model fails, annotates each of its requests alone.

        This way an error of one request does not affect the others.
        """
        texts = [text for request in batch for text in request.texts]
        loop = asyncio.get_running_loop()
        try:
            annotations = iter(await loop.run_in_executor(self._thread, self._annotate, texts))
        except Exception as error:  # any kind: the worker must not stop
            if len(batch) == 1:
                _finish(batch[0], error)
                return
            for request in batch:
                await self._process([request])
            return
        for request in batch:
            _finish(request, [next(annotations) for _ in request.texts])

    def _next_batch(self) -> list[_Request]:
        """Returns the oldest requests that fit in one batch, without cancelled ones."""
        batch: list[_Request] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0].texts) <= self._batch_size):
            request = self._queue.popleft()
            if not request.result.done():
                batch.append(request)
                size += len(request.texts)
        return batch


def _finish(request: _Request, result: list[Annotation] | Exception) -> None:
    """Sets the result of a request, unless it has been cancelled in the meantime."""
    if request.result.done():
        return
    if isinstance(result, Exception):
        request.result.set_exception(result)
    else:
        request.result.set_result(result)
