"""Labels as they are in files."""

from arabic_mtl.formats.notices import Notices


def trimmed(label: str, notices: Notices, line: int | None) -> str:
    """Returns a label without blanks at its edges, which are counted."""
    bare = label.strip(" \t")
    if bare != label:
        notices.count("label trimmed of blanks", line)
    return bare
