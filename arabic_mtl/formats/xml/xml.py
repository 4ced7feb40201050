"""The XML formats of SemEval, recognized by the root element of the document."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from arabic_mtl.formats.base import Format
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.writer import Annotated, Model, Writer
from arabic_mtl.formats.xml.semeval2014 import SemEval2014
from arabic_mtl.formats.xml.semeval2016 import SemEval2016
from arabic_mtl.formats.xml.xml_document import Node, XmlDocument, require_element
from arabic_mtl.formats.xml.xml_stream import stream_children

_FORMATS: dict[str, XmlDocument] = {form.root: form for form in (SemEval2016(), SemEval2014())}
"""Name of the root element to the format."""


class Xml(Format[Node], Writer):
    """An XML file to annotate: `SemEval2016` or `SemEval2014`, depending on the root element."""

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Node]:
        """Yields the root element and its children, each child preceded by its sentences.

        Raises:
            InputError: If the name of the root element is unknown, or the file is not XML.
        """
        children = stream_children(file, roots=_FORMATS)
        root = next(children)
        return _FORMATS[str(root.tag)].nodes(chain([root], children))

    def records(self, part: Node, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads an element as the format of its document does."""
        return part.format.records(part, notices, gold=gold)

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the input document with the new annotations.

        Raises:
            InputError: If the model lacks a task that the format of the document needs.
        """
        records = iter(annotated)
        root = next(records)
        document = _FORMATS[str(require_element(root[0]).tag)]
        document.require(model)
        document.write(file, chain([root], records), model, notices)
