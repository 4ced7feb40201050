"""Fixtures of the page tests: one training of the quickstart, for all workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tools.pages.check import needs_quickstart, run_page
from tools.pages.workspace import Quickstart, Workspace, train_quickstart


@pytest.fixture(scope="session")
def quickstart(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[], Quickstart]:
    """Returns a function that trains the quickstart, unless another worker has done so."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "pages"
    folder.mkdir(exist_ok=True)

    def train() -> Quickstart:
        with FileLock(folder / "lock"):
            return train_quickstart(folder / "quickstart")

    return train


@pytest.fixture
def check_page(quickstart: Callable[[], Quickstart], tmp_path: Path) -> Callable[[Path], None]:
    """Returns a function that runs a page and compares the outputs that it shows."""

    def check(page: Path) -> None:
        run = quickstart() if needs_quickstart(page) else None
        workspace = Workspace(tmp_path / "page", run)
        false = [shown for shown in run_page(page, workspace) if not shown.is_true]
        for block, output, _ in false:
            print(f"{page.name}, line {block.line}: the output is now:\n{output}")
        lines = [block.line for block, _, _ in false]
        assert lines == [], f"{page.name} shows other outputs; see `make pages`"
        if workspace.left_out:
            pytest.skip("; ".join(workspace.left_out))

    return check
