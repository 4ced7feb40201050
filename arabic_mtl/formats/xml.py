"""Any of the XML formats of SemEval, by the root of the document."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from arabic_mtl.formats.base import Format
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.semeval2014 import SemEval2014
from arabic_mtl.formats.semeval2016 import SemEval2016
from arabic_mtl.formats.writer import Annotated, Model, Writer
from arabic_mtl.formats.xml_document import Node, XmlDocument, element_of
from arabic_mtl.formats.xml_stream import stream_children

_KINDS: dict[str, XmlDocument] = {kind.root: kind for kind in (SemEval2016(), SemEval2014())}
"""The name of the root element to the format."""


class Xml(Format[Node], Writer):
    """A document to annotate that is `SemEval2016` or `SemEval2014`, as its root shows."""

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Node]:
        """Yields the root, and its children, each after its sentences.

        Raises:
            InputError: If the root is none of the known ones, or the file is no XML.
        """
        children = stream_children(file, roots=_KINDS)
        root = next(children)
        return _KINDS[str(root.tag)].nodes(chain([root], children))

    def records(self, part: Node, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads an element as its format does."""
        return part.format.records(part, notices, gold=gold)

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the document that the records come from.

        Raises:
            InputError: If the model lacks what its format must hold.
        """
        records = iter(annotated)
        root = next(records)
        kind = _KINDS[str(element_of(root[0]).tag)]
        kind.require(model)
        kind.write(file, chain([root], records), model, notices)
