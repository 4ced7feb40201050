"""Rules by which the commands of the pages are run: placeholders, shortened and skipped commands.

Each rule changes what a reader would run, so the tables are short. Keys are regular expressions
that are searched in a command.
"""

import os
import re
import sys
from pathlib import Path

RUN = "runs/quickstart/version_0"
"""The run of the quickstart, which is there before a page is run."""

_SHORT = "--trainer.max_epochs=1 --trainer.limit_train_batches=2 --dashboard.pictures=false"

PLACEHOLDERS = {
    "FOLDER": "hotels",
    "FOLDER_OF_THE_HOTEL_REVIEWS": "hotels",
    "FOLDER_OF_THE_XML": "hotels",
    "MODEL_FOLDER": "encoder",
    "MODEL": RUN,
    "RUN": RUN,
    "CHECKPOINT": f"{RUN}/checkpoints/best.ckpt",
    "GOLD.xml": "arabic_mtl/sample/test.xml",
    "SYSTEM.xml": "arabic_mtl/sample/test.xml",
}
"""Words of the pages for files of the reader's own, and the files of the workspace."""

APPENDED = {
    r"^make quickstart": f"--assume-old=.venv/installed BIN={Path(sys.executable).parent}",
    r"fit --config configs/quickstart(?!.*ckpt_path=last)": _SHORT,
    r"fit .*ckpt_path=last": "--trainer.limit_train_batches=2",
    r"fit --config configs/(hotels|fast|arabert)": _SHORT,
    r" compare configs/": f"--seeds 1 {_SHORT}",
    r"ablation\.py text": f"--seeds 1 --variants 'no cleaning' {_SHORT}",
    r"ablation\.py model": f"--seeds 1 --variants configs/hotels.yaml {_SHORT}",
    r"benchmarks/(epoch|evaluate|step)\.py": "--rounds 1",
    r"benchmarks/prepare\.py": "--copies 1",
}
"""Commands and the options that are appended: to use this environment, and to save time."""

REPLACED = {"max_epochs=10": "max_epochs=1"}
"""Parts of Python code that are replaced to save time."""

SKIPPED = {
    r"pip install": "needs the network",
    r"make (test|test-fast|test-slow|soak|lint|bench)": "runs for minutes; the checks run it",
    r"MASTER_ADDR=": "needs several machines",
    r"accelerator=gpu|benchmarks/gpu\.py": "needs a GPU",
}
"""Commands that are not run, and the reasons."""

SERVERS = r" serve --|^tensorboard"
"""Commands that run until they are stopped."""

DATA = {
    "hotels": ("ARABIC_MTL_DATA", "semeval2016_hotels"),
    "encoder": ("ARABIC_MTL_MODELS", "e5-small-arabic"),
}
"""Folders of the workspace: the environment variable and the folder that they come from."""

REVIEWS = 30
"""The number of hotel reviews that the commands get."""


def adapt(command: str) -> str:
    """Returns a command with the workspace's paths and the appended options."""
    for word, path in PLACEHOLDERS.items():
        command = re.sub(rf"(?<![\w./]){re.escape(word)}(?![\w.])", path, command)
    options = [more for pattern, more in APPENDED.items() if re.search(pattern, command)]
    return " ".join([command, *options])


def adapt_code(code: str) -> str:
    """Returns Python code with the parts of `REPLACED` replaced."""
    for part, other in REPLACED.items():
        code = code.replace(part, other)
    return code


def skip_reason(command: str) -> str:
    """Returns why a command is not run; an empty string if it is run."""
    return next((why for pattern, why in SKIPPED.items() if re.search(pattern, command)), "")


def is_server(command: str) -> bool:
    """Returns True if a command runs until it is stopped."""
    return re.search(SERVERS, command) is not None


def missing_data(command: str) -> str:
    """Returns the environment variable that a command needs and that is not set, if any."""
    words = re.split(r"[\s=/'\"]", adapt(command))
    missing = (variable for name, (variable, _) in DATA.items() if name in words)
    return next((variable for variable in missing if variable not in os.environ), "")


def data_folder(name: str) -> Path | None:
    """Returns the folder that a folder of the workspace comes from; None if it is not set."""
    variable, inside = DATA[name]
    return Path(os.environ[variable]).resolve() / inside if variable in os.environ else None
