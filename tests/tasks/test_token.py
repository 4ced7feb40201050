"""Tagging: gold spans come back exactly, and the metrics are those of scikit-learn and seqeval."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from sklearn.metrics import accuracy_score
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.decoders import bio
from arabic_mtl.documents import Example, Span, SpanPrediction, SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import split_outputs
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import TokenClassification
from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from support.models import save_model
from support.predictions import near, scores_of, spans_of
from support.tokens import pad

REVIEWS: dict[str, Any] = {"corpus": "reviews", "layer": "entity", "labels": ("HOTEL", "ROOMS")}
TASK = TokenClassification(**REVIEWS)
WHOLE = TokenClassification(**REVIEWS, trim=0)
NAMES = ["O", "B-HOTEL", "I-HOTEL", "B-ROOMS", "I-ROOMS"]
NONE = [-100, -100, -100]
NAMES_OF_LOGITS = ("tags", "before", "behind")

LETTERS = "ابةتجدرسعغفقكلمنهوىيأؤabz3٣"
MARKS = "\u064e\u0650\u0651\u064b\u0670\u0640"  # vowels, shadda, tanwin, dagger alef, tatweel
NON_JOINER = "\u200c"
# Words as one finds them: proclitics, vowels on them, what cleaning replaces or deletes.
KNOWN = [
    *("والغرفة", "وَالغُرفة", "نظيـــفة", "وبالموقعِ", "للمطعم", "كالفندقِ", "رائعتانِ", "فالـسـعر"),
    *("جدااااا", "wifi", "٣", "!", "(فندق)،", "http://a.bc/d", "@someone", "قوية/سريعة", "&quot;"),
]

Gold = tuple[Span, ...]
Case = tuple[str, Gold]


def example(text: str, spans: Gold | None) -> Example:
    return Example(id="1", group="1", text=text, spans={} if spans is None else {"entity": spans})


def encode(text: TextPipeline, *texts: str) -> list[Encoding]:
    return text.encode(texts, [None] * len(texts))


def perfect(
    labels: Tensor, task: TokenClassification = TASK, ignored: tuple[int, int] = (0, 0)
) -> dict[str, Tensor]:
    """Logits of the labels; where there is none, of this tag and so many letters."""
    tag, letters = ignored
    known = labels.where(labels >= 0, torch.tensor([tag, letters, letters]))
    sizes = [task.tags, task.trim + 1, task.trim + 1]
    parts = [50 * one_hot(known[..., n], size).float() for n, size in enumerate(sizes)]
    return dict(zip(NAMES_OF_LOGITS, parts, strict=True))


def flat(logits: Tensor, task: TokenClassification = TASK) -> dict[str, Tensor]:
    """Logits (rows, tokens, outputs) in their parts."""
    assert logits.shape[-1] == task.size
    return split_outputs(logits, task.trim)


def shapes(logits: Mapping[str, Tensor]) -> list[tuple[int, ...]]:
    """Those of tags and letters left out."""
    return [tuple(logits[name].shape) for name in NAMES_OF_LOGITS]


def decoded(
    task: TokenClassification, logits: Mapping[str, Tensor], rows: Sequence[Encoding]
) -> list[list[Span]]:
    """The spans that a task makes of logits, whatever is gold."""
    return spans_of(task.decode(logits, rows, [None] * len(rows)))


def there_and_back(
    text: TextPipeline,
    cases: list[Case],
    task: TokenClassification = TASK,
    ignored: tuple[int, int] = (0, 0),
) -> list[list[Span]]:
    """Gold spans → targets → a batch → perfect logits → spans."""
    encodings = encode(text, *(raw for raw, _ in cases))
    values = [task.targets(example(*c), e) for c, e in zip(cases, encodings, strict=True)]
    tokens = pad(encodings)
    targets = task.collate(values, tokens)
    return spans_of(task.decode(perfect(targets["labels"], task, ignored), encodings, values))


def belongs(character: str) -> bool:
    """Whether a character is no letter of its own, by Unicode's categories and tatweel."""
    return unicodedata.category(character)[0] == "M" or character in "\u0640\u200c\u200f"


