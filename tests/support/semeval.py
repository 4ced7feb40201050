"""Builders of SemEval-2016 files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from arabic_mtl.formats.xml.reviews import OpinionText, read_reviews
from support.paths import SAMPLE

Opinion = tuple[str | None, str, str]
"""Target (None or NULL for the whole sentence), category, polarity."""
Sentence = tuple[str, Sequence[Opinion]]
"""A text and its opinions."""

NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الموقع": "LOCATION"}
ADJECTIVES = {"ممتازة جدا": "positive", "سيئة للغاية": "negative", "عادية فقط": "neutral"}


def opinion(text: str, target: str | None, category: str, polarity: str) -> str:
    """Returns an ``<Opinion>`` on the first occurrence of its target."""
    span = "" if target in (None, "NULL") else str(target)
    start = text.index(span)
    offsets = f'from="{start}" to="{start + len(span)}"'
    labels = f'category="{category}" polarity="{polarity}"'
    return f"<Opinion target={quoteattr(span or 'NULL')} {labels} {offsets}/>"


def sentence(name: str, text: str, *opinions: Opinion) -> str:
    """Returns a ``<sentence>`` on its own line."""
    inside = "".join(opinion(text, *item) for item in opinions)
    gold = f"<Opinions>{inside}</Opinions>" if opinions else ""
    return f'<sentence id="{name}"><text>{escape(text)}</text>{gold}</sentence>\n'


def review(name: str, sentences: Sequence[str], opinions: Sequence[tuple[str, str]] = ()) -> str:
    """Returns a ``<Review>`` of sentences, with its own opinions (SB2): (category, polarity)."""
    inside = "".join(f'<Opinion category="{c}" polarity="{p}"/>' for c, p in opinions)
    review_opinions = f"<Opinions>{inside}</Opinions>" if opinions else ""
    body = "".join(sentences)
    return f'<Review rid="{name}"><sentences>\n{body}</sentences>{review_opinions}</Review>\n'


def document(*reviews: str) -> str:
    """Returns a file; the XML declaration and ``<Reviews>`` are lines 1 and 2."""
    body = "".join(reviews)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Reviews>\n{body}</Reviews>\n'


def reviews(*texts: Sequence[str]) -> str:
    """Returns a file of reviews, each given as its sentences."""
    return document(*(review(f"r{number}", sentences) for number, sentences in enumerate(texts)))


def semeval(
    reviews: Mapping[str, Sequence[Sentence]],
    review_opinions: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> str:
    """Returns a file of named reviews with sentences, and with opinions of their own (SB2).

    Each sentence is one line, and so is each end of a review. The id of a sentence is
    ``review:number``.
    """
    return document(
        *(
            review(
                name,
                [
                    sentence(f"{name}:{n}", text, *opinions)
                    for n, (text, opinions) in enumerate(sentences)
                ],
                (review_opinions or {}).get(name, ()),
            )
            for name, sentences in reviews.items()
        )
    )


def rename_reviews(xml: str, prefix: str) -> str:
    """Puts a prefix before the ids of the reviews in a file."""
    return xml.replace('rid="', f'rid="{prefix}-')


def hotel_xml(copies: int = 4) -> str:
    """Returns reviews whose labels follow from their words, with targets and NULL targets.

    Args:
        copies: The number of copies of the nine reviews; each copy has its own number in its texts.
    """
    texts = []
    for copy in range(copies):
        for noun, entity in NOUNS.items():
            for adjective, polarity in ADJECTIVES.items():
                name = f"h{copy}-{len(texts)}"
                text = f"كانت {noun} {adjective} في الليلة {copy}"
                second = sentence(f"{name}:1", adjective, (None, "HOTEL#GENERAL", polarity))
                first = sentence(f"{name}:0", text, (noun, f"{entity}#GENERAL", polarity))
                texts.append([first, second])
    return reviews(*texts)


def opinion_texts(path: Path) -> list[OpinionText]:
    """Returns the sentences of a file with their opinions."""
    return [sentence for review in read_reviews(path) for sentence in review.sentences]


def write_hotels(folder: Path, copies: int = 4) -> Path:
    """Writes the file that the hotels and recipe configurations read, and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "AR_Hotels_Train_SB1.xml").write_text(hotel_xml(copies), encoding="utf-8")
    return folder


def plain_xml(source: Path, path: Path, limit: int = 25) -> list[tuple[str, str]]:
    """Copies the first sentences of a file without their opinions; returns their (id, text)."""
    elements = list(etree.parse(source).iter("sentence"))[:limit]
    texts = [(str(e.get("id")), e.findtext("text", "")) for e in elements]
    body = reviews(*[[sentence(name, text)] for name, text in texts])
    path.write_text(body, encoding="utf-8")
    return texts


def sample_texts() -> list[str]:
    """Returns the sentences of the bundled training file."""
    return [str(element.text) for element in etree.parse(SAMPLE / "train.xml").iter("text")]
