"""Attacks by model folders: payloads that write a marker, and files that refer to them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from support.paths import ROOT
from support.runs import Outcome, Run

CLASSES = """
class Decoder: pass
class X(Decoder): pass
C = T = E = X
"""


def copy_run(run: Run, folder: Path) -> Path:
    """Copies a run folder; the copy serves as the model of a stranger."""
    return Path(shutil.copytree(run.folder, folder))


def write_payload(path: Path, marker: Path) -> None:
    """Writes a module that writes a marker when it is imported."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"open({str(marker)!r}, 'w').close()\n{CLASSES}", encoding="utf-8")


def set_class(model: Path, class_path: str, part: str = "decoder") -> None:
    """Sets a class in model.json: the class of the encoder, or of the task's head or decoder."""
    path = model / "model.json"
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if part == "encoder":
        facts["encoder"]["class_path"] = class_path
    else:
        facts["tasks"]["ner"][part]["class_path"] = class_path
    path.write_text(json.dumps(facts), encoding="utf-8")


def run_python(*arguments: object, cwd: Path, typed: str = "") -> Outcome:
    """Runs Python in a folder in a new process, with text on its standard input."""
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


TRAIN = ROOT / "train.py"