def cuts_a_letter(text: str, position: int) -> bool:
    """Whether a position lies between a letter and a mark on it."""
    inside = 0 < position < len(text)
    return inside and belongs(text[position]) and not text[position - 1].isspace()


@pytest.fixture(scope="module")
def pipelines(
    text: TextPipeline, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, TextPipeline]:
    """Texts cleaned and cut in different ways."""
    root = tmp_path_factory.mktemp("pipelines")
    folded = save_model(root / "marbert", lowercase=True, strip_accents=None)
    settings = {
        "raw": TextSettings(vocab_size=300, cleaning="none"),
        "stems": TextSettings(vocab_size=300, stemming="snowball"),
        "marbert": TextSettings(pretrained=str(folded)),
        "arabert, split": TextSettings(
            pretrained=str(save_model(root / "arabert")), split_proclitics=True
        ),
    }
    made = {
        name: TextPipeline.create(root / name / "text", each, lambda: KNOWN * 3)
        for name, each in settings.items()
    }
    assert made["marbert"].settings.cleaning == "marbert"
    return {"recipe": text, **made}


KINDS = ["recipe", "raw", "stems", "marbert", "arabert, split"]


@st.composite
def raw_texts(draw: st.DrawFn, kind: str) -> str:
    """Words of letters with marks on them, none before the first letter, and known words."""
    marks = MARKS if kind == "stems" else MARKS + NON_JOINER
    letter = st.tuples(st.sampled_from(LETTERS), st.text(marks, max_size=2)).map("".join)
    made = st.lists(letter, min_size=1, max_size=7).map("".join)
    return " ".join(draw(st.lists(made | st.sampled_from(KNOWN), min_size=1, max_size=7)))


@st.composite
def tagged(draw: st.DrawFn, text: TextPipeline, trim: int, kind: str = "recipe") -> Case:
    """A text, and spans that leave out up to so many letters of their first and last word."""
    raw = draw(raw_texts(kind))
    (encoding,) = encode(text, raw)
    words = bio.words(encoding.starts, encoding.ends, encoding.words)
    borders = [  # where two words lie apart; what stands for a link may be several in one place
        number
        for number in range(len(words) + 1)
        if number in (0, len(words)) or words[number - 1].end <= words[number].start
    ]
    bounds = sorted(draw(st.sets(st.sampled_from(borders))))
    spans = []
    for first, last in [(a, b - 1) for a, b in pairwise(bounds) if draw(st.booleans())]:
        letters = [
            [p for p in range(words[n].start, words[n].end) if not belongs(raw[p])]
            for n in (first, last)
        ]
        one = words[first].start == words[last].start
        left = len(letters[0]) - 1 if one else trim  # of one word one letter remains
        before = draw(st.integers(0, max(min(trim, left, len(letters[0]) - 1), 0)))
        left = left - before if one else trim
        behind = draw(st.integers(0, max(min(trim, left, len(letters[1]) - 1), 0)))
        start = letters[0][before] if before else words[first].start
        end = letters[1][-behind] if behind else words[last].end
        spans.append(Span(start, end, draw(st.sampled_from(TASK.labels))))
    return raw, tuple(spans)


def test_targets(text: TextPipeline) -> None:
    raw = "والغرفة نظيفة"
    (encoding,) = encode(text, raw)  # و is a word of its own
    spans = (Span(1, 7, "ROOMS"), Span(8, 13, "HOTEL"))
    assert TASK.targets(example(raw, spans), encoding) == {
        "words": [(1, 1, 0, 0, 1), (2, 2, 0, 0, 0)],
        "gold": [[1, 7, 1], [8, 13, 0]],
    }
    assert TASK.targets(example(raw, (Span(3, 11, "ROOMS"),)), encoding) == {
        "words": [(1, 2, 2, 2, 1)],
        "gold": [[3, 11, 1]],
    }
    assert TASK.targets(example(raw, ()), encoding) == {"words": [], "gold": []}
    assert TASK.targets(example(raw, None), encoding) is None


