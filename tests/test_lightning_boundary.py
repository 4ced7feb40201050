"""Private members of Lightning are used in two files of the package only."""

from __future__ import annotations

import ast
from pathlib import Path

from lightning.pytorch.callbacks import ModelCheckpoint

import arabic_mtl
from support.private import COMPAT, is_private, members, private_uses, self_attributes, subclasses

PACKAGE = Path(arabic_mtl.__file__).parent
ROOT = PACKAGE.parent


def test_private_members_of_lightning_are_used_in_two_files_only() -> None:
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != COMPAT]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in paths}
    private_names = {(path, name) for path, tree in trees.items() for name in private_uses(tree)}
    for path, derived, bases in subclasses(trees):
        own_members = {n.name for n in ast.walk(derived) if isinstance(n, ast.FunctionDef)}
        own_members |= set(self_attributes(derived))
        inside = {name for base in bases for name in members(base)}
        private_names |= {(path, name) for name in own_members & inside if is_private(name)}
    assert not [f"{path.relative_to(ROOT)}: {name}" for path, name in sorted(private_names)]


def test_search_finds_private_members() -> None:
    source = """
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loops.fit_loop import _FitLoop

class Own(ModelCheckpoint):
    def _save_checkpoint(self):
        self._mine = trainer._callback_connector
        return self._last_global_step_saved

class Further(Own):
    def save(self):
        super()._save_topk_checkpoint(self.trainer.fit_loop)
"""
    tree = ast.parse(source)
    assert {name for name in private_uses(tree) if " " not in name} == {
        "_callback_connector",
        "_save_topk_checkpoint",
        "fit_loop",
    }
    assert any("_FitLoop" in name for name in private_uses(tree))
    derived = {node.name: bases for _, node, bases in subclasses({Path(): tree})}
    assert derived == {"Own": [ModelCheckpoint], "Further": [ModelCheckpoint]}
    assert {"_save_checkpoint", "_last_global_step_saved"} <= members(ModelCheckpoint)
    assert "_mine" not in members(ModelCheckpoint)
