"""The root of the project and its pages."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def all_pages() -> list[Path]:
    """Returns README.md and the pages of docs/ and its folders."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
