"""Runs pages and replaces the outputs that have changed.

    python -m tools.pages [PAGE ...]

A page is README.md or a file of docs/ and its folders; by default all of them are run, which takes
minutes. Look at ``git diff`` afterwards.
"""

import argparse
import sys
import tempfile
import textwrap
from pathlib import Path

from tools.pages.check import Shown, needs_quickstart, run_page
from tools.pages.outputs import excerpt
from tools.pages.workspace import Workspace, train_quickstart
from tools.paths import ROOT, all_pages


def main() -> None:
    """Updates the pages of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", type=Path, nargs="*", default=all_pages())
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as temporary:
        for page in pages:
            folder = Path(temporary)
            run = train_quickstart(folder / "quickstart") if needs_quickstart(page) else None
            name = page.resolve().relative_to(ROOT).with_suffix("")  # several pages may be text.md
            workspace = Workspace(folder / "pages" / name, run)
            update(page, list(run_page(page, workspace)))


def update(page: Path, outputs: list[Shown]) -> None:
    """Replaces the shown outputs that are not true; reports what cannot be replaced."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    false = [(block, output) for block, output, is_true in outputs if not is_true]
    for block, output in reversed(false):
        part = None if block.file else excerpt(block.text, output)
        if part is not None:
            first = lines[block.line - 1]
            indent = first[: len(first) - len(first.lstrip())]  # of a block in a list
            shown = slice(block.line, block.line + len(block.text.splitlines()))
            if textwrap.dedent("".join(lines[shown])) != textwrap.dedent(block.text):
                raise ValueError(f"{page.name} was edited while it was run")
            lines[shown] = [textwrap.indent(part, indent)]
        else:
            print(f"{page.name}, line {block.line}: edit by hand:\n{output}", file=sys.stderr)
    page.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
