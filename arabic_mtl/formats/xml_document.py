"""XML documents whose texts are each the ``<text>`` of a ``<sentence>``."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from lxml import etree

from arabic_mtl.documents import Annotation, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.opinions import Roles
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.reviews import Seen
from arabic_mtl.formats.writer import Annotated, Model, Writer
from arabic_mtl.formats.xml_stream import stream_document, text_of


@dataclass(frozen=True, slots=True)
class Node:
    """An element: the root, or a child of the root, which comes after its sentences.

    Args:
        element: The element.
        format: The format of its document.
        seen: The ids of its document.
        is_text: Whether it is a sentence, to be annotated by itself.
        is_root: Whether it holds all others.
    """

    element: etree._Element
    format: "XmlDocument"
    seen: Seen
    is_text: bool = False
    is_root: bool = False

    @property
    def line(self) -> int | None:
        """The line that it starts on."""
        return self.element.sourceline


@dataclass(frozen=True, kw_only=True)
class XmlDocument(Format[Node], Writer):
    """A document of one schema.

    It is written with the annotations of its sentences replaced; all else, but for comments, is
    as it was.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    root: ClassVar[str]
    """The name of the element that holds all others."""

    answers: ClassVar[tuple[str, ...]]
    """The elements of a sentence that annotate its text."""

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Node]:
        """Yields the root, and its children, each after its sentences.

        Raises:
            InputError: If the file is no such document.
        """
        return self.nodes(stream_document(file, self.root))

    def nodes(self, elements: Iterable[etree._Element]) -> Iterator[Node]:
        """Yields the parts of a document.

        Args:
            elements: The root, then each of its children, complete.
        """
        elements, seen = iter(elements), Seen()
        yield Node(next(elements), self, seen, is_root=True)
        for child in elements:
            for sentence in child.iter("sentence"):
                yield Node(sentence, self, seen, is_text=True)
            yield Node(child, self, seen)

    def records(self, part: Node, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads an element: with annotations a whole child of the root, or else a sentence.

        Raises:
            InputError: If it breaks a rule of the format.
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
        """Returns a guess for files whose first element has the name of the root."""
        start = re.sub(rb"\0|<!--.*?-->", b"", head, flags=re.DOTALL)  # \0: of UTF-16
        root = re.search(rb"<([A-Za-z_]\w*)", start)
        return Guess({}, 1.0) if root and root[1] == cls.root.encode() else None

    @abstractmethod
    def examples(self, child: etree._Element, seen: Seen) -> Iterator[Example]:
        """Yields the annotated examples of a child of the root.

        Raises:
            InputError: If an annotation breaks a rule.
        """

    def require_sentences(self, child: etree._Element) -> None:
        """Refuses a child of the root that is not annotated sentence by sentence.

        Raises:
            InputError: If it is of such a kind.
        """

    @abstractmethod
    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns an annotation as elements of a sentence."""

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the document that the records come from."""
        records = iter(annotated)
        root = element_of(next(records)[0])
        with etree.xmlfile(file, encoding="UTF-8") as document:
            document.write_declaration(standalone=root.getroottree().docinfo.standalone or None)
            with document.element(root.tag, root.attrib, nsmap=root.nsmap):
                document.write(root.text or "")
                for record, annotation in records:
                    if annotation is None:
                        document.write(element_of(record))
                    else:
                        _put(element_of(record), self.elements(annotation, model.roles))
        file.write(b"\n")

    def sentence(self, element: etree._Element) -> Example:
        """Returns a sentence, from whose element the annotations are removed.

        Raises:
            InputError: If it has no text, or several.
        """
        _remove(element, self.answers)
        name, line = element.get("id"), element.sourceline
        text = text_of(element, name)
        name = f"line:{line}" if name is None else name
        return Example(id=name, group=name, text=text, line=line)


def element_of(record: Record) -> etree._Element:
    """Returns the element of a record.

    Raises:
        InputError: If it comes from a file of another format.
    """
    if not isinstance(record.source, etree._Element):
        raise InputError(
            "an XML document is written from the records of an XML document",
            found=f"a record made of a {type(record.source).__name__}",
            expected="records of the same format",
            line=record.line,
        )
    return record.source


def _remove(sentence: etree._Element, names: Iterable[str]) -> None:
    """Removes elements of a sentence, and the space that led to each."""
    for old in sentence.iterchildren(*names):
        before = old.getprevious()
        if before is not None:
            before.tail = old.tail
        sentence.remove(old)


def _put(sentence: etree._Element, made: Iterable[etree._Element]) -> None:
    """Puts elements after a sentence's text, with space between as the sentence has it."""
    inner, outer = _space(sentence.text), _space(sentence[-1].tail)
    deeper = inner + inner.removeprefix(outer)
    (before,) = sentence.findall("text")
    for element in made:
        element.text = deeper
        for child in element:
            child.tail = deeper
        element[-1].tail = inner
        element.tail, before.tail = before.tail, inner
        before.addnext(element)
        before = element


def _space(text: str | None) -> str:
    return text if text and text.isspace() else ""
