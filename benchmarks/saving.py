"""Saves what a benchmark measured, for the tables of README.md and docs/."""

import json
import platform
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_INFO = Path("/proc/cpuinfo")
_INSTRUCTIONS = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 bf16"}


def add_save_option(parser: ArgumentParser) -> None:
    """Adds the option ``--save``."""
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="write figures: docs/figures/NAME.json",
    )


def save(
    path: Path | None,
    figures: Mapping[str, Mapping[str, object]],
    *,
    device: str = "",
    command: str = "",
) -> None:
    """Writes a file with figures and their origin; does nothing without a path.

    Args:
        path: The value of ``--save``.
        figures: The figures, rounded as tables show them.
        device: The device, if it is not the processor.
        command: The command, if it is not that of this process.
    """
    if path is None:
        return
    origin = {
        "command": command or shlex.join(["python", *sys.argv]),
        "processor": device or processor(),
        "commit": commit(),
        "date": today(),
    }
    text = json.dumps({**origin, "figures": figures}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def processor() -> str:
    """Returns the name of the processor, with the bf16 instructions that it has."""
    info = _INFO.read_text(encoding="utf-8") if _INFO.is_file() else ""
    names = [line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line]
    instructions = [name for flag, name in _INSTRUCTIONS.items() if f" {flag}" in info]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} with {' and '.join(instructions) or 'no bf16 instructions'}"


def commit() -> str:
    """Returns the short hash of the current commit, with a plus sign if files have changed."""
    command = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    outcome = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    return outcome.stdout.strip() or "unknown"


def today() -> str:
    """Returns the date."""
    return datetime.now(UTC).date().isoformat()
