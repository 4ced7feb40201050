"""Holding out part of a training file, whole reviews at a time."""

import hashlib


def is_held_out(group: str, *, share: float, seed: int) -> bool:
    """Whether a group of examples is held out for validation.

    A pure function of the group's name, so that it is the same in every process and does not
    change when reviews are added or reordered.

    Args:
        group: What must stay together: a review.
        share: The part of all groups to hold out, 0..1.
        seed: Another seed holds out others.
    """
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < share
