"""The web application of the service: its routes, responses and errors."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from ipaddress import ip_address
from typing import Any

from aiohttp import web

from arabic_mtl.errors import InputError
from arabic_mtl.inference import Annotator
from arabic_mtl.serving.batcher import Batcher, FullError
from arabic_mtl.serving.limits import Limits
from arabic_mtl.serving.texts import TooLargeError, parse_texts

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PAGE = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LOG = logging.getLogger(__name__)
_BATCHER = web.AppKey("batcher", Batcher)


class Service:
    """The request handlers of the service.

    Args:
        annotator: The model.
        name: The name of the model on the page.
        limits: The limits of the service.
    """

    def __init__(self, annotator: Annotator, name: str, limits: Limits) -> None:
        self._annotator, self._name, self._limits = annotator, name, limits

    async def batcher(self, app: web.Application) -> AsyncIterator[None]:
        """Starts the queue in front of the model, and closes it when the application stops."""
        limits = self._limits
        app[_BATCHER] = Batcher(
            lambda texts: self._annotator(texts, limits.batch_size),
            waiting=limits.waiting,
            batch_size=limits.batch_size,
        )
        yield
        await app[_BATCHER].close()

    async def annotate(self, request: web.Request) -> web.Response:
        """Handles a request ``{"texts": […]}``; returns ``{"annotations": […]}`` in that order."""
        if request.content_type != "application/json":
            return _error(415, "a request must be JSON", request.content_type, "application/json")
        start = time.perf_counter()
        texts = parse_texts(await request.read(), self._limits)
        batcher = request.app[_BATCHER]
        try:
            async with asyncio.timeout(self._limits.seconds):
                annotations = await batcher.annotate(texts)
        except FullError:
            return _busy(429, f"{batcher.waiting} texts are waiting")
        except TimeoutError:
            return _busy(503, f"no annotations within {self._limits.seconds:g} s")
        response = _json({"annotations": [annotation.as_dict() for annotation in annotations]})
        response.headers["Server-Timing"] = f"total;dur={1000 * (time.perf_counter() - start):.1f}"
        return response

    async def health(self, request: web.Request) -> web.Response:
        """Returns the name, tasks and roles of the model, and the number of waiting texts."""
        return _json(
            {
                "status": "ok",
                "model": self._name,
                "tasks": list(self._annotator.tasks),
                "roles": self._annotator.roles,
                "reads_texts": self._annotator.reads_texts,
                "reads_pairs": self._annotator.reads_pairs,
                "waiting": request.app[_BATCHER].waiting,
            }
        )


def application(
    annotator: Annotator, *, name: str = "", limits: Limits | None = None, host: str = "127.0.0.1"
) -> web.Application:
    """Returns the web application that serves a model.

    Args:
        annotator: The model.
        name: The name of the model on the page.
        limits: The limits of the service; the default ones if None.
        host: The address that the server listens on. If it is a loopback address, requests for
            other host names are rejected, so that pages of other sites cannot reach the service
            through a host name of their own (DNS rebinding).
    """
    limits = limits or Limits()
    service = Service(annotator, name, limits)
    middlewares = [_handle_errors, _check_host(host)]
    app = web.Application(middlewares=middlewares, client_max_size=limits.bytes)
    app.cleanup_ctx.append(service.batcher)
    app.router.add_post("/annotate", service.annotate)
    app.router.add_get("/health", service.health)
    for path, (file, kind) in _PAGE.items():
        app.router.add_get(path, _static(file, kind))
    return app


def _static(file: str, kind: str) -> Handler:
    """Returns a handler that serves a file of the package, which is read once."""
    content = files("arabic_mtl.serving").joinpath("page", file).read_text(encoding="utf-8")

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=content, content_type=kind, charset="utf-8")

    return handler


def _check_host(host: str) -> Any:
    """Returns a middleware that rejects requests for other host names."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.url.host or ""
        if _is_loopback(host) and not _is_loopback(name):
            return _error(421, "a request must use the host name of the service", name, host)
        return await handler(request)

    return check


@web.middleware
async def _handle_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Converts errors to JSON responses, and adds the headers of every response."""
    try:
        response = await handler(request)
    except TooLargeError as error:
        response = _error(413, error.rule, error.found, error.expected)
    except InputError as error:
        response = _error(400, error.rule, error.found, error.expected)
    except web.HTTPRequestEntityTooLarge as error:
        response = _error(413, "a request must not be too large", error.text, "fewer bytes")
    except web.RequestPayloadError as error:
        expected = "a complete body in the encoding that the headers declare"
        response = _error(400, "the body of a request must be readable", error, expected)
    except web.HTTPException as error:
        found = f"{request.method} {request.path}"
        response = _error(error.status, error.reason, found, "POST /annotate, GET /, GET /health")
    except Exception as error:  # a bug of the service, not a mistake of the client
        _LOG.exception("%s %s", request.method, request.path)
        response = _error(500, "the service must not fail", type(error).__name__, "see its log")
    response.headers.update(_HEADERS)
    return response


def _busy(status: int, found: str) -> web.Response:
    """Returns an error response that asks the client to try again after a second."""
    response = _error(status, "the service must not be overloaded", found, "a later request")
    response.headers["Retry-After"] = "1"
    return response


def _error(status: int, rule: str, found: object, expected: object) -> web.Response:
    error = {"rule": rule, "found": str(found), "expected": str(expected)}
    return _json({"error": error}, status)


def _json(content: Any, status: int = 200) -> web.Response:
    body = json.dumps(content, ensure_ascii=False)
    return web.Response(text=body, status=status, content_type="application/json", charset="utf-8")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
