"""The picture in docs/architecture.md equals the contract that import-linter checks."""

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
    (layers,) = [entry["layers"] for entry in contracts if entry["id"] == "layers"]
    return [set(re.findall(r"\w+", layer)) for layer in layers]


def picture() -> list[set[str]]:
    """Returns the rooms of each line of the first picture of the page, from the top."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = page.split("```")[1].splitlines()[1:]
    return [set(re.findall(r"\b([a-z]+)(?:/|\.py)", line)) & ROOMS for line in lines if line]


def imported_modules(path: Path) -> set[str]:
    """Returns the modules that a module imports, also inside functions."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    from_imports = [
        (n.module, a.name) for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names
    ]
    return {*plain, *(f"{module}.{name}" for module, name in from_imports)}


def test_picture_equals_the_contract() -> None:
    assert picture() == contract()
    assert set().union(*contract()) == ROOMS - {"__init__", "__main__", "__pycache__"}


def test_package_front_imports_only_documents_and_inference() -> None:
    own_imports = {
        name for name in imported_modules(PACKAGE / "__init__.py") if name.startswith("arabic_mtl.")
    }
    assert {name.split(".")[1] for name in own_imports} == {"documents", "inference"}


def test_no_module_imports_from_the_front_of_its_own_package() -> None:
    """Import-linter does not detect import cycles through a package's `__init__`."""
    cycles = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in PACKAGE.rglob("*/*.py")
        if path.name != "__init__.py"
        for name in imported_modules(path)
        if name.rpartition(".")[0] in parent_packages(path) and not is_module(name)
    ]
    assert cycles == []


def parent_packages(path: Path) -> set[str]:
    """Returns the packages that contain a module, except the root package."""
    words = path.relative_to(ROOT).with_suffix("").parts[:-1]
    return {".".join(words[:end]) for end in range(2, len(words) + 1)}


def is_module(name: str) -> bool:
    """Returns whether a name is a module or package of this project."""
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_few_modules_import_by_name() -> None:
    """The contract does not cover imports by name: of users' classes, extras and commands."""
    paths = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if {"pkgutil.resolve_name", "importlib.import_module"} & imported_modules(path)
    }
    assert paths == {
        *("cli/main.py", "cli/commands.py", "cli/arguments.py", "cli/hints.py"),
        *("inference/classes.py", "text/stems.py"),
    }


def test_paths_in_the_pages_exist() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for name in re.findall(
            r"`((?!arabert/)(?:\w+/)+\w+\.py)`", page.read_text(encoding="utf-8")
        ):
            assert (ROOT / name).is_file() or (PACKAGE / name).is_file(), f"{page.name}: {name}"


def test_scripts_import_only_the_command_line() -> None:
    for script in (ROOT / "train.py", PACKAGE / "__main__.py"):
        own_imports = {name for name in imported_modules(script) if name.startswith("arabic_mtl")}
        assert own_imports == {"arabic_mtl.cli.main"}


def test_hugging_faces_trainer_is_used_only_as_a_reference() -> None:
    sources = [ROOT / "train.py", *PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    paths = {
        str(path.relative_to(ROOT))
        for path in sources
        if any(re.match(r"transformers\..*Trainer", name) for name in imported_modules(path))
    }
    assert paths == {"tests/training/test_hf_trainer.py"}
