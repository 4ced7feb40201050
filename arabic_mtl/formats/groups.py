"""Groups of examples that must stay in one split, and their ids."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from arabic_mtl.documents import OWN_GROUP, Example
from arabic_mtl.errors import InputError

_DIGITS = re.compile(r"\d+")


class Groups:
    """Connected groups: the components of a graph whose edges are examples (union-find).

    >>> groups = Groups()
    >>> groups.add("a", ["b"])
    >>> groups.add("c", ["b"])
    >>> groups.name("c")
    'a'
    """

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def add(self, group: str, linked: Iterable[str]) -> None:
        """Connects a group with other groups."""
        for other in linked:
            first, second = sorted((self.name(group), self.name(other)))
            self._parents[second] = first

    def add_all(self, examples: Iterable[Example]) -> None:
        """Connects the groups of each example."""
        for example in examples:
            self.add(example.group, example.linked)

    def name(self, group: str) -> str:
        """Returns the least of all groups that are connected with a group."""
        if group not in self._parents:
            return group
        path = [group]
        while (parent := self._parents.get(path[-1], path[-1])) != path[-1]:
            path.append(parent)
        self._parents.update(dict.fromkeys(path[:-1], path[-1]))
        return path[-1]

    def joined(self, example: Example) -> Example:
        """Returns an example whose group is that of all connected groups."""
        return replace(example, group=self.name(example.group), linked=())


def own_group(text: str, pair: str | None = None) -> str:
    """Returns a group shared only by equal texts, in whatever file they are."""
    content = f"{text}\0{pair or ''}".encode(errors="surrogatepass")
    return OWN_GROUP + hashlib.sha256(content).hexdigest()[:16]


def group_kind(name: str) -> str:
    """Returns what the groups of a field or column are, since ids may be equal by chance.

    They are of the same kind if the names differ in digits only.

    >>> group_kind("qid1"), group_kind("qid2"), group_kind("user")
    ('qid', 'qid', 'user')
    """
    return _DIGITS.sub("", name) or name


def with_own_group(example: Example) -> Example:
    """Returns the example with a group shared only by equal texts."""
    return replace(example, group=own_group(example.text, example.pair))


def require_new_id(example: Example, ids: set[str]) -> None:
    """Adds an example's id to the ids of the file; raises `InputError` if it is among them.

    Ids that are made of lines are unique; without them, memory use does not grow with the file.
    """
    if example.id == f"line:{example.line}":
        return
    if example.id in ids:
        raise InputError(
            "the ids of texts must be unique in a file",
            found=f"a second text with id {example.id}",
            expected="a different id for each text",
            line=example.line,
            sentence=example.id,
        )
    ids.add(example.id)
