"""The HTTP server, which finishes all accepted requests before it stops."""

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from arabic_mtl.errors import InputError


async def serve(
    app: web.Application, *, host: str, port: int, seconds: float, ready: Callable[[str], None]
) -> None:
    """Serves an application until the process receives SIGTERM or SIGINT.

    After the signal no new connections are accepted, and all accepted requests are finished.

    Args:
        app: The application.
        host: The address to listen on.
        port: The port; 0 for any free port.
        seconds: The longest time that a request takes.
        ready: Called with the URL when the server listens.

    Raises:
        InputError: If the server cannot listen on this address and port.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=seconds)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        address, *_ = runner.addresses
        name = f"[{address[0]}]" if ":" in address[0] else address[0]  # IPv6
        ready(f"http://{name}:{address[1]}")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        if not host:
            raise OSError("an empty address would mean all addresses of the machine")
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError) as error:
        raise InputError(
            "--host and --port must be an address of this machine and a free port",
            found=f"--host {host} --port {port}: {error}",
            expected="an address of this machine and a free port; --port 0 chooses one",
        ) from None
