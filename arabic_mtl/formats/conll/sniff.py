"""Guesses the options of a CoNLL file from its first lines."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arabic_mtl.formats.conll.candidates import Candidate, candidates
from arabic_mtl.formats.conll.line_hints import TAG
from arabic_mtl.formats.encodings import decoded_head
from arabic_mtl.formats.facts import Guess

_LINES = 5000  # lines that are looked at
_FEW = 0.05  # share of lines with a wrong tag
_CUT = 2**16  # bytes from which the last line may be incomplete
_MANY = 300  # words, after which a file without blank lines is not one sentence
_SUFFIXES = (".conll", ".conllu", ".bio", ".iob")
_ENDS = [".", "؟", "!"]
_SENTENCES = ("sentid", "sent_id", "sentence", "sentence_id", "sentence #")
_METADATA = re.compile(r"#\s*\w+(?:[ _:.-]\w+)*\s*=|# ?(?:newdoc|newpar)\b")
_DOCSTART = "-DOCSTART-"
_SCHEMES = {
    "io": "the tags have no B- and I-: neighbours with the same tag are one span; "
    "`scheme: words` reads each as a span of its own",
    "words": "each word is a span of its own; `scheme: io` joins neighbours with the same tag",
}
"""Scheme to the doubt about it."""

_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
_UNIVERSAL = {
    "columns": ["_", "word", "_", "pos", "_", "_", "_", "_", "_", "misc"],
    "delimiter": "tab",
    "quoting": "none",
    "header": False,
    "sentences": "blank",
    "scheme": "words",
    "outside": ["_"],
    "space_after": "misc",
    "comments": "#",
}
"""The options of CoNLL-U."""


def sniff(head: bytes, name: str) -> Guess | None:
    """Returns options to read a file with, or None if it does not look like a CoNLL file.

    Args:
        head: The first bytes of the file.
        name: The file's name.
    """
    content, encoding = decoded_head(head)
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    lines = lines[: -1 if len(head) >= _CUT else None][:_LINES]
    has_comments = _has_comments([line for line in lines if line.strip()])
    others = (_DOCSTART, "#") if has_comments else _DOCSTART
    words = [line for line in lines if line.strip() and not line.startswith(others)]
    if universal := _universal([line.split("\t") for line in words]):
        return universal
    is_named = Path(name).suffix.lower() in _SUFFIXES
    best = max(candidates(words), key=lambda candidate: candidate.certainty, default=None)
    if best is None or (best.certainty < 0.5 and not is_named):
        return None
    options, doubts = _columns(best)
    _add_sentences(options, doubts, best, lines)
    if has_comments:
        options["comments"] = "# "
    if encoding != "utf-8":
        options["encoding"] = encoding
        doubts.append(f"the encoding seems to be {encoding}; `encoding` sets another one")
    return Guess(options, max(best.certainty, 0.6) if is_named else best.certainty, doubts)


def _has_comments(lines: Sequence[str]) -> bool:
    """Returns whether lines that begin with # are comments, rather than words.

    They are if one of them has metadata, or if almost all other lines end with a tag, and almost
    none of them does.
    """
    marked = [_has_tag(line) for line in lines if line.startswith("# ")]
    others = [_has_tag(line) for line in lines if not line.startswith("# ")]
    return any(map(_METADATA.match, lines)) or (
        bool(marked)
        and sum(marked) <= _FEW * len(marked)
        and others.count(False) <= _FEW * len(others)
    )


def _has_tag(line: str) -> bool:
    """Returns whether the last cell of a line is a tag with B-, I- or the like, or O."""
    return TAG.fullmatch(line.split()[-1].upper()) is not None


def _columns(best: Candidate) -> tuple[dict[str, Any], list[str]]:
    """Returns the options about columns, and the doubts about them."""
    width = min(map(len, best.rows))
    names = ["_"] * width
    names[best.word] = "word"
    doubts = []
    if best.tags:
        last = max(best.tags)
        scheme = best.tags[last]
        name = "pos" if scheme == "words" else "ner"
        first = _first_level(best, last)
        names[first:] = (
            [f"{name}..."] if first < last or best.is_open else [name, *names[last + 1 :]]
        )
        skipped = [index + 1 for index in best.tags if index < first]
        if skipped:
            listed = ", ".join(map(str, skipped))
            doubts.append(f"tags in column {listed} are skipped; a name in `columns` reads them")
        doubts += [_SCHEMES[scheme]] if scheme in _SCHEMES else []
    else:
        scheme = "bio"
        doubts.append("no tags are seen; `columns` names them")
    header = bool(best.header)
    if header:
        doubts.append("line 1 seems to have the names of the columns; else `header: false`")
    options = {"columns": names, "delimiter": best.delimiter, "quoting": best.quoting}
    return {**options, "header": header, "scheme": scheme}, doubts


def _first_level(best: Candidate, last: int) -> int:
    """Returns the first of the columns that are levels of nested spans: they share labels."""
    labels = {
        index: {row[index][2:] for row in best.rows if row[index][1:2] == "-"}
        for index in best.tags
    }
    first = last
    while labels.get(first - 1, set()) & labels[last]:
        first -= 1
    return first


def _add_sentences(
    options: dict[str, Any], doubts: list[str], best: Candidate, lines: Sequence[str]
) -> None:
    """Adds the options about sentences and documents, and the doubts about them."""
    names = [name.strip().lower() for name in best.header]
    column = next((n for n, name in enumerate(names) if name in _SENTENCES), None)
    sentences: Any = "blank"
    if column is not None:
        options["columns"][column] = "sentence"
        sentences = {"column": "sentence"}
    elif all(line.strip() for line in lines[:-1]) and len(best.rows) > _MANY:
        has_ends = {row[best.word] for row in best.rows} & {*_ENDS}
        sentences = {"after": _ENDS} if has_ends else {"every": 128}
        doubts.append("there are no blank lines, so `sentences` cuts the words otherwise")
    options["sentences"] = sentences
    if sum(line.startswith(_DOCSTART) for line in lines) == 1:
        options["documents"] = "none"
        doubts.append(
            "there is one -DOCSTART- line, as in exports of Label Studio; if other documents "
            "follow, `documents: docstart` keeps the sentences of each in one split"
        )


def _universal(rows: Sequence[Sequence[str]]) -> Guess | None:
    """Returns the options of CoNLL-U; None if the rows are not of its ten columns."""
    is_universal = rows and all(len(row) == 10 and _NUMBER.fullmatch(row[0]) for row in rows)
    if not is_universal:
        return None
    doubts = ["the layer is the part of speech in column 4"]
    if any("-" in row[0] for row in rows):
        doubts.append("lines such as 1-2, of several words, are read as words, too: remove them")
    return Guess(_UNIVERSAL, 0.95, doubts)
