"""What an attacker leaves in a folder: payloads that write a marker, and files that name them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arabic_mtl import load
from support.paths import ROOT
from support.runs import Outcome, Run

WORKS = """
class Decoder: pass
class X(Decoder): pass
C = T = E = X
"""


def copied(run: Run, folder: Path) -> Path:
    """A model that someone else has made."""
    return Path(shutil.copytree(run.folder, folder))


def plant(path: Path, marker: Path) -> None:
    """Writes a module that leaves a marker when it is imported."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"open({str(marker)!r}, 'w').close()\n{WORKS}", encoding="utf-8")


def name_class(model: Path, class_path: str, part: str = "decoder") -> None:
    """Lets a model's description name a class: of the encoder, or of a task's head or decoder."""
    path = model / "model.json"
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if part == "encoder":
        facts["encoder"]["class_path"] = class_path
    else:
        facts["tasks"]["ner"][part]["class_path"] = class_path
    path.write_text(json.dumps(facts), encoding="utf-8")


def python(*arguments: object, cwd: Path, typed: str = "") -> Outcome:
    """Runs Python in a folder, as a user would, with something on standard input."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        input=typed,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def annotated(model: Path) -> Iterator[str]:
    """The labels of a text, by a model that is loaded for it."""
    for span in load(model)("الغرفة نظيفة").spans:
        yield from (label.label for label in span.labels.values())


TRAIN = ROOT / "train.py"
