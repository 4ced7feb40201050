"""CoNLL files: sentences, texts and spans; the quirks of public corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll, Layers, Notices
from arabic_mtl.formats.conll.sentences import COMMENT, WORDLIKE
from support.conll import counts, read, refusal, spans

EXAMPLES = Path(__file__).parent / "examples"
OPENED = "span that opens with I-"


def test_oddities_are_counted() -> None:
    def notices(number: str) -> dict[str, tuple[int, int | None]]:
        found = Notices()
        list(Conll(columns=["word", "ner"]).read(EXAMPLES / f"{number}_a.txt", found))
        return counts(found)

    assert notices("01") == {
        "byte order mark": (1, 1),
        "line with CR LF end": (4, 1),
        "last line without line end": (1, 5),
    }
    assert notices("02") == {
        "run of blanks between columns": (1, 1),
        "line with blanks at its edge": (2, 1),
    }
    assert notices("04") == {OPENED: (2, 2)}
    assert notices("10") == {"-DOCSTART- line with another number of columns": (1, 1)}
    assert notices("11") == {}


def test_blank_lines_part_sentences() -> None:
    examples, notices = read("\n\nا O\n \t\nب O\nت O\n\n\nث O\n\n")
    assert [(e.id, e.line, e.text) for e in examples] == [
        ("line:3", 3, "ا"),
        ("line:5", 5, "ب ت"),
        ("line:9", 9, "ث"),
    ]
    assert counts(notices) == {
        "extra blank line": (3, 1),
        "blank line of spaces": (1, 4),
        "blank line at the end of the file": (1, 10),
    }
    assert read("")[0] == read("\n")[0] == []


@pytest.mark.parametrize(
    ("sentences", "texts"),
    [
        ({"after": [".", "؟"]}, ["ا .", "ب ؟", "ت ث", "ج ح"]),
        ({"every": 2}, ["ا .", "ب ؟", "ت ث", "ج ح"]),
        ({"every": 3}, ["ا . ب", "؟ ت ث", "ج ح"]),
        ({"column": "id"}, ["ا . ب", "؟", "ت ث", "ج", "ح"]),
    ],
)
def test_sentences_can_end_without_blank_lines(sentences: Any, texts: list[str]) -> None:
    words = [("ا", 1), (".", 1), ("ب", 1), ("؟", 2), ("ت", 3), ("ث", 3), (None, 0)]
    words += [("ج", 3), ("ح", 4)]
    content = "".join(f"{word} {n} O\n" if word else "\n" for word, n in words)
    columns = ["word", "id" if "column" in sentences else "_", "ner"]
    examples, _ = read(content, columns=columns, sentences=sentences)
    assert [example.text for example in examples] == texts
    assert {*examples[0].spans} == {"ner"}


def test_io_counts_spans_that_go_on_in_the_next_sentence() -> None:
    content = "ا A\nب A\nت B\nث B\n\nج B\n"
    examples, notices = read(content, scheme="io", sentences={"every": 1})
    assert [spans(example) for example in examples] == [[(0, 1, label)] for label in "AABBB"]
    assert counts(notices) == {"span cut at the end of a sentence": (2, 2)}


def test_documents_are_groups(tmp_path: Path) -> None:
    content = "ا O\n\n-DOCSTART- O\n\nب O\n\nت O\n-DOCSTART-\nث O\n"
    groups = [example.group for example in read(content)[0]]
    assert groups[0].startswith("text:")
    assert groups[1:] == ["document 1", "document 1", "document 2"]
    assert {e.group for e in read(content, documents="file")[0]} == {"a.txt"}
    assert len({e.group for e in read(content, documents="none")[0]}) == 4
    by_column, _ = read(
        "ا O x\nب O x\nت O y\n\nث O y\n",
        columns=["word", "ner", "document"],
        documents={"column": "document"},
    )
    assert [(e.text, e.group) for e in by_column] == [("ا ب", "x"), ("ت", "y"), ("ث", "y")]
    assert Conll(columns=["word"]).has_local_groups
    assert Conll(columns=["word"], documents="file").has_local_groups
    assert not Conll(columns=["word"], documents="none").has_local_groups


def test_words_are_joined_as_options_say() -> None:
    content = "و O _\nقال B-A SpaceAfter=No|X=1\n. O _\nب B-B _\nو O _\n"
    options: dict[str, Any] = {"columns": ["word", "ner", "misc"], "space_after": "misc"}
    (example,), _ = read(content, **options, attach=["و", "ب"])
    assert (example.text, spans(example)) == ("وقال. بو", [(1, 4, "A"), (6, 7, "B")])
    (example,), _ = read(content, **options, join="_")
    assert (example.text, spans(example)) == ("و_قال._ب_و", [(2, 5, "A"), (7, 8, "B")])
    assert {*example.spans} == {"ner"}


def test_comments_and_headers_are_no_words() -> None:
    content = "w n\n# id\n\n# x\nا O\n# y\nب B-A\n#z B-A\n"
    (example,), notices = read(content, comments="# ", header=True)
    assert (example.text, example.line, spans(example)) == ("ا ب #z", 5, [(2, 3, "A"), (4, 6, "A")])
    assert counts(notices) == {WORDLIKE: (3, 2)}
    _, notices = read("# a\n#\n# a = 1\nا O\n", comments="#")
    assert counts(notices) == {WORDLIKE: (1, 1), COMMENT: (2, 2)}


def test_levels_are_layers() -> None:
    conll = Conll(columns=["word", "pos", "ner..."], scheme={"pos": "words"})
    assert conll.layers is None
    flat = Conll(columns=["word", "_", "ner", "id"], sentences={"column": "id"})
    assert flat.layers == Layers(spans=frozenset({"ner"}))
    examples, notices = read(
        "ا V B-A B-B\nب N I-A O I-C\nت N O\n\nث N B-A B-A\n",
        columns=["word", "pos", "ner..."],
        scheme={"pos": "words"},
    )
    assert {layer: spans(examples[0], layer) for layer in examples[0].spans} == {
        "pos": [(0, 1, "V"), (2, 3, "N"), (4, 5, "N")],
        "ner": [(0, 3, "A")],
        "ner_2": [(0, 1, "B")],
        "ner_3": [(2, 3, "C")],
    }
    assert {*examples[1].spans} == {"pos", "ner", "ner_2"}
    assert counts(notices) == {OPENED: (1, 2), "span inside a span of its own label": (1, 5)}


def test_words_that_cannot_be_seen_are_counted() -> None:
    (example,), notices = read("قال O\n\u200f O\nعدن B-A\n\u200f I-A\n۝ O\n")
    assert (example.text, spans(example)) == ("قال \u200f عدن \u200f ۝", [(6, 11, "A")])
    assert counts(notices) == {"word without a visible letter": (2, 2)}
    error = refusal("قال O\n\u200f B-A\n")
    assert (error.line, "\\u200f" in str(error.found)) == (2, True)


def test_cells_can_have_blanks_where_tabs_part_them() -> None:
    (example,), notices = read("و 5\tB-A\n يوم\tI-A \nx\tO\n \tO\n", delimiter="tab")
    assert (example.text, spans(example)) == ("و 5  يوم x  ", [(0, 8, "A")])
    assert counts(notices) == {
        "label trimmed of blanks": (1, 2),
        "word without a visible letter": (1, 4),
    }
    (example,), notices = read(" ا \tB-A\n", delimiter="\\t")
    assert (example.text, spans(example)) == (" ا ", [(1, 2, "A")])
    assert counts(notices) == {"span trimmed of blanks": (1, 1)}


def test_csv_can_quote_the_delimiter() -> None:
    content = 'Word,Tag\nمحمد,Pers\nعلي,Pers\n",",O\n"""",O\n,\nعلي,Pers\n'
    options: dict[str, Any] = {"delimiter": ",", "scheme": "io", "header": True}
    examples, notices = read(content, quoting="csv", **options)
    assert [(e.text, spans(e)) for e in examples] == [
        ('محمد علي , "', [(0, 8, "Pers")]),
        ("علي", [(0, 3, "Pers")]),
    ]
    assert counts(notices) == {"blank line of spaces": (1, 6)}
    error = refusal(content, **options)
    assert (error.line, "quoting: csv" in str(error.expected)) == (4, True)
    assert refusal('"ا,O\nب",O\n', quoting="csv", **options | {"header": False}).line == 1


