"""Runs one shell command to its end, or as long as it serves requests."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.pages.preloaded import arguments_of, run_fork

_SECONDS = 600  # after which a command counts as hanging


class CommandError(Exception):
    """A command that ended with another exit code than expected."""


def finish(command: str, folder: Path, environment: Mapping[str, str], code: int = 0) -> str:
    """Returns everything that a command prints.

    Args:
        command: A line for bash.
        folder: The working folder.
        environment: The environment variables.
        code: The expected exit code.

    Raises:
        CommandError: If the exit code is another one.
    """
    if arguments := arguments_of(command):
        actual, output = run_fork(arguments, folder, environment, _SECONDS)
    else:
        actual, output = _run_shell(command, folder, environment)
    if actual != code:
        raise CommandError(f"exit code {actual}: {command}\n{output[-4000:]}")
    return output


def _run_shell(command: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    outcome = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
    )
    return outcome.returncode, outcome.stdout


@contextmanager
def serving(command: str, folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Yields the port on which a server listens; stops the server in the end.

    Raises:
        CommandError: If the server does not start, or does not end as it should.
    """
    port, log = free_port(), folder / "server.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            ["bash", "-c", f"exec {command} --port {port}"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        try:
            _wait_until_open(port, server)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(timeout=_SECONDS)
    if code not in (0, -signal.SIGTERM):
        raise CommandError(f"exit code {code}: {command}\n{log.read_text(encoding='utf-8')}")


def free_port() -> int:
    """Returns a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    """Returns when the server listens, or has ended, or a minute has passed."""
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CommandError("the server does not listen")
