"""From an application to a process that listens, and stops without losing anything."""

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from arabic_mtl.errors import InputError


async def serve(
    app: web.Application, *, host: str, port: int, seconds: float, ready: Callable[[str], None]
) -> None:
    """Listens until the process is told to stop (SIGTERM, SIGINT).

    Then nothing new is accepted, and all that was is answered.

    Args:
        app: The service.
        host: The address to listen at.
        port: The port; 0 for any that is free.
        seconds: The longest that a request takes.
        ready: Is told the URL.

    Raises:
        InputError: If nothing can listen there.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=seconds)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        address, *_ = runner.addresses
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        ready(f"http://{shown}:{address[1]}")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        if not host:
            raise OSError("an empty one would be all of them")
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError) as error:
        raise InputError(
            "the service has an address of its own to listen at",
            found=f"--host {host} --port {port}: {error}",
            expected="an address of this machine and a port that is free; 0 finds one",
        ) from None
