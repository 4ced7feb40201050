"""Imports point one way: each part of the package knows only those below it."""

from __future__ import annotations

import ast
from pathlib import Path

import arabic_mtl

PACKAGE = Path(arabic_mtl.__file__).parent
ROOT = PACKAGE.parent

# Part to the parts that it may import, besides itself.
BELOW: dict[str, set[str]] = {
    "errors": set(),
    "files": {"errors"},
    "example": set(),
    "opinion": set(),
    "annotation": set(),
    "sample": set(),
    "corpora": {"errors", "example", "opinion"},
    "text": {"errors", "files"},
    "tokens": {"text"},
    "checkpoint": {"errors", "files"},
    "decoding": {"errors", "text"},
    "heads": {"text", "tokens", "decoding"},
    "scoring": {"opinion"},
    "metrics": {"opinion", "scoring"},
    "tasks": {"errors", "example", "text", "tokens", "decoding", "heads", "metrics"},
    "data": {"errors", "files", "example", "corpora", "text", "tasks"},
    "encoders": {"errors", "text", "tokens"},
    "balancing": {"errors"},
    "model": {
        *("errors", "checkpoint", "text", "decoding", "heads", "tasks", "encoders", "balancing"),
    },
    "evaluation": {
        *("errors", "files", "example", "opinion", "scoring", "corpora", "tasks", "metrics"),
        *("data", "model"),
    },
    "dashboard": {
        "decoding",
        "text",
        "tasks",
        "encoders",
        "balancing",
        "data",
        "model",
        "evaluation",
    },
    "annotate": {
        *("errors", "files", "annotation", "checkpoint", "text", "tokens", "decoding"),
        *("heads", "encoders"),
    },
    "serving": {"errors", "annotation", "annotate"},
    "export": {
        *("errors", "tokens", "decoding", "heads", "encoders", "tasks", "data", "model"),
        *("annotate", "markdown", "text"),
    },
    "callbacks": {
        *("errors", "files", "corpora", "tasks", "data", "annotate", "model", "evaluation"),
        *("dashboard",),
    },
    "formats": {"errors", "opinion", "annotation", "corpora"},
    "compare": {"errors", "tasks", "evaluation"},
    "markdown": set(),
    "card": {"tasks", "evaluation", "dashboard", "markdown"},
    "majority": {"data", "tasks", "evaluation"},
    "linear": {
        *("errors", "text", "tokens", "decoding", "heads", "tasks", "data", "evaluation"),
    },
}
BELOW["cli"] = set(BELOW) - {"sample"}
BELOW["__main__"] = {"cli"}
# The package's front: never the command line.
BELOW["__init__"] = set(BELOW) - {"sample", "cli", "__main__"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """The part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The parts of the package that a module imports, wherever in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "arabic_mtl":
            names += [f"arabic_mtl.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
    assert not any(name.startswith(".") for name in names), f"relative import in {path}"
    own = [name.split(".") for name in names if name.split(".")[0] == "arabic_mtl"]
    return {name[1] if len(name) > 1 else "__init__" for name in own}


def test_every_part_of_the_package_is_placed() -> None:
    assert {part(path) for path in modules()} == set(BELOW)


def test_modules_import_only_what_lies_below() -> None:
    above = {
        str(path.relative_to(PACKAGE)): beyond
        for path in modules()
        if (beyond := imported(path) - BELOW[part(path)] - {part(path)})
    }
    assert above == {}


def test_order_has_no_circle() -> None:
    left = {name: set(below) for name, below in BELOW.items()}
    while left:
        lowest = {name for name, below in left.items() if not below}
        assert lowest, f"a circle among {sorted(left)}"
        left = {name: below - lowest for name, below in left.items() if name not in lowest}


def test_only_the_front_door_imports_the_command_line() -> None:
    outside = [path for path in modules() if part(path) not in ("cli", "__main__")]
    assert not [path for path in outside if "cli" in imported(path)]
    assert imported(ROOT / "train.py") == {"cli"}


def test_hugging_faces_trainer_is_a_reference_and_nothing_else() -> None:
    sources = [ROOT / "train.py", *modules(), *(ROOT / "tests").rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in sources if trains_by_hugging_face(path)}
    assert found == {"tests/model/test_hf_trainer.py"}


def trains_by_hugging_face(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    own = [node for node in imports if str(node.module).split(".")[0] == "transformers"]
    return any("Trainer" in alias.name for node in own for alias in node.names)


def test_data_and_model_do_not_know_each_other() -> None:
    found = {
        name: set().union(*(imported(p) for p in modules() if part(p) == name)) for name in BELOW
    }
    assert "model" not in found["data"]
    assert "encoders" not in found["data"]
    assert not {"data", "corpora"} & found["model"]
    assert not {"data", "corpora"} & found["encoders"]
