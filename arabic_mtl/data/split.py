"""Splits of a corpus: the choice of held-out groups, and a check for overlap."""

import hashlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import combinations

from arabic_mtl.documents import OWN_GROUP
from arabic_mtl.errors import InputError

_SHOWN = 3  # shared groups in an error message


@lru_cache(maxsize=1)  # a group's texts often follow one another
def is_held_out(group: str, *, share: float, seed: int) -> bool:
    """Returns whether a group of examples is held out for validation.

    The result depends on the group's name alone, so that it is equal in all processes and does not
    change when texts are added or reordered.

    Args:
        group: The name of the group, such as a review's id.
        share: The fraction of groups to hold out, from 0 to 1.
        seed: Seed of the choice.
    """
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < share


def require_disjoint(corpus: str, groups: Mapping[str, Collection[str]]) -> None:
    """Raises `InputError` if two splits of a corpus share a group.

    A model would be scored on groups that it was trained on. Texts outside groups may be equal.

    Args:
        corpus: The corpus's name.
        groups: Name of a split, as shown in messages, to its groups.

    Raises:
        InputError: If splits overlap; the message names both and some of the shared groups.
    """
    for (first, own), (second, others) in combinations(groups.items(), 2):
        both = set(own) & set(others)
        if shared := sorted(group for group in both if not group.startswith(OWN_GROUP)):
            more = f" and {len(shared) - _SHOWN} more" if len(shared) > _SHOWN else ""
            raise InputError(
                "the splits of a corpus must not share groups, such as reviews",
                found=f"data.corpora.{corpus}: {first} and {second} both have "
                f"{', '.join(shared[:_SHOWN])}{more}",
                expected="each group in one file; or no option `group`; without a `validation` "
                "file, groups of `train` are held out",
            )
