"""The examples of a file that belong to a split."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from arabic_mtl.data.census import Census
from arabic_mtl.documents import OWN_GROUP, Example
from arabic_mtl.formats.groups import Groups


@dataclass(frozen=True)
class Selection:
    """The examples of a file that belong to a split.

    Args:
        census: The census of the file.
        prefix: The beginning of ids, which tells files of the split apart.
        group_prefix: The beginning of the names of groups, if they are numbered within the file.
        groups: The connected groups of the split's files.
        included: The lines on which the examples must begin; None for all lines.
        excluded: The lines on which they must not begin.
        keeps: Returns whether the examples of a group belong to the split; None for all groups.
    """

    census: Census
    prefix: str
    group_prefix: str
    groups: Groups
    included: Collection[int] | None
    excluded: Collection[int]
    keeps: Callable[[str], bool] | None

    def examples(self) -> Iterator[Example]:
        """Yields the examples, with ids and groups that are unique in the corpus."""
        for example in self.census.rows.examples(self._contains):
            group = self.joined_group(example.group)
            if self.prefix or example.linked or group != example.group:  # else saves the time
                example = replace(example, id=self.prefix + example.id, group=group, linked=())
            yield example

    def select(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yields some columns of the raw rows of the examples."""
        return self.census.rows.select(names, self._contains)

    def unique_group(self, group: str) -> str:
        """Returns the name of a group that is unique in the corpus, without joining groups."""
        return group if group.startswith(OWN_GROUP) else self.group_prefix + group

    def joined_group(self, group: str) -> str:
        """Returns the name that a group shares with all groups that are connected with it."""
        return self.groups.name(self.unique_group(group))

    def join_groups(self) -> None:
        """Connects the linked groups of all examples of the file, for all files of the split."""
        for group, linked in self.census.rows.select(("group", "linked"), lambda *_: True):
            self.groups.add(self.unique_group(group), map(self.unique_group, linked))

    def _contains(self, group: str, line: int | None) -> bool:
        """Returns whether an example belongs to the split."""
        if line in self.excluded or (self.included is not None and line not in self.included):
            return False
        return self.keeps is None or self.keeps(self.joined_group(group))