# The raw text, its spans, and what comes back where it is not the same; و is no word of its own.
INSIDE: dict[str, tuple[str, list[tuple[int, int]], list[tuple[int, int]] | None]] = {
    "article without its conjunction": ("والغرفة نظيفة", [(1, 7)], None),
    "vowel on the conjunction": ("وَالغُرفة نظيفة", [(2, 9)], None),
    "two vowels and a tatweel on it": ("وَّـالغرفة", [(4, 10)], None),
    "vowels where it ends": ("غرفَتُهُ", [(0, 4)], None),
    "both ends of a word": ("وبالغرفةِ،", [(2, 9)], None),
    "over words": ("وبالغرفة النظيفةِ جداً", [(2, 14)], None),
    "next to each other": ("والغرفة والموقع", [(1, 7), (9, 15)], None),
    "letters of one word": ("غرفتكم", [(2, 4)], None),
    "the most that can be left out": ("سيستخدمونها", [(3, 8)], None),
    "more letters than are left out": ("سيستخدمونها", [(4, 11)], [(0, 11)]),
    "more at one end": ("سيستخدمونها", [(1, 7)], [(1, 11)]),
    "two in one word": ("والغرفةوالموقع", [(1, 7), (8, 14)], [(1, 14)]),
    "two in one word, one a letter": ("الغرفةم", [(0, 6), (6, 7)], [(0, 6)]),
    "a word in both": ("غرفة نظيفة جدا", [(0, 7), (7, 14)], [(0, 7), (11, 14)]),
}


@pytest.mark.parametrize(("raw", "spans", "found"), INSIDE.values(), ids=INSIDE)
def test_spans_inside_words(
    pipelines: dict[str, TextPipeline],
    raw: str,
    spans: list[tuple[int, int]],
    found: list[tuple[int, int]] | None,
) -> None:
    gold = tuple(Span(*place, "ROOMS") for place in spans)
    expected = gold if found is None else [Span(*place, "ROOMS") for place in found]
    assert there_and_back(pipelines["marbert"], [(raw, gold)]) == [list(expected)]


def test_conjunction_with_a_vowel(pipelines: dict[str, TextPipeline]) -> None:
    raw = "وَالغُرفة نظيفة"
    (encoding,) = encode(pipelines["marbert"], raw)
    assert encoding.marks == [1, 5]
    targets = TASK.targets(example(raw, (Span(2, 9, "ROOMS"),)), encoding)
    assert targets == {"words": [(0, 0, 1, 0, 1)], "gold": [[2, 9, 1]]}
    assert raw[2:9] == "الغُرفة"


