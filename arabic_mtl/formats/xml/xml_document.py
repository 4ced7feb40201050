"""The base class of XML formats in which each text is the ``<text>`` of a ``<sentence>``."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from lxml import etree

from arabic_mtl.documents import Annotation, Example
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.encodings import require_encoding
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.writer import Annotated, Model, Writer
from arabic_mtl.formats.xml.opinions import Roles
from arabic_mtl.formats.xml.reviews import SeenIds
from arabic_mtl.formats.xml.xml_stream import read_text, stream_document


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a document: the root, a child of the root, or a sentence.

    Args:
        element: The element.
        format: The format of the document.
        seen: The ids that were read from the document so far.
        is_text: True for a sentence, which is annotated by itself.
        is_root: True for the root element.
    """

    element: etree._Element
    format: "XmlDocument"
    seen: SeenIds
    is_text: bool = False
    is_root: bool = False

    @property
    def line(self) -> int | None:
        """Returns the line number where the element starts."""
        return self.element.sourceline


@dataclass(frozen=True, kw_only=True)
class XmlDocument(Format[Node], Writer):
    """An XML format with one root element and ``<sentence>`` elements.

    The output is the input document with the annotations of its sentences replaced. Comments are
    dropped, and everything else is unchanged.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    root: ClassVar[str]
    """The name of the root element."""

    annotation_elements: ClassVar[tuple[str, ...]]
    """The names of the children of ``<sentence>`` that contain its annotations."""

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Node]:
        """Yields the root element and its children, each child preceded by its sentences.

        Raises:
            InputError: If the file is not a document of this format.
        """
        is_default = require_encoding(self.encoding) == "utf-8"
        encoding = None if is_default else self.encoding  # None: as the file declares
        return self.nodes(stream_document(file, self.root, encoding))

    def nodes(self, elements: Iterable[etree._Element]) -> Iterator[Node]:
        """Yields the parts of a document.

        Args:
            elements: The root element, then each of its children, complete.
        """
        elements, seen = iter(elements), SeenIds()
        yield Node(next(elements), self, seen, is_root=True)
        for child in elements:
            for sentence in child.iter("sentence"):
                yield Node(sentence, self, seen, is_text=True)
            yield Node(child, self, seen)

    def records(self, part: Node, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads the examples of an element.

        With gold annotations a child of the root is read as a whole, without them each sentence
        by itself; other elements have no examples.

        Raises:
            InputError: If the element breaks a rule of the format.
        """
        if gold:
            is_child = not (part.is_text or part.is_root)
            examples = self.examples(part.element, part.seen) if is_child else ()
            return [Record(example=example, line=example.line) for example in examples]
        if part.is_text:
            example, name = self.sentence(part.element), part.element.get("id")
            fields = {"text": example.text} if name is None else {"id": name, "text": example.text}
            return [Record(example=example, line=part.line, fields=fields, source=part.element)]
        if not part.is_root:
            self.require_sentences(part.element)
        return [Record(example=None, line=part.line, source=part.element)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files whose first element has the root's name."""
        start = re.sub(rb"\0|<!--.*?-->", b"", head, flags=re.DOTALL)  # UTF-16 contains \0
        root = re.search(rb"<([A-Za-z_]\w*)", start)
        return Guess({}, 1.0) if root and root[1] == cls.root.encode() else None

    @abstractmethod
    def examples(self, child: etree._Element, seen: SeenIds) -> Iterator[Example]:
        """Yields the annotated examples in a child of the root.

        Args:
            child: The element.
            seen: The ids of earlier elements, to which the ids of this element are added.

        Raises:
            InputError: If an annotation breaks a rule of the format.
        """

    def require_sentences(self, child: etree._Element) -> None:
        """Checks that a child of the root can be annotated sentence by sentence.

        Raises:
            InputError: If its annotations belong to the whole child.
        """

    @abstractmethod
    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns the annotation of a text as children of its ``<sentence>``."""

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the input document with the new annotations."""
        records = iter(annotated)
        root = require_element(next(records)[0])
        with etree.xmlfile(file, encoding="UTF-8") as document:
            document.write_declaration(standalone=root.getroottree().docinfo.standalone or None)
            with document.element(root.tag, root.attrib, nsmap=root.nsmap):
                document.write(root.text or "")
                for record, annotation in records:
                    if annotation is None:
                        document.write(require_element(record))
                    else:
                        _insert(require_element(record), self.elements(annotation, model.roles))
        file.write(b"\n")

    def sentence(self, element: etree._Element) -> Example:
        """Returns the example of a sentence, and removes the annotations from its element.

        Raises:
            InputError: If the sentence has not exactly one text.
        """
        _remove(element, self.annotation_elements)
        name, line = element.get("id"), element.sourceline
        text = read_text(element, name)
        name = f"line:{line}" if name is None else name
        return Example(id=name, group=name, text=text, line=line)


def require_element(record: Record) -> etree._Element:
    """Returns the XML element of a record.

    Raises:
        InputError: If the record was read from a file of another format.
    """
    return record.require_source(etree._Element, "an XML")


def _remove(sentence: etree._Element, names: Iterable[str]) -> None:
    """Removes children of a sentence by name, and the whitespace before each of them."""
    for child in sentence.iterchildren(*names):
        previous = child.getprevious()
        if previous is not None:
            previous.tail = child.tail
        sentence.remove(child)


def _insert(sentence: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Inserts elements after a sentence's text, indented like the children of the sentence."""
    inner, outer = _whitespace(sentence.text), _whitespace(sentence[-1].tail)
    deeper = inner + inner.removeprefix(outer)
    (previous,) = sentence.findall("text")
    for element in elements:
        element.text = deeper
        for child in element:
            child.tail = deeper
        element[-1].tail = inner
        element.tail, previous.tail = previous.tail, inner
        previous.addnext(element)
        previous = element


def _whitespace(text: str | None) -> str:
    """Returns the text if it is only whitespace, else the empty string."""
    return text if text and text.isspace() else ""
