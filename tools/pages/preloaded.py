"""Runs commands of arabic_mtl in forks of a process that has imported its libraries.

A page has many commands, and each would import torch and Lightning for five seconds. A fork has
them. Otherwise it is a process like any other, with its own arguments, folder and environment.
"""

import multiprocessing
import os
import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

_MODULES = ["arabic_mtl.cli.commands", "arabic_mtl.inference", "transformers", "pandas"]
_SHELL = frozenset("|&;<>()$`*")
_PROGRAM = re.compile(r"(arabic-mtl|python (train|benchmarks/(epoch|evaluate|step))\.py) ")
_ONE_THREAD = "OMP_NUM_THREADS=1 "  # which the environment of the pages has already


def arguments_of(command: str) -> list[str] | None:
    """Returns the program and the arguments of a command that a fork can run, else None.

    >>> arguments_of("python train.py fit --config 'my config.yaml'")
    ['train.py', 'fit', '--config', 'my config.yaml']
    >>> arguments_of("OMP_NUM_THREADS=1 python benchmarks/step.py --rounds 1")
    ['benchmarks/step.py', '--rounds', '1']
    >>> arguments_of("zcat texts.gz | arabic-mtl predict --input -") is None
    True
    """
    command = command.removeprefix(_ONE_THREAD)
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    parts = list(words)
    is_shell = any(set(part) <= _SHELL for part in parts) or "$" in command
    if is_shell or not _PROGRAM.match(command):
        return None
    return parts if parts[0] == "arabic-mtl" else parts[1:]


def run_fork(
    arguments: list[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Runs a command in a fork; returns its exit code and everything that it prints.

    A command that takes longer than ``seconds`` is killed, which makes its exit code negative.
    """
    log = folder / "output.log"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_MODULES)
    options = (arguments, folder, dict(environment), log)
    with patch.dict(os.environ, environment):  # of the server, when it starts
        process = context.Process(target=_run, args=options)
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
    return process.exitcode or 0, log.read_text(encoding="utf-8")


def _run(arguments: list[str], folder: Path, environment: dict[str, str], log: Path) -> None:
    """Becomes the command: in its folder, with its output in a file."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    multiprocessing.set_start_method(None, force=True)  # the default, for loader processes
    with log.open("wb") as output, open(os.devnull, "rb") as nothing:
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source.fileno(), target)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    script = folder / arguments[0]
    sys.argv = [str(script) if script.suffix else shutil.which(arguments[0]) or "", *arguments[1:]]
    sys.path.insert(0, str(Path(sys.argv[0]).parent))
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        sys.stdout.flush()
