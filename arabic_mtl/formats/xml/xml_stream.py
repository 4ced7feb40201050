"""A streaming reader for untrusted XML."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from lxml import etree

from arabic_mtl.errors import InputError

# No entity is expanded, no other file is loaded and no DTD is read; libxml2's limits on depth and
# size stay in force (`huge_tree` off). Comments are dropped because they would split a text in two.
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def stream_children(
    file: BinaryIO, *, roots: Collection[str], encoding: str | None = None
) -> Iterator[etree._Element]:
    """Yields the root element, then each of its children, removed from the root.

    The root is yielded when its first child has been read. Each child is complete and has its
    tail. Memory use does not grow with the size of the file.

    Args:
        file: The file, read only as far as elements are consumed.
        roots: The allowed names of the root element.
        encoding: The encoding; by default the one that the file declares.

    Raises:
        InputError: If the file is not well-formed, declares a DTD, or has another root.
    """
    etree.clear_error_log()  # `_syntax_error` reads the last entry of the log
    try:
        events = etree.iterparse(file, events=("start", "end"), encoding=encoding, **_SAFE)
        _, root = next(events)
        _check_root(root, roots)
        complete, depth = root, 1
        for event, element in events:
            depth += 1 if event == "start" else -1
            if event == "end" and depth <= 1:  # a child, or the root
                if complete is not root:
                    root.remove(complete)
                yield complete
                complete = element
    except etree.XMLSyntaxError as error:
        raise _syntax_error(error) from None


def stream_document(
    file: BinaryIO, root: str, encoding: str | None = None
) -> Iterator[etree._Element]:
    """Yields the root element, then each of its children, of a file with one schema.

    Args:
        file: The file, read only as far as elements are consumed.
        root: The name that the root element must have.
        encoding: The encoding; by default the one that the file declares.

    Raises:
        InputError: As in `stream_children`, and if the file is empty.
    """
    try:
        yield from stream_children(file, roots=[root], encoding=encoding)
    except InputError:
        if not file.seekable() or file.tell():
            raise
        raise InputError("the file must be XML", found="0 bytes", expected=f"<{root}>…") from None


def require_attribute(element: etree._Element, name: str, *, sentence: str | None = None) -> str:
    """Returns the value of an attribute.

    Args:
        element: The element.
        name: The name of the attribute.
        sentence: The id of the sentence, for the error message.

    Raises:
        InputError: If the attribute is missing.
    """
    value = element.get(name)
    if value is None:
        raise InputError(
            f"<{element.tag!s}> must have an attribute `{name}`",
            found=f"attributes {sorted(map(str, element.attrib))}",
            expected=f'<{element.tag!s} {name}="…">',
            line=element.sourceline,
            sentence=sentence,
        )
    return value


def read_text(sentence: etree._Element, name: str | None) -> str:
    """Returns the content of a sentence's ``<text>``.

    Args:
        sentence: The ``<sentence>``.
        name: The id of the sentence, for the error message.

    Raises:
        InputError: If the sentence has not exactly one ``<text>``, or it contains elements.
    """
    texts = sentence.findall("text")
    if len(texts) != 1 or len(texts[0]):
        raise InputError(
            "a sentence must have one <text>, which must contain nothing but text",
            found=f"{len(texts)} <text>" if len(texts) != 1 else f"<{texts[0][0].tag!s}> inside",
            expected="<text>…</text>",
            line=sentence.sourceline,
            sentence=name,
        )
    return texts[0].text or ""


def _check_root(element: etree._Element, roots: Collection[str]) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise InputError(
            "the file must not have a DTD, which can define entities and load other files",
            found=element.getroottree().docinfo.doctype,
            expected="no <!DOCTYPE …>",
            line=element.sourceline,
        )
    if element.tag not in roots:
        raise InputError(
            "the file must follow the schema of the format",
            found=f"root element <{element.tag!s}>",
            expected=f"root element {' or '.join(f'<{root}>' for root in roots)}",
            line=element.sourceline,
        )


def _syntax_error(error: etree.XMLSyntaxError) -> InputError:
    encodings = {etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_INVALID_ENCODING}
    line, found = (error.position or (0, 0))[0], error.msg
    last = error.error_log.last_error
    if not line and last is not None:  # the exception for an undefined entity has no position
        line, found = last.line, last.message
    if error.code in encodings:
        rule = "the file must have the encoding that its first line declares"
        expected = 'a correct declaration such as <?xml version="1.0" encoding="windows-1256"?>'
    else:
        rule, expected = "the file must be well-formed XML", "a complete XML file"
    return InputError(rule, found=" ".join(found.split()), expected=expected, line=line or None)
