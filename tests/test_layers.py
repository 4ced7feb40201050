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


def test_front_imports_documents_and_inference_alone() -> None:
    own = {name for name in imported(PACKAGE / "__init__.py") if name.startswith("arabic_mtl.")}
    assert {name.split(".")[1] for name in own} == {"documents", "inference"}


def test_no_module_imports_from_the_front_of_its_own_package() -> None:
    """A circle through a front is one that import-linter does not see."""
    circles = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in PACKAGE.rglob("*/*.py")
        if path.name != "__init__.py"
        for name in imported(path)
        if name.rpartition(".")[0] in fronts_of(path) and not is_module(name)
    ]
    assert circles == []


def fronts_of(path: Path) -> set[str]:
    """Returns the packages that a module lies in, but for the root."""
    words = path.relative_to(ROOT).with_suffix("").parts[:-1]
    return {".".join(words[:end]) for end in range(2, len(words) + 1)}


def is_module(name: str) -> bool:
    """Returns whether a name is that of a file or folder of the package."""
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def test_modules_are_imported_by_name_in_few_places() -> None:
    """The contract does not see such imports: of users' own classes, extras, and commands."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if {"pkgutil.resolve_name", "importlib.import_module"} & imported(path)
    }
    assert found == {
        *("cli/main.py", "cli/commands.py", "cli/arguments.py", "cli/hints.py"),
        *("inference/classes.py", "text/stems.py"),
    }


def test_paths_in_the_pages_exist() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for name in re.findall(
            r"`((?!arabert/)(?:\w+/)+\w+\.py)`", page.read_text(encoding="utf-8")
        ):
            assert (ROOT / name).is_file() or (PACKAGE / name).is_file(), f"{page.name}: {name}"


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
