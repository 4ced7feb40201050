"""XML: the same document but for what is said of its sentences."""

from __future__ import annotations

import io
import json

import pytest
from lxml import etree

from arabic_mtl.formats.xml_stream import stream_children
from support.formats import Words, converted, refusal, skipping

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


def test_all_else_is_kept() -> None:
    assert converted(DOCUMENT, "xml") == ANNOTATED


def test_what_was_found_before_is_replaced() -> None:
    assert converted(ANNOTATED, "xml") == ANNOTATED


def test_space_is_as_the_sentence_has_it() -> None:
    first = "<sentences><sentence><text>العشاء</text></sentence>\n\t<sentence><text>x</text>"
    one, other = (
        converted(f"{first}{answers}</sentence></sentences>", "xml").split("</sentence>")
        for answers in ("", "<aspectTerms> <aspectTerm/> </aspectTerms>")
    )
    assert one == other
    assert one[1] == "\n\t<sentence><text>x</text>"
    assert '</text><aspectTerms><aspectTerm term="العشاء"' in one[0]


def test_characters_are_those_of_the_declared_encoding() -> None:
    content = (
        '<?xml version="1.0" encoding="windows-1256"?>\n'
        '<sentences><sentence id="é"><text>العشاء</text></sentence></sentences>'
    )
    written = converted(content.encode("cp1256"), "xml")
    head, sentence = written.splitlines()
    assert head == "<?xml version='1.0' encoding='UTF-8'?>"
    assert sentence.startswith('<sentences><sentence id="é"><text>العشاء</text><aspectTerms>')


def test_as_json_lines() -> None:
    lines = converted(DOCUMENT, "xml", "jsonl").splitlines()
    text = "كانت الغرفة & العشاء"
    said = Words().annotation(text).as_dict()
    assert [json.loads(line) for line in lines] == [
        {"id": "1:0", **said},
        {"id": "1:1", "text": "", "spans": [], "labels": {"kind": []}},
    ]
    nameless = "<sentences><sentence><text>a</text></sentence></sentences>"
    assert list(json.loads(converted(nameless, "xml", "jsonl"))) == ["text", "spans", "labels"]


SENTENCE = "<sentence id='9'>{}<aspectTerms/></sentence>\n"
BROKEN = {
    "": "0 <text>",
    "<text>a</text><text>b</text>": "2 <text>",
    "<text>a<b/></text>": "<b> inside",
    f"<text>{'a' * 101}</text>": "101 characters",
}


@pytest.mark.parametrize("inside", BROKEN, ids=BROKEN.values())
def test_broken_sentences(inside: str) -> None:
    error = refusal(f"<sentences>\n\n{SENTENCE.format(inside)}</sentences>", "xml")
    assert (error.found, error.line) == (BROKEN[inside], 3)


def test_broken_sentences_are_kept_without_answers() -> None:
    inside = [*BROKEN, "<text>العشاء</text>"]
    written, refused = skipping(
        f"<sentences>\n{''.join(map(SENTENCE.format, inside))}</sentences>", "xml"
    )
    assert [error.line for error in refused] == [2, 3, 4, 5]
    sentences = etree.fromstring(written.encode()).findall("sentence")
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
def test_what_is_no_such_document(content: str) -> None:
    error = refusal(content, "xml")
    assert WHOLE[content] in str(error.found)


def test_children_are_taken_out_of_the_root_one_by_one() -> None:
    content = b"<a k='v'> <b>1</b>x<c><b/></c> y</a>"
    found = stream_children(io.BytesIO(content), roots=["a"])
    root = next(found)
    assert (root.tag, root.attrib, root.text) == ("a", {"k": "v"}, " ")
    children = []
    for child in found:
        assert child.getparent() is None
        assert len(root) <= 1
        children.append((child.tag, child.text, child.tail, len(child)))
    assert children == [("b", "1", "x", 0), ("c", None, " y", 1)]


def test_a_root_alone() -> None:
    assert [each.tag for each in stream_children(io.BytesIO(b"<a/>"), roots=["b", "a"])] == ["a"]
    assert converted("<Reviews a='1'/>", "xml").splitlines()[1] == '<Reviews a="1"></Reviews>'
