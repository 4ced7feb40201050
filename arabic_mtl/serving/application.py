"""The routes of the service, and what it answers."""

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
from arabic_mtl.serving.texts import TooMuchError, texts_of

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
    """What answers requests.

    Args:
        annotator: The model.
        name: What it is called on the page.
        limits: What is refused.
    """

    def __init__(self, annotator: Annotator, name: str, limits: Limits) -> None:
        self._annotator, self._name, self._limits = annotator, name, limits

    async def batcher(self, app: web.Application) -> AsyncIterator[None]:
        """Keeps the model's thread as long as the application runs."""
        limits = self._limits
        app[_BATCHER] = Batcher(
            lambda texts: self._annotator(texts, limits.batch_size),
            waiting=limits.waiting,
            batch_size=limits.batch_size,
        )
        yield
        await app[_BATCHER].close()

    async def annotate(self, request: web.Request) -> web.Response:
        """``{"texts": […]}`` → ``{"annotations": […]}``, in the same order."""
        if request.content_type != "application/json":
            return _refusal(415, "a request is JSON", request.content_type, "application/json")
        start = time.perf_counter()
        texts = texts_of(await request.read(), self._limits)
        batcher = request.app[_BATCHER]
        try:
            async with asyncio.timeout(self._limits.seconds):
                found = await batcher.annotate(texts)
        except FullError:
            return _busy(429, f"{batcher.waiting} texts are waiting")
        except TimeoutError:
            return _busy(503, f"no answer within {self._limits.seconds:g} s")
        annotations = [annotation.as_dict() for annotation in found]
        response = _json({"annotations": annotations})
        response.headers["Server-Timing"] = f"total;dur={1000 * (time.perf_counter() - start):.1f}"
        return response

    async def health(self, request: web.Request) -> web.Response:
        """What the service is, and how busy."""
        return _json(
            {
                "status": "ok",
                "model": self._name,
                "tasks": list(self._annotator.tasks),
                "roles": self._annotator.roles,
                "waiting": request.app[_BATCHER].waiting,
            }
        )


def application(
    annotator: Annotator, *, name: str = "", limits: Limits | None = None, host: str = "127.0.0.1"
) -> web.Application:
    """The service of a model.

    Args:
        annotator: The model.
        name: What it is called on the page.
        limits: What is refused; the default ones if none are given.
        host: Where it listens. On a loopback address it answers no other host's name, so that no
            page of another site can reach it by a name of its own (DNS rebinding).
    """
    limits = limits or Limits()
    service = Service(annotator, name, limits)
    app = web.Application(middlewares=[_told, _guard(host)], client_max_size=limits.bytes)
    app.cleanup_ctx.append(service.batcher)
    app.router.add_post("/annotate", service.annotate)
    app.router.add_get("/health", service.health)
    for path, (file, kind) in _PAGE.items():
        app.router.add_get(path, _static(file, kind))
    return app


def _static(file: str, kind: str) -> Handler:
    """A file of the package, read once."""
    content = files("arabic_mtl.serving").joinpath("page", file).read_text(encoding="utf-8")

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=content, content_type=kind, charset="utf-8")

    return handler


def _guard(host: str) -> Any:
    """Refuses names that are not the service's own."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.url.host or ""
        if _is_loopback(host) and not _is_loopback(name):
            return _refusal(421, "the service is asked by its own name", name, host)
        return await handler(request)

    return guard


@web.middleware
async def _told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells errors as JSON, and adds the headers of every answer."""
    try:
        response = await handler(request)
    except TooMuchError as error:
        response = _refusal(413, error.rule, error.found, error.expected)
    except InputError as error:
        response = _refusal(400, error.rule, error.found, error.expected)
    except web.HTTPRequestEntityTooLarge as error:
        response = _refusal(413, "a request has its limits", error.text, "fewer bytes")
    except web.RequestPayloadError as error:
        response = _refusal(400, "a request can be read", error, "a whole body, as its headers say")
    except web.HTTPException as error:
        found = f"{request.method} {request.path}"
        response = _refusal(error.status, error.reason, found, "POST /annotate, GET /, GET /health")
    except Exception as error:  # a mistake in here, which no client has made
        _LOG.exception("%s %s", request.method, request.path)
        response = _refusal(500, "the service answers", type(error).__name__, "see its own log")
    response.headers.update(_HEADERS)
    return response


def _busy(status: int, found: str) -> web.Response:
    response = _refusal(status, "the service has room for a request", found, "another try later")
    response.headers["Retry-After"] = "1"
    return response


def _refusal(status: int, rule: str, found: object, expected: object) -> web.Response:
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
