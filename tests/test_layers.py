"""The picture in docs/architecture.md is the contract that import-linter checks."""

import ast
import re
import tomllib
from pathlib import Path

import arabic_mtl

PACKAGE = Path(arabic_mtl.__file__).parent
ROOT = PACKAGE.parent
ROOMS = {path.stem for path in PACKAGE.glob("*.py")} | {path.name for path in PACKAGE.glob("*/")}


def contract() -> list[set[str]]:
    """Returns the rooms of each layer of the contract, from the top."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["id"] == "layers"]
    return [set(re.findall(r"\w+", layer)) for layer in layers]


def picture() -> list[set[str]]:
    """Returns the rooms of each line of the first picture of the page, from the top."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = page.split("```")[1].splitlines()[1:]
    return [set(re.findall(r"\b([a-z]+)(?:/|\.py)", line)) & ROOMS for line in lines if line]


def imported(path: Path) -> set[str]:
    """Returns the modules that a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named = [(n.module, a.name) for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names]
    return {*plain, *(f"{module}.{name}" for module, name in named)}


def test_picture_is_the_contract() -> None:
    assert picture() == contract()
    assert set().union(*contract()) == ROOMS - {"__init__", "__main__", "__pycache__"}


def test_scripts_import_nothing_but_the_command_line() -> None:
    for script in (ROOT / "train.py", PACKAGE / "__main__.py"):
        own = {name for name in imported(script) if name.startswith("arabic_mtl")}
        assert own == {"arabic_mtl.cli.main"}


def test_hugging_faces_trainer_is_a_reference_and_nothing_else() -> None:
    sources = [ROOT / "train.py", *PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    found = {
        str(path.relative_to(ROOT))
        for path in sources
        if any(re.match(r"transformers\..*Trainer", name) for name in imported(path))
    }
    assert found == {"tests/training/test_hf_trainer.py"}
