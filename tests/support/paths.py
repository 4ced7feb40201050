"""Where things lie."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "arabic_mtl" / "sample"


def files_under(folder: Path) -> list[str]:
    """The names of all files below a folder, none if it is not there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
