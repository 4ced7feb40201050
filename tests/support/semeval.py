"""SemEval-2016 files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from arabic_mtl.formats.reviews import OpinionText, read_reviews
from support.paths import SAMPLE

Opinion = tuple[str | None, str, str]
"""Target (none or NULL for the whole), category, polarity."""
Sentence = tuple[str, Sequence[Opinion]]
"""A text and its opinions."""

NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الموقع": "LOCATION"}
ADJECTIVES = {"ممتازة جدا": "positive", "سيئة للغاية": "negative", "عادية فقط": "neutral"}


def opinion(text: str, target: str | None, category: str, polarity: str) -> str:
    """An ``<Opinion>`` on the first occurrence of its target."""
    found = "" if target in (None, "NULL") else str(target)
    start = text.index(found)
    places = f'from="{start}" to="{start + len(found)}"'
    labels = f'category="{category}" polarity="{polarity}"'
    return f"<Opinion target={quoteattr(found or 'NULL')} {labels} {places}/>"


def sentence(name: str, text: str, *opinions: Opinion) -> str:
    """A ``<sentence>``, on a line of its own."""
    inside = "".join(opinion(text, *of_text) for of_text in opinions)
    gold = f"<Opinions>{inside}</Opinions>" if opinions else ""
    return f'<sentence id="{name}"><text>{escape(text)}</text>{gold}</sentence>\n'


def review(name: str, sentences: Sequence[str], opinions: Sequence[tuple[str, str]] = ()) -> str:
    """A ``<Review>`` of sentences; its own opinions (SB2) are (category, polarity)."""
    inside = "".join(f'<Opinion category="{c}" polarity="{p}"/>' for c, p in opinions)
    own = f"<Opinions>{inside}</Opinions>" if opinions else ""
    body = "".join(sentences)
    return f'<Review rid="{name}"><sentences>\n{body}</sentences>{own}</Review>\n'


def document(*reviews: str) -> str:
    """A file; the XML declaration and ``<Reviews>`` stand on lines 1 and 2."""
    body = "".join(reviews)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Reviews>\n{body}</Reviews>\n'


def reviews(*texts: Sequence[str]) -> str:
    """A file of reviews, each given as its sentences."""
    return document(*(review(f"r{number}", of) for number, of in enumerate(texts)))


def semeval(
    reviews: Mapping[str, Sequence[Sentence]],
    of_review: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> str:
    """A file of reviews by name, with their sentences, and (SB2) their own opinions.

    There is one line per sentence and one for each end of a review. A sentence's id is
    ``review:number``.
    """
    return document(
        *(
            review(
                name,
                [sentence(f"{name}:{n}", text, *of) for n, (text, of) in enumerate(sentences)],
                (of_review or {}).get(name, ()),
            )
            for name, sentences in reviews.items()
        )
    )


def regrouped(xml: str, prefix: str) -> str:
    """The same texts, as other reviews."""
    return xml.replace('rid="', f'rid="{prefix}-')


def hotel_xml(copies: int = 4) -> str:
    """Reviews whose labels follow from their words; opinions on the whole are NULL."""
    texts = []
    for copy in range(copies):
        for noun, entity in NOUNS.items():
            for adjective, polarity in ADJECTIVES.items():
                name = f"h{copy}-{len(texts)}"
                text = f"كانت {noun} {adjective} في الليلة {copy}"
                whole = sentence(f"{name}:1", adjective, (None, "HOTEL#GENERAL", polarity))
                first = sentence(f"{name}:0", text, (noun, f"{entity}#GENERAL", polarity))
                texts.append([first, whole])
    return reviews(*texts)


def opinion_texts(path: Path) -> list[OpinionText]:
    """The sentences of a file, each with its opinions in their order."""
    return [sentence for review in read_reviews(path) for sentence in review.sentences]


def write_hotels(folder: Path, copies: int = 4) -> Path:
    """The file that the hotels and recipe configurations ask for; gives back its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "AR_Hotels_Train_SB1.xml").write_text(hotel_xml(copies), encoding="utf-8")
    return folder


def plain_xml(source: Path, path: Path, limit: int = 25) -> list[tuple[str, str]]:
    """Copies some sentences of a file without their annotation; gives back (id, text)."""
    elements = list(etree.parse(source).iter("sentence"))[:limit]
    texts = [(str(e.get("id")), e.findtext("text", "")) for e in elements]
    body = reviews(*[[sentence(name, text)] for name, text in texts])
    path.write_text(body, encoding="utf-8")
    return texts


def sample_texts() -> list[str]:
    """The sentences of the bundled training file."""
    return [str(element.text) for element in etree.parse(SAMPLE / "train.xml").iter("text")]
