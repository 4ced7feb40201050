"""Streaming reader for XML that nobody has vouched for."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from lxml import etree

from arabic_mtl.errors import InputError

# No entity is expanded, nothing is fetched, and no DTD is read; libxml2's own limits on depth
# and size stay in force (`huge_tree` off). Comments are dropped, lest they split a text in two.
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def stream_children(file: BinaryIO, *, roots: Collection[str]) -> Iterator[etree._Element]:
    """Yields the root, once its first child has come, then each of its children, taken out of it.

    Each is complete and has its tail. Memory stays flat at any file size.

    Args:
        file: Read no further than is asked for.
        roots: The names that the root may have.

    Raises:
        InputError: If the file is not well-formed, declares a DTD, or has another root.
    """
    etree.clear_error_log()  # `_syntax_error` looks at its last entry
    try:
        events = etree.iterparse(file, events=("start", "end"), **_SAFE)
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


def stream_document(file: BinaryIO, root: str) -> Iterator[etree._Element]:
    """Yields the root, then each of its children, of a file that is of one schema.

    Raises:
        InputError: As `stream_children`, and if the file is empty.
    """
    try:
        yield from stream_children(file, roots=[root])
    except InputError:
        if not file.seekable() or file.tell():
            raise
        raise InputError("the file holds XML", found="0 bytes", expected=f"<{root}>…") from None


def attribute(element: etree._Element, name: str, *, sentence: str | None = None) -> str:
    """Returns an attribute.

    Raises:
        InputError: If it is missing.
    """
    value = element.get(name)
    if value is None:
        raise InputError(
            f"<{element.tag!s}> has an attribute `{name}`",
            found=f"attributes {sorted(map(str, element.attrib))}",
            expected=f'<{element.tag!s} {name}="…">',
            line=element.sourceline,
            sentence=sentence,
        )
    return value


def text_of(sentence: etree._Element, name: str | None) -> str:
    """Returns the text of a sentence's one ``<text>``.

    Args:
        sentence: The element.
        name: Its id.

    Raises:
        InputError: If there are more or none, or there is more in it.
    """
    texts = sentence.findall("text")
    if len(texts) != 1 or len(texts[0]):
        raise InputError(
            "a sentence has one <text>, with nothing but text inside",
            found=f"{len(texts)} <text>" if len(texts) != 1 else f"<{texts[0][0].tag!s}> inside",
            expected="<text>…</text>",
            line=sentence.sourceline,
            sentence=name,
        )
    return texts[0].text or ""


def _check_root(element: etree._Element, roots: Collection[str]) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise InputError(
            "the file declares no DTD, for a DTD can define entities and fetch other files",
            found=element.getroottree().docinfo.doctype,
            expected="no <!DOCTYPE …>",
            line=element.sourceline,
        )
    if element.tag not in roots:
        raise InputError(
            "the file follows this corpus's schema",
            found=f"root element <{element.tag!s}>",
            expected=f"root element {' or '.join(f'<{root}>' for root in roots)}",
            line=element.sourceline,
        )


def _syntax_error(error: etree.XMLSyntaxError) -> InputError:
    encodings = {etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_INVALID_ENCODING}
    line, found = (error.position or (0, 0))[0], error.msg
    last = error.error_log.last_error
    if not line and last is not None:  # an undefined entity leaves the exception without a place
        line, found = last.line, last.message
    if error.code in encodings:
        rule = "the bytes fit the encoding that the first line declares"
        expected = 'a right declaration such as <?xml version="1.0" encoding="windows-1256"?>'
    else:
        rule, expected = "the file is well-formed XML", "a complete XML file"
    return InputError(rule, found=" ".join(found.split()), expected=expected, line=line or None)
