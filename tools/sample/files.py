"""The files of the sample: reviews as XML, and sentences of them as CSV and CoNLL."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from lxml import etree

from tools.sample.segments import SampleOpinion, Sentence

Review: TypeAlias = tuple[str, Sequence[Sentence]]  # its id, its sentences

_WORD = re.compile(r"[^\s.،!؟]+|[.،!؟]+")


def to_xml(reviews: Iterable[Review]) -> bytes:
    """Returns reviews as SemEval-2016 Task 5 stores them, one opinion per target."""
    root = etree.Element("Reviews")
    for rid, sentences in reviews:
        review = etree.SubElement(root, "Review", rid=rid)
        parent = etree.SubElement(review, "sentences")
        for sentence_id, sentence in _with_ids([(rid, sentences)]):
            _append(parent, sentence_id, sentence)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def to_csv(reviews: Iterable[Review], size: int) -> bytes:
    """Returns the first sentences whose opinions share a polarity, with this as their label.

    Args:
        reviews: The reviews of a split.
        size: The number of rows.

    Returns:
        A table with the columns ``id``, ``text`` and ``sentiment``.
    """
    rows = (
        (sentence_id, sentence.text, sentence.opinions[0].label.polarity)
        for sentence_id, sentence in _with_ids(reviews)
        if len({opinion.label.polarity for opinion in sentence.opinions}) == 1
    )
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "text", "sentiment"))
    writer.writerows(islice(rows, size))
    return file.getvalue().encode()


def to_conll(reviews: Iterable[Review], size: int) -> bytes:
    """Returns the first sentences with a word per line and the entities of their targets.

    A word is tagged as a whole, together with a clitic before the target: ``والخدمة B-SERVICE``.

    Args:
        reviews: The reviews of a split.
        size: The number of sentences.

    Returns:
        Words and BIO tags, with a blank line between sentences.
    """
    sentences = islice((sentence for _, sentence in _with_ids(reviews)), size)
    return "\n".join(map(_tagged, sentences)).encode()


def _with_ids(reviews: Iterable[Review]) -> Iterator[tuple[str, Sentence]]:
    for rid, sentences in reviews:
        for index, sentence in enumerate(sentences):
            yield f"{rid}:{index}", sentence


def _append(parent: etree._Element, sentence_id: str, sentence: Sentence) -> None:
    element = etree.SubElement(parent, "sentence", id=sentence_id)
    etree.SubElement(element, "text").text = sentence.text
    if not sentence.opinions:
        return
    opinions = etree.SubElement(element, "Opinions")
    for opinion in sentence.opinions:
        attributes = {
            "target": opinion.target,
            "category": opinion.label.category,
            "polarity": opinion.label.polarity,
            "from": str(opinion.start),
            "to": str(opinion.end),
        }
        etree.SubElement(opinions, "Opinion", attributes)


def _tagged(sentence: Sentence) -> str:
    lines = []
    previous: SampleOpinion | None = None
    for word in _WORD.finditer(sentence.text):
        opinion = next(
            (o for o in sentence.opinions if o.start < word.end() and word.start() < o.end), None
        )
        prefix = "I" if opinion is previous else "B"
        tag = f"{prefix}-{opinion.label.category.split('#')[0]}" if opinion else "O"
        lines.append(f"{word[0]} {tag}\n")
        previous = opinion
    return "".join(lines)
