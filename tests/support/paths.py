"""Paths in the repository."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "arabic_mtl" / "sample"


def files_under(folder: Path) -> list[str]:
    """Returns the relative paths of all files below a folder, sorted; none if it is missing."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
