"""Writes a tiny finished run of the installed version, with its data and predictions.

Each version that changes the format of runs adds a folder, by ``python tests/stored/write.py``.
Existing folders are never written again: `tests/test_stability.py` shows that they still load.
"""

import contextlib
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import arabic_mtl  # noqa: E402
from support.configurations import word_settings  # noqa: E402
from support.runs import train_run  # noqa: E402

TEXTS = ["كانت الغرفة ممتازة جدا في الليلة 1", "كانت الخدمة سيئة للغاية", "عادية فقط", ""]


def write(folder: Path) -> None:
    """Trains a run and copies what a user would keep of it."""
    config = word_settings()
    config["model"]["encoder"]["init_args"] = {"size": 8, "buckets": 50, "hidden": 4}
    config["model"]["lr"] = 3e-2
    config["trainer"]["max_epochs"] = 8
    with TemporaryDirectory() as place, contextlib.chdir(place):  # stores relative paths
        run = train_run(Path(), config).folder
        ignored = shutil.ignore_patterns("events*", "hparams.yaml", "report.md", "answers*")
        shutil.copytree(run, folder / "run", ignore=ignored)
        shutil.copy("train.xml", folder)
    annotations = [annotation.as_dict() for annotation in arabic_mtl.load(folder / "run")(TEXTS)]
    text = json.dumps(annotations, ensure_ascii=False, indent=1)
    (folder / "annotations.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    target = Path(__file__).resolve().parent / arabic_mtl.__version__
    target.mkdir()
    write(target)
