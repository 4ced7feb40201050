"""Untrusted XML: damaged, foreign, malicious, in other encodings, or large."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from arabic_mtl.formats.xml import xml_stream
from support.messages import assert_names

ENCODING = 'encoding="windows-1256"'
SECRET = "never to be read"
LAUGHS = ['a "haha"', *(f'{b} "{f"&{a};" * 10}"' for a, b in pairwise("abcdefghi"))]


def declaration(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'


def reviews(text: str) -> str:
    return (
        '<Reviews><Review rid="1"><sentences><sentence id="1:0">'
        f"\n<text>{text}</text>\n</sentence></sentences></Review></Reviews>"
    )


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(path: Path) -> list[str]:
    return [example.text for example in SemEval2016().read(path)]


def read_error(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        texts(path)
    assert caught.value.file == path
    return caught.value


def stream_texts(path: Path) -> list[bytes]:
    """Returns each <text> as the parser sees it."""
    with path.open("rb") as file:
        children = [*xml_stream.stream_children(file, roots=["Reviews"])][1:]
    texts = [text for child in children for text in child.iter("text")]
    return [etree.tostring(text, encoding="utf-8") for text in texts]


def doctype(*entities: str) -> str:
    return f"<!DOCTYPE Reviews [{''.join(f'<!ENTITY {entity}>' for entity in entities)}]>"


@pytest.mark.parametrize(
    ("content", "line", "found", "names"),
    [
        (reviews("نص")[:-15], 3, "line 3, column", ["XML"]),
        ("id,text\n1,2\n", 1, "line 1, column 1", ["XML"]),
        (b"\x00\x01\xfe\xff", 1, "line 1, column 1", ["XML"]),
        ("  \n ", 2, "line 2, column", ["XML"]),
        (reviews("a & b"), 2, "xmlParseEntityRef", ["XML"]),
        (reviews("a\0b"), 2, "line 2, column", ["XML"]),
        (
            '<?xml version="1.0"?>\n<sentences><sentence id="1"/></sentences>',
            2,
            " <sentences>",
            [" <Reviews>"],
        ),
        (declaration("klingon-8") + reviews("a"), 1, "klingon-8", [ENCODING]),
        (
            (declaration("utf-8") + reviews("فندق")).encode("windows-1256"),
            3,
            "encoding",
            [ENCODING],
        ),
        (reviews("فندق").encode("windows-1256"), 2, "encoding", [ENCODING]),
    ],
    ids=[
        *("truncated", "not XML", "binary", "blank", "bare &", "control character"),
        *("SemEval-2014", "unknown encoding", "wrong encoding", "undeclared"),
    ],
)
def test_bad_file_is_rejected(
    tmp_path: Path, content: str | bytes, line: int, found: str, names: list[str]
) -> None:
    path = write(tmp_path, content)
    error = read_error(path)
    assert error.line == line
    assert_names(error.found, found)
    assert_names(error.expected, *names)
    assert (ENCODING in str(error.expected)) is (ENCODING in names)
    assert len(str(error).splitlines()) == 4


def test_empty_file_is_rejected(tmp_path: Path) -> None:
    error = read_error(write(tmp_path, b""))
    assert (error.found, error.expected, error.line) == ("0 bytes", "<Reviews>…", None)


@pytest.mark.parametrize("cut", range(1, 108, 5))
def test_truncated_file_is_rejected(tmp_path: Path, cut: int) -> None:
    content = reviews("نص").encode()
    error = read_error(write(tmp_path, content[: len(content) - cut]))
    assert_names(error.expected, "XML")
    assert ENCODING not in str(error.expected)
    assert error.line in (1, 2, 3, 4)


def test_undefined_entity_is_named(tmp_path: Path) -> None:
    error = read_error(write(tmp_path, reviews("a&nbsp;b")))
    assert error.line == 2
    assert "nbsp" in str(error.found)


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-8", "utf-8-sig", "utf-16", "iso-8859-6"])
def test_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    content = declaration(encoding.removesuffix("-sig")) + reviews("فندق، جميلٌ")
    assert texts(write(tmp_path, content.encode(encoding))) == ["فندق، جميلٌ"]


def test_character_references_are_read(tmp_path: Path) -> None:
    assert texts(write(tmp_path, reviews("&#1601;&#x641; &amp;&lt;&gt;"))) == ["فف &<>"]


@pytest.mark.parametrize(
    "head",
    [
        doctype('e "x"'),
        doctype(f'e SYSTEM "{Path("secret.txt")}"'),
        doctype('% p SYSTEM "file:///etc/hostname"'),
        doctype(*LAUGHS),
        '<!DOCTYPE Reviews SYSTEM "reviews.dtd">',
        '<!DOCTYPE Reviews PUBLIC "-//X//Y" "http://localhost:9/reviews.dtd">',
        "<!DOCTYPE Reviews>",
    ],
    ids=["entity", "external", "parameter", "billion laughs", "system", "public", "bare"],
)
def test_dtd_is_rejected(tmp_path: Path, head: str) -> None:
    error = read_error(write(tmp_path, head + reviews("جيد")))
    assert error.line == 1
    assert_names(error.rule, "DTD")
    assert_names(error.expected, "<!DOCTYPE …>")
    assert str(error.found).startswith("<!DOCTYPE Reviews")


def test_external_entity_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    path = write(tmp_path, doctype(f'e SYSTEM "{secret.as_uri()}"') + reviews("a &e; b"))
    assert SECRET not in str(read_error(path))
    # Not even without the check that rejects the DTD.
    monkeypatch.setattr(xml_stream, "_check_root", lambda element, roots: None)
    (element,) = stream_texts(path)
    assert element.startswith(b"<text>a &e; b</text>")


def test_billion_laughs_in_the_root_tag_are_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, doctype(*LAUGHS) + '<Reviews x="&i;"/>')
    assert read_error(path).line == 1


def test_deep_nesting_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, f"<Reviews>{'<a>' * 300}{'</a>' * 300}</Reviews>")
    assert "Excessive depth" in str(read_error(path).found)


def test_elements_are_freed_while_streaming(tmp_path: Path) -> None:
    sentences = "".join(f'<sentence id="{{0}}:{n}"><text>نص</text></sentence>' for n in range(10))
    review = f'<Review rid="{{0}}"><sentences>{sentences}</sentences></Review>\n'
    path = write(tmp_path, f"<Reviews>\n{''.join(map(review.format, range(2000)))}</Reviews>")
    with path.open("rb") as file:
        elements = xml_stream.stream_document(file, "Reviews")
        root, count = next(elements), 0
        for element in elements:
            assert len(root) < 200  # children in the same read buffer
            assert element.getparent() is None
            assert len(list(element.iter("sentence"))) == 10
            count += 1
    assert count == 2000
