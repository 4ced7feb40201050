"""A search for private members of Lightning, by syntax tree."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

from lightning.pytorch.cli import LightningCLI

COMPAT = "lightning_compat.py"
"""The name of the files that may use private members of Lightning."""

OTHERS = {
    "_Element",  # lxml: the type of an element
    "_asdict",  # NamedTuple
    "_replace",
    "_attn_implementation",  # transformers
    "_is_mkldnn_bf16_supported",  # torch
}
"""Private members of other libraries."""

LOOPS = {"fit_loop", "epoch_loop", "val_loop", "batch_progress"}
"""Attributes whose classes Lightning made private in 2.0."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def private_uses(tree: ast.AST) -> Iterator[str]:
    """Yields the private names that a module takes from other objects, and Lightning's loops."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if node.attr in LOOPS or (is_private(node.attr) and not is_own):
                yield from {node.attr} - OTHERS
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = (getattr(node, "module", None) or "").split(".")
            names = [*module, *(part for a in node.names for part in a.name.split("."))]
            private = any(is_private(name) for name in names)
            inside = names[0] == "lightning" and {"loops", "connectors"} & set(names)
            if private or inside:
                yield ast.unparse(node)


def subclasses(
    trees: dict[Path, ast.Module],
) -> Iterator[tuple[Path, ast.ClassDef, list[type]]]:
    """Yields the subclasses of Lightning's classes in a package, with their bases in Lightning."""
    known: dict[str, list[type]] = {"ConfiguredCLI": [LightningCLI]}
    waiting = [
        (path, node, names)
        for path, tree in trees.items()
        for names in [lightning_names(tree)]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    ]
    while waiting:
        later = []
        for path, node, imported in waiting:
            names = [ast.unparse(base) for base in node.bases]
            bases = [imported[name] for name in names if name in imported]
            bases += [base for name in names for base in known.get(name, ())]
            if bases:
                known[node.name] = bases
                yield path, node, bases
            else:
                later.append((path, node, imported))
        if len(later) == len(waiting):
            return
        waiting = later


def lightning_names(tree: ast.Module) -> dict[str, type]:
    """Returns the classes of Lightning that a module imports at its top, by name."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    objects = {
        alias.name: resolve_name(f"{node.module}:{alias.name}")
        for node in imports
        if node.module and node.module.split(".")[0] == "lightning"
        for alias in node.names
    }
    return {name: value for name, value in objects.items() if isinstance(value, type)}


@cache
def members(base: type) -> set[str]:
    """Returns the members of a class of Lightning, including attributes of its instances."""
    names = set(dir(base))
    for kind in inspect.getmro(base):
        if kind.__module__.startswith("lightning."):
            names |= set(self_attributes(ast.parse(inspect.getsource(kind).strip())))
    return names


def self_attributes(tree: ast.AST) -> Iterator[str]:
    """Yields the attributes of ``self`` that methods read or set."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield name
