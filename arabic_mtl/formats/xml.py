"""The XML formats of SemEval: the same document with what is said of its sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from arabic_mtl.formats.base import Annotated, Model, Reader, Record, Writer
from arabic_mtl.formats.schema import Schema
from arabic_mtl.formats.semeval2014 import Sentences
from arabic_mtl.formats.semeval2016 import Reviews
from arabic_mtl.formats.xml_stream import stream_children, text_of

SCHEMAS: dict[str, Schema] = {schema.root: schema for schema in (Reviews(), Sentences())}
"""By the name of the root element."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element: the root, a sentence, or, behind its sentences, what stands below the root.

    Args:
        element: The element.
        is_text: Whether it is a sentence.
    """

    element: etree._Element
    is_text: bool

    @property
    def line(self) -> int | None:
        """Where it begins."""
        return self.element.sourceline


class Xml(Reader[Node], Writer):
    """A document whose root says which of `SCHEMAS` it follows.

    What it says of its sentences is replaced; all else, but for comments, is as it was.
    """

    def parts(self, file: BinaryIO) -> Iterator[Node]:
        """The root, and what stands below it, each behind its sentences.

        Raises:
            InputError: If the file is no such document.
        """
        children = stream_children(file, roots=SCHEMAS)
        root = next(children)
        schema = SCHEMAS[str(root.tag)]
        yield Node(root, is_text=False)
        for child in children:
            for sentence in schema.sentences(child):
                _clear(sentence, schema.answers)
                yield Node(sentence, is_text=True)
            yield Node(child, is_text=False)

    def record(self, part: Node) -> Record:
        """Reads an element.

        Raises:
            InputError: If it is a sentence without a text.
        """
        if not part.is_text:
            return Record(text=None, fields={}, element=part.element)
        name = part.element.get("id")
        text = text_of(part.element, name)
        fields = {"text": text} if name is None else {"id": name, "text": text}
        return Record(text=text, fields=fields, element=part.element)

    def write(self, file: BinaryIO, annotated: Iterable[Annotated], model: Model) -> None:
        """Writes the document that the records come from.

        Raises:
            InputError: If the model does not tell what its schema asks for.
        """
        records = iter(annotated)
        root = next(records)[0].element
        schema = SCHEMAS[root.tag]
        schema.require(model.roles)
        with etree.xmlfile(file, encoding="UTF-8") as document:
            document.write_declaration(standalone=root.getroottree().docinfo.standalone or None)
            with document.element(root.tag, root.attrib, nsmap=root.nsmap):
                document.write(root.text or "")
                for record, annotation in records:
                    if annotation is None:
                        document.write(record.element)
                    else:
                        _put(record.element, schema.elements(annotation, model.roles))
        file.write(b"\n")


def _clear(sentence: etree._Element, names: Iterable[str]) -> None:
    """Removes elements of a sentence, and the space that led to each."""
    for old in sentence.iterchildren(*names):
        before = old.getprevious()
        if before is not None:
            before.tail = old.tail
        sentence.remove(old)


def _put(sentence: etree._Element, made: Iterable[etree._Element]) -> None:
    """Puts elements behind a sentence's text, with space between as the sentence has it."""
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
