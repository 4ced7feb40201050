"""Running a page: its commands, code, files and outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pages.__main__ import update
from tools.pages.check import needs_quickstart, run_page
from tools.pages.workspace import Workspace

PAGE = """
<!-- page: file=mine.py -->
```python
NAME = "mine"
```

```sh
cat mine.py \\
    | tr a-z A-Z  # a comment
```

<!-- page: output -->
```
NAME = "MINE"
```

```python
import mine

number = 6 * 7
```

```python
print(mine.NAME, number)
```

<!-- page: output loose -->
```
mine 41
```

<!-- page: fails 3 -->
```sh
exit 3
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_the_blocks_of_a_page_are_run_in_their_order(page: Path, tmp_path: Path) -> None:
    outputs = list(run_page(page, Workspace(tmp_path / "work")))
    assert [shown.output for shown in outputs] == ['NAME = "MINE"\n', "mine 42\n"]
    assert all(shown.is_true for shown in outputs)


def test_a_false_output_is_found_and_replaced(page: Path, tmp_path: Path) -> None:
    page.write_text(PAGE.replace('"MINE"', '"YOURS"'), encoding="utf-8")
    outputs = list(run_page(page, Workspace(tmp_path / "work")))
    assert [shown.is_true for shown in outputs] == [False, True]
    update(page, outputs)
    assert page.read_text(encoding="utf-8") == PAGE


def test_a_page_that_was_edited_meanwhile_is_left_alone(page: Path, tmp_path: Path) -> None:
    page.write_text(PAGE.replace('"MINE"', '"YOURS"'), encoding="utf-8")
    outputs = list(run_page(page, Workspace(tmp_path / "work")))
    page.write_text("\n" + PAGE, encoding="utf-8")
    with pytest.raises(ValueError, match="edited"):
        update(page, outputs)


@pytest.mark.parametrize("block", ["sh\nfalse", "sh\nfalse | true", "python\nraise ValueError(1)"])
def test_a_failing_block_is_named_with_its_line(tmp_path: Path, block: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"text\n\n```{block}\n```\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"page\.md, line 3"):
        list(run_page(page, Workspace(tmp_path / "work")))


def test_a_command_without_its_data_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARABIC_MTL_DATA", raising=False)
    workspace = Workspace(tmp_path / "work")
    assert workspace.run("ls FOLDER\nls MODEL_FOLDER_2 || true") != ""
    assert workspace.left_out == ["ARABIC_MTL_DATA is not set: ls FOLDER"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```sh\npython train.py serve --ckpt_path MODEL\n```", True),
        ("```sh\nmake quickstart\n```", True),
        ("```sh\npython train.py describe\n```", False),
    ],
)
def test_pages_that_need_the_quickstart_are_known(
    tmp_path: Path, text: str, expected: bool
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert needs_quickstart(page) is expected
