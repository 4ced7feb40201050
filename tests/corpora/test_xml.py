"""Files that nobody has vouched for: damaged, foreign, dangerous, oddly encoded, or large."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from arabic_mtl.corpora import SemEval2016, xml
from arabic_mtl.errors import InputError

WELL_FORMED = "the file is well-formed XML"
COMPLETE = "a complete XML file"
ENCODED = "the bytes fit the encoding that the first line declares"
DECLARATION = 'a right declaration such as <?xml version="1.0" encoding="windows-1256"?>'
NO_DTD = "the file declares no DTD, for a DTD can define entities and fetch other files"
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
    return [example.text for example in SemEval2016().parse(path)]


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        texts(path)
    assert caught.value.file == path
    return caught.value


def stream_texts(path: Path) -> list[bytes]:
    """Each <text> as it is in the parser's hands."""
    elements = xml.stream_elements(path, root="Reviews", tag="text")
    return [etree.tostring(element, encoding="utf-8") for element in elements]


def doctype(*entities: str) -> str:
    return f"<!DOCTYPE Reviews [{''.join(f'<!ENTITY {entity}>' for entity in entities)}]>"


@pytest.mark.parametrize(
    ("content", "line", "rule", "found", "expected"),
    [
        (
            reviews("نص")[:-15],
            3,
            WELL_FORMED,
            "expected '>', line 3",
            COMPLETE,
        ),
        ("id,text\n1,2\n", 1, WELL_FORMED, "Start tag expected, '<' not found", COMPLETE),
        (b"\x00\x01\xfe\xff", 1, WELL_FORMED, "", COMPLETE),
        ("  \n ", 2, WELL_FORMED, "Start tag expected, '<' not found", COMPLETE),
        (reviews("a & b"), 2, WELL_FORMED, "xmlParseEntityRef: no name", COMPLETE),
        (reviews("a\0b"), 2, WELL_FORMED, "Invalid character", COMPLETE),
        (
            '<?xml version="1.0"?>\n<sentences><sentence id="1"/></sentences>',
            2,
            "the file follows this corpus's schema",
            "root element <sentences>",
            "root element <Reviews>",
        ),
        (declaration("klingon-8") + reviews("a"), 1, ENCODED, "klingon-8", DECLARATION),
        (
            (declaration("utf-8") + reviews("فندق")).encode("windows-1256"),
            3,
            ENCODED,
            "Invalid bytes in character encoding",
            DECLARATION,
        ),
        (
            reviews("فندق").encode("windows-1256"),
            2,
            ENCODED,
            "Invalid bytes in character encoding",
            DECLARATION,
        ),
    ],
    ids=[
        *("truncated", "not XML", "binary", "blank", "bare &", "control character"),
        *("SemEval-2014", "unknown encoding", "wrong encoding", "undeclared"),
    ],
)
def test_bad_file_is_refused(
    tmp_path: Path, content: str | bytes, line: int, rule: str, found: str, expected: str
) -> None:
    path = write(tmp_path, content)
    error = refusal(path)
    assert (error.line, error.rule, error.expected) == (line, rule, expected)
    assert found in str(error.found)
    assert len(str(error).splitlines()) == 4


def test_empty_file_is_refused(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, b""))
    facts = (error.rule, error.found, error.expected, error.line)
    assert facts == ("the file holds XML", "0 bytes", "<Reviews>…", None)


@pytest.mark.parametrize("cut", range(1, 108, 5))
def test_file_cut_anywhere_is_refused(tmp_path: Path, cut: int) -> None:
    content = reviews("نص").encode()
    error = refusal(write(tmp_path, content[: len(content) - cut]))
    assert error.rule == WELL_FORMED
    assert error.line in (1, 2, 3, 4)


def test_undefined_entity_is_named(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, reviews("a&nbsp;b")))
    assert error.line == 2
    assert "nbsp" in str(error.found)


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-8", "utf-8-sig", "utf-16", "iso-8859-6"])
def test_declared_encoding_is_followed(tmp_path: Path, encoding: str) -> None:
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
def test_dtd_is_refused(tmp_path: Path, head: str) -> None:
    error = refusal(write(tmp_path, head + reviews("جيد")))
    assert (error.rule, error.expected, error.line) == (NO_DTD, "no <!DOCTYPE …>", 1)
    assert str(error.found).startswith("<!DOCTYPE Reviews")


def test_external_entity_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    path = write(tmp_path, doctype(f'e SYSTEM "{secret.as_uri()}"') + reviews("a &e; b"))
    assert SECRET not in str(refusal(path))
    # Not even where the check that refuses the DTD is taken away.
    monkeypatch.setattr(xml, "_check_head", lambda path, root: None)
    (element,) = stream_texts(path)
    assert element.startswith(b"<text>a &e; b</text>")


def test_billion_laughs_in_the_root_tag_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, doctype(*LAUGHS) + '<Reviews x="&i;"/>')
    assert refusal(path).line == 1


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, f"<Reviews>{'<a>' * 300}{'</a>' * 300}</Reviews>")
    assert "Excessive depth" in str(refusal(path).found)


def test_elements_are_freed_as_they_are_passed(tmp_path: Path) -> None:
    sentences = "".join(f'<sentence id="{{0}}:{n}"><text>نص</text></sentence>' for n in range(10))
    review = f'<Review rid="{{0}}"><sentences>{sentences}</sentences></Review>\n'
    path = write(tmp_path, f"<Reviews>\n{''.join(map(review.format, range(2000)))}</Reviews>")
    count, before = 0, None
    for element in xml.stream_elements(path, root="Reviews", tag="Review"):
        assert list(element.itersiblings(preceding=True)) == [before] * (count > 0)
        assert len(list(element.iter("sentence"))) == 10
        assert before is None or len(before) == 0
        count, before = count + 1, element
    assert count == 2000
