"""A temporary folder like a checkout of the project, in which the blocks of a page are run."""

import gzip
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from lxml import etree

from tools.pages import rules
from tools.pages.processes import finish, serving
from tools.paths import ROOT

_LINKS = ("arabic_mtl", "benchmarks", "configs", "docs", "Makefile", "README.md")
_HOTELS = "AR_Hotels_Train_SB1.xml"
_QUICKSTART = "make quickstart"
_BIN = Path(sys.executable).parent
_MATPLOTLIB = Path.home() / ".cache" / "matplotlib"  # finding all fonts anew takes seconds
_TEXT = "الغرفة نظيفة\n"


class Quickstart(NamedTuple):
    """A finished quickstart, which all pages share.

    Args:
        runs: The folder of its runs.
        output: The output of the command.
    """

    runs: Path
    output: str


class Workspace:
    """A folder in which the commands and the Python code of one page are run.

    Args:
        folder: The folder, which is created.
        quickstart: The quickstart, which is copied instead of trained.

    Attributes:
        left_out: The commands that were not run, because they need data that is not there.
    """

    def __init__(self, folder: Path, quickstart: Quickstart | None = None) -> None:
        self.folder = folder
        self.left_out: list[str] = []
        self._quickstart = quickstart
        self._printed: dict[str, str] = {}
        self._namespace: dict[str, Any] = {"__name__": "page"}
        self._port = 8000
        _fill(folder)
        if quickstart is not None:
            shutil.copytree(quickstart.runs, folder / "runs")

    def run(self, block: str, code: int = 0) -> str:
        """Runs shell commands one by one; returns everything that they print.

        Args:
            block: The commands.
            code: The expected exit code of the last one; that of the others is 0.

        Raises:
            CommandError: If a command has another exit code.
        """
        commands, printed = split_commands(block), []
        with ExitStack() as servers:
            for number, command in enumerate(commands, start=1):
                expected = code if number == len(commands) else 0
                printed.append(self._run_one(command, expected, servers))
        return "".join(printed)

    def execute(self, code: str) -> str:
        """Executes Python code in the namespace of the page; returns everything that it prints."""
        content = io.BytesIO()
        out = io.TextIOWrapper(content, encoding="utf-8", write_through=True)
        with self._inside(), redirect_stdout(out), redirect_stderr(io.StringIO()):
            exec(compile(rules.adapt_code(code), "<page>", "exec"), self._namespace)
        return content.getvalue().decode()

    def _run_one(self, command: str, code: int, servers: ExitStack) -> str:
        if rules.skip_reason(command):
            return ""
        if variable := rules.missing_data(command):
            self.left_out.append(f"{variable} is not set: {command}")
            return ""
        if command == _QUICKSTART and self._quickstart is not None:
            return self._quickstart.output
        if rules.is_server(command):
            server = serving(rules.adapt(command), self.folder, self._environment)
            self._port = servers.enter_context(server)
            return ""
        if command not in self._printed:  # a command that a page repeats is run once
            adapted = rules.adapt(command).replace(":8000", f":{self._port}")
            self._printed[command] = finish(adapted, self.folder, self._environment, code)
        return self._printed[command]

    @property
    def _environment(self) -> dict[str, str]:
        """Returns the environment: this Python, one thread, no network and a home of its own."""
        return {
            **os.environ,
            "HOME": str(self.folder.parent / "home"),
            "MPLCONFIGDIR": str(_MATPLOTLIB),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "PATH": f"{_BIN}:{os.environ['PATH']}",
        }

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Makes the folder the current one; forgets the modules that were imported from it."""
        stdin = io.TextIOWrapper(io.BytesIO(_TEXT.encode()), encoding="utf-8")
        before, here = set(sys.modules), Path.cwd()
        with (
            patch.dict(os.environ, self._environment),
            patch.object(sys, "path", [str(self.folder), *sys.path]),
            patch.object(sys, "stdin", stdin),
        ):
            os.chdir(self.folder)
            try:
                yield
            finally:
                os.chdir(here)
                for name in set(sys.modules) - before:
                    if str(getattr(sys.modules[name], "__file__", "")).startswith(str(self.folder)):
                        del sys.modules[name]


def train_quickstart(folder: Path) -> Quickstart:
    """Trains the quickstart in a new workspace, if the folder does not hold one already."""
    log = folder.parent / "quickstart.txt"
    if not log.is_file():
        log.write_text(Workspace(folder).run(_QUICKSTART), encoding="utf-8")
    return Quickstart(folder / "runs", log.read_text(encoding="utf-8"))


def split_commands(block: str) -> list[str]:
    r"""Returns the commands of a block, without comments.

    >>> split_commands("make  # all of it\n\npython train.py \\\n    fit")
    ['make', 'python train.py fit']
    >>> split_commands("echo 'two\nlines'")
    ["echo 'two\nlines'"]
    """
    commands, unfinished = list[str](), ""
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        unfinished += re.sub(r"(^|\s+)#\s.*$", "", line)
        if is_complete(unfinished):
            commands.append(unfinished.strip())
            unfinished = ""
        else:
            unfinished += "\n"
    return [command for command in commands if command]


def is_complete(command: str) -> bool:
    """Returns True if all quotes of a command are closed."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def _fill(folder: Path) -> None:
    """Creates a folder with links to the project, and with the files that pages name."""
    folder.mkdir(parents=True)
    (folder.parent / "home").mkdir(exist_ok=True)
    for name in _LINKS:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.copy(ROOT / "train.py", folder)  # Python would look for modules where a link points to
    shutil.copy(ROOT / "arabic_mtl" / "sample" / "test.xml", folder / "reviews.xml")
    (folder / "tweets.csv").write_text(f"id,tweet\n1,{_TEXT}", encoding="utf-8")
    (folder / "tweets.txt.gz").write_bytes(gzip.compress(_TEXT.encode()))
    if hotels := rules.data_folder("hotels"):
        _copy_reviews(hotels / _HOTELS, folder / "hotels" / _HOTELS)
    if encoder := rules.data_folder("encoder"):
        (folder / "encoder").symlink_to(encoder)


def _copy_reviews(source: Path, target: Path) -> None:
    """Copies the first reviews of a file."""
    target.parent.mkdir()
    tree = etree.parse(source)
    for review in tree.getroot()[rules.REVIEWS :]:
        tree.getroot().remove(review)
    tree.write(target, encoding="utf-8", xml_declaration=True)
