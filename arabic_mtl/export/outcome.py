"""What became of a part of a model that was exported."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """One line of what the command tells.

    Args:
        part: A task, or what else was to be exported.
        place: Where it is now, in the exported folder; None if it could not be exported.
        note: Of what kind it is, or why it is not there.
    """

    part: str
    place: str | None
    note: str
