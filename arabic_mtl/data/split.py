"""Keeping the splits of a corpus apart, whole reviews at a time."""

import hashlib
from collections.abc import Collection, Mapping
from itertools import combinations

from arabic_mtl.documents import OWN_GROUP
from arabic_mtl.errors import InputError

_SHOWN = 3  # of the reviews that two splits share


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


def require_apart(corpus: str, groups: Mapping[str, Collection[str]]) -> None:
    """Refuses splits that share a review: what is scored on one was seen in the other.

    Texts that belong to no review may be equal.

    Args:
        corpus: The corpus's name.
        groups: What a split is called, to its reviews.

    Raises:
        InputError: Naming both splits and some of the reviews.
    """
    for (one, own), (other, others) in combinations(groups.items(), 2):
        both = set(own) & set(others)
        if shared := sorted(group for group in both if not group.startswith(OWN_GROUP)):
            more = f" and {len(shared) - _SHOWN} more" if len(shared) > _SHOWN else ""
            raise InputError(
                "the splits of a corpus share no review",
                found=f"data.corpora.{corpus}: {one} and {other} both have "
                f"{', '.join(shared[:_SHOWN])}{more}",
                expected="each review in one file; without a `validation` file, some reviews of "
                "`train` are held out",
            )
