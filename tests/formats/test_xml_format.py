"""XML output: the input document with new annotations of its sentences."""

from __future__ import annotations

import io
import json

import pytest
from lxml import etree

from arabic_mtl.formats.xml.xml_stream import stream_children
from support.formats import Words, conversion_error, convert, convert_skipping

DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- dropped -->
<Reviews lang="ar" xmlns:x="urn:x">
    <meta x:by="a &amp; b">one<b/> two <i/> </meta>
    <Review rid="1" note="&lt;&#10;">
        <sentences>
            <sentence id="1:0" OutOfScope="TRUE">
                <text>كانت <!-- dropped -->الغرفة &amp; العشاء</text>
                <Opinions>
                    <Opinion target="gold" category="A#B" polarity="positive" from="0" to="4"/>
                </Opinions>
                <extra k="v">kept</extra>
            </sentence>
            <sentence id="1:1"><text/></sentence>
        </sentences>
    </Review>
    <Review rid="2"/>
</Reviews>"""

ANNOTATED = """\
<?xml version='1.0' encoding='UTF-8' standalone='yes'?>
<Reviews xmlns:x="urn:x" lang="ar">
    <meta xmlns:x="urn:x" x:by="a &amp; b">one<b/> two <i/> </meta>
    <Review rid="1" note="&lt;&#10;">
        <sentences>
            <sentence id="1:0" OutOfScope="TRUE">
                <text>كانت الغرفة &amp; العشاء</text>
                <Opinions>
                    <Opinion target="الغرفة" category="ROOMS#GENERAL" polarity="positive" \
from="5" to="11"/>
                    <Opinion target="العشاء" category="FOOD#PRICES" polarity="neutral" \
from="14" to="20"/>
                </Opinions>
                <extra k="v">kept</extra>
            </sentence>
            <sentence id="1:1"><text/></sentence>
        </sentences>
    </Review>
    <Review rid="2"/>
</Reviews>
"""


def test_other_content_is_kept() -> None:
    assert convert(DOCUMENT, "xml") == ANNOTATED


def test_earlier_annotations_are_replaced() -> None:
    assert convert(ANNOTATED, "xml") == ANNOTATED


def test_whitespace_follows_the_sentence() -> None:
    first = "<sentences><sentence><text>العشاء</text></sentence>\n\t<sentence><text>x</text>"
    indented, reference = (
        convert(f"{first}{annotations}</sentence></sentences>", "xml").split("</sentence>")
        for annotations in ("", "<aspectTerms> <aspectTerm/> </aspectTerms>")
    )
    assert indented == reference
    assert indented[1] == "\n\t<sentence><text>x</text>"
    assert '</text><aspectTerms><aspectTerm term="العشاء"' in indented[0]


def test_declared_encoding_is_decoded() -> None:
    content = (
        '<?xml version="1.0" encoding="windows-1256"?>\n'
        '<sentences><sentence id="é"><text>العشاء</text></sentence></sentences>'
    )
    output = convert(content.encode("cp1256"), "xml")
    head, sentence = output.splitlines()
    assert head == "<?xml version='1.0' encoding='UTF-8'?>"
    assert sentence.startswith('<sentences><sentence id="é"><text>العشاء</text><aspectTerms>')


def test_xml_can_be_converted_to_json_lines() -> None:
    lines = convert(DOCUMENT, "xml", "jsonl").splitlines()
    text = "كانت الغرفة & العشاء"
    annotation = Words().annotation(text).as_dict()
    assert [json.loads(line) for line in lines] == [
        {"id": "1:0", **annotation},
        {"id": "1:1", "text": "", "spans": [], "labels": {"kind": []}},
    ]
    nameless = "<sentences><sentence><text>a</text></sentence></sentences>"
    assert list(json.loads(convert(nameless, "xml", "jsonl"))) == ["text", "spans", "labels"]


SENTENCE = "<sentence id='9'>{}<aspectTerms/></sentence>\n"
BROKEN = {
    "": "0 <text>",
    "<text>a</text><text>b</text>": "2 <text>",
    "<text>a<b/></text>": "<b> inside",
    f"<text>{'a' * 101}</text>": "101 characters",
}


@pytest.mark.parametrize("inside", BROKEN, ids=BROKEN.values())
def test_broken_sentences_are_rejected(inside: str) -> None:
    error = conversion_error(f"<sentences>\n\n{SENTENCE.format(inside)}</sentences>", "xml")
    assert (error.found, error.line) == (BROKEN[inside], 3)


def test_skipped_sentences_are_kept_without_annotations() -> None:
    inside = [*BROKEN, "<text>العشاء</text>"]
    output, errors = convert_skipping(
        f"<sentences>\n{''.join(map(SENTENCE.format, inside))}</sentences>", "xml"
    )
    assert [error.line for error in errors] == [2, 3, 4, 5]
    sentences = etree.fromstring(output.encode()).findall("sentence")
    assert [len(sentence.findall("aspectTerms")) for sentence in sentences] == [0, 0, 0, 0, 1]
    assert [sentence.get("id") for sentence in sentences] == ["9"] * 5


WHOLE = {
    "": "no element found",
    "text": "Start tag expected",
    "<Corpus/>": " <Corpus>",
    "<Reviews><Review></Reviews>": "Opening and ending tag mismatch",
    "<Reviews><Review/>": "Premature end of data",
    "<!DOCTYPE Reviews [<!ENTITY a 'b'>]><Reviews/>": "<!DOCTYPE Reviews>",
    "<!DOCTYPE Reviews SYSTEM 'x.dtd'><Reviews/>": "<!DOCTYPE Reviews SYSTEM",
    "<sentences><sentence><text>&a;</text></sentence></sentences>": "Entity 'a' not defined",
    "<sentences><sentence><text>&#xD800;</text></sentence></sentences>": "xmlParseCharRef",
    "<?xml version='1.0' encoding='x'?><Reviews/>": "Unsupported encoding",
}


@pytest.mark.parametrize("content", WHOLE, ids=WHOLE.values())
def test_invalid_documents_are_rejected(content: str) -> None:
    error = conversion_error(content, "xml")
    assert WHOLE[content] in str(error.found)


def test_children_are_removed_from_the_root() -> None:
    content = b"<a k='v'> <b>1</b>x<c><b/></c> y</a>"
    elements = stream_children(io.BytesIO(content), roots=["a"])
    root = next(elements)
    assert (root.tag, root.attrib, root.text) == ("a", {"k": "v"}, " ")
    children = []
    for child in elements:
        assert child.getparent() is None
        assert len(root) <= 1
        children.append((child.tag, child.text, child.tail, len(child)))
    assert children == [("b", "1", "x", 0), ("c", None, " y", 1)]


def test_root_without_children() -> None:
    (root,) = stream_children(io.BytesIO(b"<a/>"), roots=["b", "a"])
    assert root.tag == "a"
    assert convert("<Reviews a='1'/>", "xml").splitlines()[1] == '<Reviews a="1"></Reviews>'