@pytest.mark.parametrize("raw", ["\u0640والغرفة", "في \u0640والغرفة", "\u200fوالغرفة"])
@pytest.mark.parametrize("kind", ["recipe", "raw", "marbert"])
def test_mark_before_the_first_letter(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    """A tatweel, or a right-to-left mark, as they stand before words in real texts."""
    start = raw.index("الغرفة")
    gold = Span(start, start + 6, "ROOMS")
    assert there_and_back(pipelines[kind], [(raw, (gold,))]) == [[gold]]


@pytest.mark.parametrize("raw", ["می\u200cخواهم جدا", "الغرفة\u200c جدا", "الغرفة\u200f جدا"])
@pytest.mark.parametrize("kind", KINDS)
def test_invisible_character_is_no_word(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    (encoding,) = encode(pipelines[kind], raw)
    words = bio.words(encoding.starts, encoding.ends, encoding.words)
    first = raw.index(" ")
    assert [(word.start, word.end) for word in words] == [(0, first), (first + 1, len(raw))]


@pytest.mark.parametrize("raw", ["…", "½", "http://a.bc/d", "@someone"])
@pytest.mark.parametrize("kind", KINDS)
def test_predictions_do_not_overlap_where_one_place_becomes_several_words(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    rows = encode(pipelines[kind], raw)
    logits = TASK.constant(only(1), TASK.collate([None], pad(rows)))
    ((first, *others),) = decoded(TASK, logits, rows)
    for one, other in pairwise([first, *others]):
        assert one.end <= other.start
    assert (first.start, [first, *others][-1].end) == (0, len(raw))


def only(output: int) -> Tensor:
    """A tally of one output."""
    return one_hot(torch.tensor(output), TASK.size)


@pytest.mark.parametrize("trim", [-1, 9])
def test_trim_is_a_few_letters(trim: int) -> None:
    with pytest.raises(InputError) as caught:
        TokenClassification(**REVIEWS, trim=trim)
    assert caught.value.found == f"trim: {trim}"
    assert caught.value.expected == "0 to 8"


def test_trim_decides_targets_and_outputs() -> None:
    assert (TASK.trim, TASK.tags, TASK.size) == (3, 5, 13)
    assert (WHOLE.tags, WHOLE.size) == (5, 7)
    assert TASK.identity != WHOLE.identity
    assert TASK.identity == TokenClassification(**REVIEWS, weight=2.0).identity


def test_without_trim_spans_are_whole_words(pipelines: dict[str, TextPipeline]) -> None:
    raw = "والغرفة نظيفةٌ جدا"
    cases = [(raw, (Span(1, 7, "ROOMS"),)), (raw, (Span(3, 11, "HOTEL"),))]
    assert there_and_back(pipelines["marbert"], cases, WHOLE) == [
        [Span(0, 7, "ROOMS")],
        [Span(0, 14, "HOTEL")],
    ]


def test_only_the_first_piece_of_a_word_is_tagged(text: TextPipeline) -> None:
    (encoding,) = encode(text, "رائعتان")  # not in the vocabulary: several pieces
    assert len(encoding) > 3
    targets = TASK.targets(example("رائعتان", (Span(2, 6, "HOTEL"),)), encoding)
    assert targets == {"words": [(0, 0, 2, 1, 0)], "gold": [[2, 6, 0]]}
    labels = TASK.collate([targets], pad([encoding]))["labels"]
    assert labels.tolist() == [[NONE, [1, 2, 1], *[NONE] * (len(encoding) - 2)]]


def test_undeclared_label_is_refused(text: TextPipeline) -> None:
    with pytest.raises(InputError, match="«FOOD»"):
        TASK.targets(example("نص", (Span(0, 2, "FOOD"),)), encode(text, "نص")[0])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_gold_spans_come_back(
    pipelines: dict[str, TextPipeline], kind: str, data: st.DataObject
) -> None:
    text, trim = pipelines[kind], data.draw(st.integers(0, 4))
    task = TokenClassification(**REVIEWS, trim=trim)
    cases = data.draw(st.lists(tagged(text, trim, kind), min_size=1, max_size=3))
    ignored = data.draw(st.tuples(st.integers(0, 4), st.integers(0, trim)))  # nobody asks there
    assert there_and_back(text, cases, task, ignored) == [list(spans) for _, spans in cases]


@given(data=st.data())
def test_perfect_predictions_have_perfect_scores(text: TextPipeline, data: st.DataObject) -> None:
    cases = data.draw(st.lists(tagged(text, 3), min_size=1, max_size=3))
    encodings = encode(text, *(raw for raw, _ in cases))
    tokens = pad(encodings)
    values = [TASK.targets(example(*c), e) for c, e in zip(cases, encodings, strict=True)]
    targets = TASK.collate(values, tokens)
    found = TASK.decode(perfect(targets["labels"]), encodings, values)
    anything = 1.0 if any(spans for _, spans in cases) else 0.0
    worded = 1.0 if any(word >= 0 for e in encodings for word in e.words) else 0.0
    assert scores_of(TASK, values, encodings, found) == {
        "f1": anything,
        "span_f1": anything,
        "accuracy": worded,
    }


@st.composite
def arbitrary(
    draw: st.DrawFn, encodings: Sequence[Encoding], task: TokenClassification
) -> dict[str, Tensor]:
    """Any logits at all."""
    rows, width = pad(encodings).input_ids.shape
    several = {"min_size": rows * width, "max_size": rows * width}
    tags = draw(st.lists(st.integers(0, task.tags - 1), **several))
    letters = [draw(st.lists(st.integers(0, task.trim), **several)) for _ in range(2)]
    labels = torch.tensor([tags, *letters]).view(3, rows, width).permute(1, 2, 0)
    return perfect(labels, task)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_prediction_cuts_a_letter_from_its_marks(
    pipelines: dict[str, TextPipeline], kind: str, data: st.DataObject
) -> None:
    task = TokenClassification(**REVIEWS, trim=data.draw(st.integers(0, 8)))
    texts = data.draw(st.lists(raw_texts(kind), min_size=1, max_size=3))
    encodings = encode(pipelines[kind], *texts)
    found = decoded(task, data.draw(arbitrary(encodings, task)), encodings)
    for raw, spans in zip(texts, found, strict=True):
        for span in spans:
            assert 0 <= span.start < span.end <= len(raw)
            assert not cuts_a_letter(raw, span.start)
            assert not cuts_a_letter(raw, span.end)
        if kind != "arabert, split":  # where a link is several words, which has a test of its own
            assert all(one.end <= other.start for one, other in pairwise(spans))


@given(data=st.data())
def test_predictions_begin_in_their_first_word_and_end_in_their_last(
    pipelines: dict[str, TextPipeline], data: st.DataObject
) -> None:
    texts = [data.draw(raw_texts("marbert"))]
    encodings = encode(pipelines["marbert"], *texts)
    logits = data.draw(arbitrary(encodings, TASK))
    found = decoded(TASK, logits, encodings)
    for encoding, row, spans in zip(encodings, logits["tags"], found, strict=True):
        words = bio.words(encoding.starts, encoding.ends, encoding.words)
        tags = row[[word.token for word in words]].argmax(dim=-1).tolist()
        for span, (first, last, label) in zip(spans, bio.decode(tags), strict=True):
            assert span.label == TASK.labels[label]
            assert words[first].start <= span.start < words[first].end
            assert words[last].start < span.end <= words[last].end


def test_letters_left_out_never_reach_into_the_next_word(
    pipelines: dict[str, TextPipeline],
) -> None:
    raw = "في الغرفة"
    encodings = encode(pipelines["marbert"], raw)
    tokens = pad(encodings)
    starts, width = tokens.starts[0].tolist(), tokens.input_ids.shape[1]
    labels = torch.zeros(1, width, 3, dtype=torch.long)
    labels[0, starts.index(0, 1)] = torch.tensor([1, 2, 0])  # في without two letters
    labels[0, starts.index(3)] = torch.tensor([2, 0, 0])
    ((found,),) = decoded(TASK, perfect(labels), encodings)
    assert raw[found.start : found.end] == raw


def test_collate_pads_and_leaves_out_unlabelled_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة", "الغرفة"))
    value = {"words": [[0, 0, 2, 3, 1]], "gold": [[2, 3, 1]]}
    targets = TASK.collate([None, value], tokens)
    assert targets["labels"].tolist() == [[NONE] * 4, [NONE, [3, 2, 3], NONE, NONE]]
    assert targets["gold"].tolist() == [[1, 2, 3, 1]]


def test_letters_left_out_are_learned_where_spans_begin_and_end(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة جدا الموقع"))
    value = {"words": [[0, 2, 2, 1, 0]], "gold": []}
    assert TASK.collate([value], tokens)["labels"].tolist() == [
        [NONE, [1, 2, -100], [2, -100, -100], [2, -100, 1], [0, -100, -100], NONE]
    ]


def test_collate_is_as_wide_as_the_batch(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة", "الغرفة نظيفة جدا"))[0:1]  # the longer row is another's
    targets = TASK.collate([{"words": [(0, 0, 0, 0, 0)], "gold": []}], tokens)
    assert targets["labels"].tolist() == [[NONE, [1, 0, 0], NONE, NONE, NONE]]


def test_collate_without_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة"))[0:0]
    targets = TASK.collate([], tokens)
    assert targets["labels"].shape == (0, 4, 3)
    assert targets["gold"].shape == (0, 4)
    logits = flat(torch.zeros(0, 4, 13, requires_grad=True))
    total, count = TASK.loss(logits, targets)
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()
    assert TASK.decode(logits, [], []) == []


def test_loss_sums_tags_and_letters_left_out() -> None:
    logits = torch.zeros(2, 3, 13)
    logits[0, 1, 3] = 2.0  # of five tags
    logits[0, 1, 6] = 1.0  # of none to three letters at the start
    logits[0, 2, 9] = -1.0  # and at the end
    logits[1] = 9.0
    labels = torch.tensor([[NONE, [3, 1, -100], [0, -100, 2]], [NONE] * 3])
    total, count = TASK.loss(flat(logits), {"labels": labels})
    tags = (math.log(math.exp(2) + 4) - 2) + math.log(5)
    before = math.log(math.e + 3) - 1
    behind = math.log(math.exp(-1) + 3)
    assert total.item() == pytest.approx(tags + before + behind, rel=1e-6)
    assert count.item() == 2  # words


@given(data=st.data(), trim=st.integers(0, 4))
def test_loss_equals_three_cross_entropies(data: st.DataObject, trim: int) -> None:
    task = TokenClassification(**REVIEWS, trim=trim)
    items = data.draw(st.integers(0, 5))
    sizes = [5, trim + 1, trim + 1]
    numbers = [
        data.draw(st.lists(st.sampled_from([-100, *range(size)]), min_size=items, max_size=items))
        for size in sizes
    ]
    count = items * task.size
    values = data.draw(st.lists(st.integers(-30, 30), min_size=count, max_size=count))
    logits = torch.tensor(values, dtype=torch.float).view(1, items, task.size) / 10
    expected = 0.0
    for item in range(items):
        rest = logits[0, item].tolist()
        for size, labels in zip(sizes, numbers, strict=True):
            own, rest = rest[:size], rest[size:]
            if labels[item] >= 0:
                expected += math.log(sum(map(math.exp, own))) - own[labels[item]]
    labels = torch.tensor(numbers, dtype=torch.long).T.view(1, items, 3)
    total, words = task.loss(flat(logits, task), {"labels": labels})
    assert total.item() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert words.item() == sum(number >= 0 for number in numbers[0])


def test_decode_gives_the_least_certain_words_probability(text: TextPipeline) -> None:
    rows = encode(text, "الغرفة نظيفة جدا")
    logits = torch.full((1, 5, 13), -1e9)
    logits[..., 5:] = 0.0  # how sure it is of the letters left out does not count
    for token, (tag, probability) in enumerate([(0, 0.9), (1, 0.75), (2, 0.6), (0, 0.8), (0, 0.9)]):
        logits[0, token, :5] = torch.tensor((1 - probability) / 4).log()
        logits[0, token, tag] = math.log(probability)
    assert TASK.decode(flat(logits), rows, [None]) == [
        SpansPrediction((SpanPrediction(0, 12, "HOTEL", near(0.6)),), (1, 2, 0))
    ]


def test_gold_has_the_spans_and_the_tag_of_each_word(text: TextPipeline) -> None:
    (encoding,) = encode(text, "والغرفة رائعتان جدا")  # four words, one of them in pieces
    target = TASK.targets(
        example("والغرفة رائعتان جدا", (Span(1, 15, "ROOMS"), Span(16, 19, "HOTEL"))), encoding
    )
    assert target is not None
    assert TASK.gold(target, encoding) == SpansPrediction(
        (SpanPrediction(1, 15, "ROOMS"), SpanPrediction(16, 19, "HOTEL")), (0, 3, 4, 1)
    )
    assert TASK.gold({"words": [], "gold": []}, encoding) == SpansPrediction((), (0, 0, 0, 0))


@given(rows=st.lists(st.tuples(*[st.lists(st.integers(0, 4), min_size=5, max_size=5)] * 2)))
def test_metrics_equal_seqeval_and_sklearn(rows: list[tuple[list[int], list[int]]]) -> None:
    rows = [*rows, ([1, 2, 0, 3, 0], [1, 2, 0, 1, 0])]
    found, gold = [row[0] for row in rows], [row[1] for row in rows]
    tokens = words_of_one_character(len(rows), 5)
    runs = [bio.decode(tags) for tags in gold]
    spans = [[[a, b + 1, label] for a, b, label in of_row] for of_row in runs]
    words = [[(a, b, 0, 0, label) for a, b, label in of_row] for of_row in runs]
    values = [{"words": w, "gold": g} for w, g in zip(words, spans, strict=True)]
    targets, encodings = TASK.collate(values, tokens), tokens.encodings()
    predicted = TASK.decode(perfect(untrimmed(found)), encodings, values)
    scores = scores_of(TASK, values, encodings, predicted)
    gold = targets["labels"][..., 0].tolist()  # an I that begins a span is written B
    named = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, found)]
    assert scores["f1"] == pytest.approx(f1_score(*named, zero_division=0))
    accuracy = accuracy_score(*([*chain(*tags)] for tags in (gold, found)))
    assert scores["accuracy"] == pytest.approx(accuracy)


def untrimmed(tags: list[list[int]]) -> Tensor:
    """Labels that leave out no letter."""
    table = torch.tensor(tags)
    return torch.stack([table, torch.zeros_like(table), torch.zeros_like(table)], dim=-1)


def words_of_one_character(rows: int, width: int) -> Tokens:
    ones, numbers = torch.ones(rows, width, dtype=torch.long), torch.arange(width).expand(rows, -1)
    return Tokens(
        input_ids=ones,
        attention_mask=ones,
        token_type_ids=ones,
        starts=numbers,
        ends=numbers + 1,
        words=numbers,
        marks=torch.full((rows, 1), -1),
        sizes=ones,
        letters=ones,
    )


def test_span_f1_looks_at_no_label() -> None:
    rows = words_of_one_character(1, 2).encodings()
    values = [{"words": [(0, 0, 0, 0, 0)], "gold": [[0, 1, 0]]}]
    found = TASK.decode(perfect(untrimmed([[3, 0]])), rows, values)
    scores = scores_of(TASK, values, rows, found)
    assert scores == {"f1": 0.0, "span_f1": 1.0, "accuracy": 0.5}
    assert TASK.main_metric in scores


def test_a_span_with_a_letter_too_many_is_wrong(pipelines: dict[str, TextPipeline]) -> None:
    rows = encode(pipelines["marbert"], "والغرفة")
    values = [{"words": [(0, 0, 1, 0, 1)], "gold": [[1, 7, 1]]}]
    targets = TASK.collate(values, pad(rows))
    whole = targets["labels"].clone()
    whole[..., 1] = 0
    scores = [
        scores_of(TASK, values, rows, TASK.decode(perfect(labels), rows, values))
        for labels in (targets["labels"], whole)
    ]
    assert scores == [
        {"f1": 1.0, "span_f1": 1.0, "accuracy": 1.0},
        {"f1": 0.0, "span_f1": 0.0, "accuracy": 1.0},
    ]


def test_tally_and_constant(text: TextPipeline) -> None:
    rows = encode(text, "الغرفة نظيفة")
    targets = TASK.collate([{"words": [(0, 0, 2, 1, 0)], "gold": []}], pad(rows))
    assert TASK.tally(targets).tolist() == [1, 1, *[0] * 11]
    assert shapes(TASK.constant(only(0), targets)) == [(1, 4, 5), (1, 4, 4), (1, 4, 4)]
    assert decoded(TASK, TASK.constant(only(0), targets), rows) == [[]]
    assert decoded(TASK, TASK.constant(only(1), targets), rows) == [
        [Span(0, 6, "HOTEL"), Span(7, 12, "HOTEL")]
    ]


@pytest.mark.parametrize("rows", [0, 2])
def test_head(rows: int) -> None:
    head = TASK.build_head(8, 0.1)
    tokens = words_of_one_character(rows, 4)
    logits = head(torch.randn(rows, 4, 8), tokens, {})
    assert shapes(logits) == [(rows, 4, 5), (rows, 4, 4), (rows, 4, 4)]
    assert "transitions" not in logits


def test_saved_text_gives_the_same_words(
    pipelines: dict[str, TextPipeline], tmp_path: Path
) -> None:
    case = ("وَالغُرفة نظيفة", (Span(2, 9, "ROOMS"),))
    pipelines["marbert"].save(tmp_path / "text")
    loaded = TextPipeline.load(tmp_path / "text")
    assert there_and_back(loaded, [case]) == [list(case[1])]