WORD = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=4)
SENTENCES = st.lists(st.lists(WORD, min_size=1, max_size=6), max_size=5)


@given(SENTENCES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["blanks", "tab", "space"]))
def test_words_are_those_of_the_file(sentences: list[list[str]], end: str, name: str) -> None:
    delimiter = "\t" if name == "tab" else " "
    blocks = ["".join(f"{word}{delimiter}O{end}" for word in words) for words in sentences]
    examples, _ = read(end.join(blocks), delimiter=name)
    assert [example.text for example in examples] == [" ".join(words) for words in sentences]


TOKEN = st.sampled_from([*'\n\n \t,"-\r', "B-A", "I-A", "O", "و", "-DOCSTART-", "\u200f", "# "])


@given(
    st.one_of(
        st.binary(max_size=60), st.lists(TOKEN, max_size=40).map(lambda parts: "".join(parts))
    ),
    st.sampled_from(
        [
            {},
            {"columns": ["word", "ner..."], "comments": "# ", "documents": "file"},
            {"columns": ["word"], "sentences": {"every": 2}, "longest": 3},
            {"delimiter": ",", "quoting": "csv", "scheme": "io", "header": True},
            {"delimiter": "tab", "scheme": "bioes", "on_error": "skip"},
            {"columns": ["word", "id"], "sentences": {"column": "id"}, "encoding": "utf-16"},
        ]
    ),
)
def test_any_file_is_read_or_refused_with_a_line(
    content: str | bytes, options: dict[str, Any]
) -> None:
    examples, error = [], None
    try:
        examples, _ = read(content, **options)
    except InputError as caught:
        error = caught
    assert error is None or (error.file and error.line)
    for example in examples:
        for found in example.spans.values():
            assert all(0 <= span.start < span.end <= len(example.text) for span in found)
