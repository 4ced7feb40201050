"""Tagging: gold spans are restored exactly, and metrics equal scikit-learn and seqeval."""

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
from support.predictions import approx, compute_scores, predicted_spans
from support.tokens import pad

REVIEWS: dict[str, Any] = {"corpus": "reviews", "layer": "entity", "labels": ("HOTEL", "ROOMS")}
TASK = TokenClassification(**REVIEWS)
WHOLE = TokenClassification(**REVIEWS, trim=0)
NAMES = ["O", "B-HOTEL", "I-HOTEL", "B-ROOMS", "I-ROOMS"]
NONE = [-100, -100, -100]
NAMES_OF_LOGITS = ("tags", "trim_start", "trim_end")

LETTERS = "ابةتجدرسعغفقكلمنهوىيأؤabz3٣"
MARKS = "\u064e\u0650\u0651\u064b\u0670\u0640"  # vowels, shadda, tanwin, dagger alef, tatweel
NON_JOINER = "\u200c"
# Typical words: with proclitics, with vowels, and with text that cleaning replaces or deletes.
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
    """Returns logits of the labels; tokens without a label have the ``ignored`` tag and trim."""
    tag, letters = ignored
    targets = labels.where(labels >= 0, torch.tensor([tag, letters, letters]))
    sizes = [task.tags, task.trim + 1, task.trim + 1]
    parts = [50 * one_hot(targets[..., n], size).float() for n, size in enumerate(sizes)]
    return dict(zip(NAMES_OF_LOGITS, parts, strict=True))


def flat(logits: Tensor, task: TokenClassification = TASK) -> dict[str, Tensor]:
    """Splits logits (rows, tokens, outputs) by name."""
    assert logits.shape[-1] == task.size
    return split_outputs(logits, task.trim)


def shapes(logits: Mapping[str, Tensor]) -> list[tuple[int, ...]]:
    """Returns the shapes of the logits of tags and trims."""
    return [tuple(logits[name].shape) for name in NAMES_OF_LOGITS]


def decode_spans(
    task: TokenClassification, logits: Mapping[str, Tensor], rows: Sequence[Encoding]
) -> list[list[Span]]:
    """Returns the spans that a task decodes from logits."""
    return predicted_spans(task.decode(logits, rows, [None] * len(rows)))


def round_trip(
    text: TextPipeline,
    cases: list[Case],
    task: TokenClassification = TASK,
    ignored: tuple[int, int] = (0, 0),
) -> list[list[Span]]:
    """Returns the spans after gold → targets → batch → perfect logits → predictions."""
    encodings = encode(text, *(raw for raw, _ in cases))
    values = [task.targets(example(*c), e) for c, e in zip(cases, encodings, strict=True)]
    tokens = pad(encodings)
    targets = task.collate(values, tokens)
    return predicted_spans(
        task.decode(perfect(targets["labels"], task, ignored), encodings, values)
    )


def is_mark_like(character: str) -> bool:
    """Returns whether a character is no letter, by Unicode's categories and tatweel."""
    return unicodedata.category(character)[0] == "M" or character in "\u0640\u200c\u200f"


def splits_letter(text: str, position: int) -> bool:
    """Returns whether an offset lies between a letter and a mark on it."""
    inside = 0 < position < len(text)
    return inside and is_mark_like(text[position]) and not text[position - 1].isspace()


@pytest.fixture(scope="module")
def pipelines(
    text: TextPipeline, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, TextPipeline]:
    """Returns text pipelines with different cleaning and tokenizers."""
    root = tmp_path_factory.mktemp("pipelines")
    marbert_folder = save_model(root / "marbert", lowercase=True, strip_accents=None)
    settings = {
        "raw": TextSettings(vocab_size=300, cleaning="none"),
        "stems": TextSettings(vocab_size=300, stemming="snowball"),
        "marbert": TextSettings(pretrained=str(marbert_folder)),
        "arabert, split": TextSettings(
            pretrained=str(save_model(root / "arabert")), split_proclitics=True
        ),
    }
    learned = {
        name: TextPipeline.create(root / name / "text", text_settings, lambda: KNOWN * 3)
        for name, text_settings in settings.items()
    }
    assert learned["marbert"].settings.cleaning == "marbert"
    return {"recipe": text, **learned}


KINDS = ["recipe", "raw", "stems", "marbert", "arabert, split"]


@st.composite
def raw_texts(draw: st.DrawFn, kind: str) -> str:
    """Draws texts of known words, and of letters with marks; no mark precedes a first letter."""
    marks = MARKS if kind == "stems" else MARKS + NON_JOINER
    letter = st.tuples(st.sampled_from(LETTERS), st.text(marks, max_size=2)).map("".join)
    random_words = st.lists(letter, min_size=1, max_size=7).map("".join)
    return " ".join(draw(st.lists(random_words | st.sampled_from(KNOWN), min_size=1, max_size=7)))


@st.composite
def tagged_texts(draw: st.DrawFn, text: TextPipeline, trim: int, kind: str = "recipe") -> Case:
    """Draws a text, and spans with trims of up to ``trim`` letters at both ends."""
    raw = draw(raw_texts(kind))
    (encoding,) = encode(text, raw)
    words = bio.words(encoding.starts, encoding.ends, encoding.word_ids)
    borders = [  # between separate words; the words of a link's placeholder have equal offsets
        number
        for number in range(len(words) + 1)
        if number in (0, len(words)) or words[number - 1].end <= words[number].start
    ]
    bounds = sorted(draw(st.sets(st.sampled_from(borders))))
    spans = []
    for first, last in [(a, b - 1) for a, b in pairwise(bounds) if draw(st.booleans())]:
        letters = [
            [p for p in range(words[n].start, words[n].end) if not is_mark_like(raw[p])]
            for n in (first, last)
        ]
        same_word = words[first].start == words[last].start
        available = len(letters[0]) - 1 if same_word else trim  # one letter of a word remains
        trim_start = draw(st.integers(0, max(min(trim, available, len(letters[0]) - 1), 0)))
        available = available - trim_start if same_word else trim
        trim_end = draw(st.integers(0, max(min(trim, available, len(letters[1]) - 1), 0)))
        start = letters[0][trim_start] if trim_start else words[first].start
        end = letters[1][-trim_end] if trim_end else words[last].end
        spans.append(Span(start, end, draw(st.sampled_from(TASK.labels))))
    return raw, tuple(spans)


def test_targets(text: TextPipeline) -> None:
    raw = "والغرفة نظيفة"
    (encoding,) = encode(text, raw)  # و is a separate word
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


# Raw text, spans, and the restored spans if they differ; و is no separate word.
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


@pytest.mark.parametrize(("raw", "spans", "restored"), INSIDE.values(), ids=INSIDE)
def test_spans_inside_words(
    pipelines: dict[str, TextPipeline],
    raw: str,
    spans: list[tuple[int, int]],
    restored: list[tuple[int, int]] | None,
) -> None:
    gold = tuple(Span(*offsets, "ROOMS") for offsets in spans)
    expected = gold if restored is None else [Span(*offsets, "ROOMS") for offsets in restored]
    assert round_trip(pipelines["marbert"], [(raw, gold)]) == [list(expected)]


def test_conjunction_with_a_vowel(pipelines: dict[str, TextPipeline]) -> None:
    raw = "وَالغُرفة نظيفة"
    (encoding,) = encode(pipelines["marbert"], raw)
    assert encoding.mark_offsets == [1, 5]
    targets = TASK.targets(example(raw, (Span(2, 9, "ROOMS"),)), encoding)
    assert targets == {"words": [(0, 0, 1, 0, 1)], "gold": [[2, 9, 1]]}
    assert raw[2:9] == "الغُرفة"


@pytest.mark.parametrize("raw", ["\u0640والغرفة", "في \u0640والغرفة", "\u200fوالغرفة"])
@pytest.mark.parametrize("kind", ["recipe", "raw", "marbert"])
def test_mark_before_the_first_letter(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    """Words in real texts may begin with a tatweel or a right-to-left mark."""
    start = raw.index("الغرفة")
    gold = Span(start, start + 6, "ROOMS")
    assert round_trip(pipelines[kind], [(raw, (gold,))]) == [[gold]]


@pytest.mark.parametrize("raw", ["می\u200cخواهم جدا", "الغرفة\u200c جدا", "الغرفة\u200f جدا"])
@pytest.mark.parametrize("kind", KINDS)
def test_invisible_character_is_not_a_word(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    (encoding,) = encode(pipelines[kind], raw)
    words = bio.words(encoding.starts, encoding.ends, encoding.word_ids)
    first = raw.index(" ")
    assert [(word.start, word.end) for word in words] == [(0, first), (first + 1, len(raw))]


@pytest.mark.parametrize("raw", ["…", "½", "http://a.bc/d", "@someone"])
@pytest.mark.parametrize("kind", KINDS)
def test_predictions_do_not_overlap_if_one_span_becomes_several_words(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    rows = encode(pipelines[kind], raw)
    logits = TASK.constant(only(1), TASK.collate([None], pad(rows)))
    ((first, *following),) = decode_spans(TASK, logits, rows)
    for left, right in pairwise([first, *following]):
        assert left.end <= right.start
    assert (first.start, [first, *following][-1].end) == (0, len(raw))


def only(output: int) -> Tensor:
    """Returns a tally of one output."""
    return one_hot(torch.tensor(output), TASK.size)


@pytest.mark.parametrize("trim", [-1, 9])
def test_trim_out_of_range_is_rejected(trim: int) -> None:
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
    assert round_trip(pipelines["marbert"], cases, WHOLE) == [
        [Span(0, 7, "ROOMS")],
        [Span(0, 14, "HOTEL")],
    ]


def test_only_the_first_piece_of_a_word_is_tagged(text: TextPipeline) -> None:
    (encoding,) = encode(text, "رائعتان")  # not in the vocabulary: several tokens
    assert len(encoding) > 3
    targets = TASK.targets(example("رائعتان", (Span(2, 6, "HOTEL"),)), encoding)
    assert targets == {"words": [(0, 0, 2, 1, 0)], "gold": [[2, 6, 0]]}
    labels = TASK.collate([targets], pad([encoding]))["labels"]
    assert labels.tolist() == [[NONE, [1, 2, 1], *[NONE] * (len(encoding) - 2)]]


def test_undeclared_label_is_rejected(text: TextPipeline) -> None:
    with pytest.raises(InputError, match="«FOOD»"):
        TASK.targets(example("نص", (Span(0, 2, "FOOD"),)), encode(text, "نص")[0])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_gold_spans_are_restored(
    pipelines: dict[str, TextPipeline], kind: str, data: st.DataObject
) -> None:
    text, trim = pipelines[kind], data.draw(st.integers(0, 4))
    task = TokenClassification(**REVIEWS, trim=trim)
    cases = data.draw(st.lists(tagged_texts(text, trim, kind), min_size=1, max_size=3))
    ignored = data.draw(st.tuples(st.integers(0, 4), st.integers(0, trim)))  # at ignored tokens
    assert round_trip(text, cases, task, ignored) == [list(spans) for _, spans in cases]


@given(data=st.data())
def test_perfect_predictions_have_perfect_scores(text: TextPipeline, data: st.DataObject) -> None:
    cases = data.draw(st.lists(tagged_texts(text, 3), min_size=1, max_size=3))
    encodings = encode(text, *(raw for raw, _ in cases))
    tokens = pad(encodings)
    values = [TASK.targets(example(*c), e) for c, e in zip(cases, encodings, strict=True)]
    targets = TASK.collate(values, tokens)
    predictions = TASK.decode(perfect(targets["labels"]), encodings, values)
    f1 = 1.0 if any(spans for _, spans in cases) else 0.0
    accuracy = 1.0 if any(word >= 0 for e in encodings for word in e.word_ids) else 0.0
    assert compute_scores(TASK, values, encodings, predictions) == {
        "f1": f1,
        "span_f1": f1,
        "accuracy": accuracy,
    }


@st.composite
def arbitrary(
    draw: st.DrawFn, encodings: Sequence[Encoding], task: TokenClassification
) -> dict[str, Tensor]:
    """Draws any logits."""
    rows, width = pad(encodings).input_ids.shape
    several = {"min_size": rows * width, "max_size": rows * width}
    tags = draw(st.lists(st.integers(0, task.tags - 1), **several))
    letters = [draw(st.lists(st.integers(0, task.trim), **several)) for _ in range(2)]
    labels = torch.tensor([tags, *letters]).view(3, rows, width).permute(1, 2, 0)
    return perfect(labels, task)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_predictions_keep_letters_with_their_marks(
    pipelines: dict[str, TextPipeline], kind: str, data: st.DataObject
) -> None:
    task = TokenClassification(**REVIEWS, trim=data.draw(st.integers(0, 8)))
    texts = data.draw(st.lists(raw_texts(kind), min_size=1, max_size=3))
    encodings = encode(pipelines[kind], *texts)
    predictions = decode_spans(task, data.draw(arbitrary(encodings, task)), encodings)
    for raw, spans in zip(texts, predictions, strict=True):
        for span in spans:
            assert 0 <= span.start < span.end <= len(raw)
            assert not splits_letter(raw, span.start)
            assert not splits_letter(raw, span.end)
        if kind != "arabert, split":  # a link is several words, which another test covers
            assert all(left.end <= right.start for left, right in pairwise(spans))


@given(data=st.data())
def test_predictions_begin_in_their_first_word_and_end_in_their_last(
    pipelines: dict[str, TextPipeline], data: st.DataObject
) -> None:
    texts = [data.draw(raw_texts("marbert"))]
    encodings = encode(pipelines["marbert"], *texts)
    logits = data.draw(arbitrary(encodings, TASK))
    predictions = decode_spans(TASK, logits, encodings)
    for encoding, row, spans in zip(encodings, logits["tags"], predictions, strict=True):
        words = bio.words(encoding.starts, encoding.ends, encoding.word_ids)
        tags = row[[word.token for word in words]].argmax(dim=-1).tolist()
        for span, (first, last, label) in zip(spans, bio.decode(tags), strict=True):
            assert span.label == TASK.labels[label]
            assert words[first].start <= span.start < words[first].end
            assert words[last].start < span.end <= words[last].end


def test_trims_do_not_reach_into_the_next_word(
    pipelines: dict[str, TextPipeline],
) -> None:
    raw = "في الغرفة"
    encodings = encode(pipelines["marbert"], raw)
    tokens = pad(encodings)
    starts, width = tokens.starts[0].tolist(), tokens.input_ids.shape[1]
    labels = torch.zeros(1, width, 3, dtype=torch.long)
    labels[0, starts.index(0, 1)] = torch.tensor([1, 2, 0])  # في without two letters
    labels[0, starts.index(3)] = torch.tensor([2, 0, 0])
    ((prediction,),) = decode_spans(TASK, perfect(labels), encodings)
    assert raw[prediction.start : prediction.end] == raw


def test_collate_pads_and_leaves_out_unlabelled_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة", "الغرفة"))
    value = {"words": [[0, 0, 2, 3, 1]], "gold": [[2, 3, 1]]}
    targets = TASK.collate([None, value], tokens)
    assert targets["labels"].tolist() == [[NONE] * 4, [NONE, [3, 2, 3], NONE, NONE]]
    assert targets["gold"].tolist() == [[1, 2, 3, 1]]


def test_trims_have_targets_only_at_the_ends_of_spans(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة جدا الموقع"))
    value = {"words": [[0, 2, 2, 1, 0]], "gold": []}
    assert TASK.collate([value], tokens)["labels"].tolist() == [
        [NONE, [1, 2, -100], [2, -100, -100], [2, -100, 1], [0, -100, -100], NONE]
    ]


def test_collate_is_as_wide_as_the_batch(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة", "الغرفة نظيفة جدا"))[0:1]  # leaves out the longer row
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


def test_loss_sums_tags_and_trims() -> None:
    logits = torch.zeros(2, 3, 13)
    logits[0, 1, 3] = 2.0  # one of five tags
    logits[0, 1, 6] = 1.0  # one of four trims at the start
    logits[0, 2, 9] = -1.0  # one of four trims at the end
    logits[1] = 9.0
    labels = torch.tensor([[NONE, [3, 1, -100], [0, -100, 2]], [NONE] * 3])
    total, count = TASK.loss(flat(logits), {"labels": labels})
    tags = (math.log(math.exp(2) + 4) - 2) + math.log(5)
    start_loss = math.log(math.e + 3) - 1
    end_loss = math.log(math.exp(-1) + 3)
    assert total.item() == pytest.approx(tags + start_loss + end_loss, rel=1e-6)
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
            item_logits, rest = rest[:size], rest[size:]
            if labels[item] >= 0:
                expected += math.log(sum(map(math.exp, item_logits))) - item_logits[labels[item]]
    labels = torch.tensor(numbers, dtype=torch.long).T.view(1, items, 3)
    total, words = task.loss(flat(logits, task), {"labels": labels})
    assert total.item() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert words.item() == sum(number >= 0 for number in numbers[0])


def test_score_of_a_span_is_that_of_its_least_certain_word(text: TextPipeline) -> None:
    rows = encode(text, "الغرفة نظيفة جدا")
    logits = torch.full((1, 5, 13), -1e9)
    logits[..., 5:] = 0.0  # the probability of trims is ignored
    for token, (tag, probability) in enumerate([(0, 0.9), (1, 0.75), (2, 0.6), (0, 0.8), (0, 0.9)]):
        logits[0, token, :5] = torch.tensor((1 - probability) / 4).log()
        logits[0, token, tag] = math.log(probability)
    assert TASK.decode(flat(logits), rows, [None]) == [
        SpansPrediction((SpanPrediction(0, 12, "HOTEL", approx(0.6)),), (1, 2, 0))
    ]


def test_gold_has_the_spans_and_the_tag_of_each_word(text: TextPipeline) -> None:
    (encoding,) = encode(text, "والغرفة رائعتان جدا")  # four words, one of several tokens
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
    predicted_tags, gold = [row[0] for row in rows], [row[1] for row in rows]
    tokens = words_of_one_character(len(rows), 5)
    runs = [bio.decode(tags) for tags in gold]
    spans = [[[a, b + 1, label] for a, b, label in row_spans] for row_spans in runs]
    words = [[(a, b, 0, 0, label) for a, b, label in row_spans] for row_spans in runs]
    values = [{"words": w, "gold": g} for w, g in zip(words, spans, strict=True)]
    targets, encodings = TASK.collate(values, tokens), tokens.encodings()
    predicted = TASK.decode(perfect(untrimmed(predicted_tags)), encodings, values)
    scores = compute_scores(TASK, values, encodings, predicted)
    gold = targets["labels"][..., 0].tolist()  # an I that begins a span becomes B
    tag_names = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, predicted_tags)]
    assert scores["f1"] == pytest.approx(f1_score(*tag_names, zero_division=0))
    accuracy = accuracy_score(*([*chain(*tags)] for tags in (gold, predicted_tags)))
    assert scores["accuracy"] == pytest.approx(accuracy)


def untrimmed(tags: list[list[int]]) -> Tensor:
    """Returns labels without trims."""
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
        word_ids=numbers,
        mark_offsets=torch.full((rows, 1), -1),
        word_lengths=ones,
        char_codes=ones,
    )


def test_span_f1_ignores_labels() -> None:
    rows = words_of_one_character(1, 2).encodings()
    values = [{"words": [(0, 0, 0, 0, 0)], "gold": [[0, 1, 0]]}]
    predictions = TASK.decode(perfect(untrimmed([[3, 0]])), rows, values)
    scores = compute_scores(TASK, values, rows, predictions)
    assert scores == {"f1": 0.0, "span_f1": 1.0, "accuracy": 0.5}
    assert TASK.main_metric in scores


def test_span_with_an_extra_letter_is_wrong(pipelines: dict[str, TextPipeline]) -> None:
    rows = encode(pipelines["marbert"], "والغرفة")
    values = [{"words": [(0, 0, 1, 0, 1)], "gold": [[1, 7, 1]]}]
    targets = TASK.collate(values, pad(rows))
    whole_words = targets["labels"].clone()
    whole_words[..., 1] = 0
    scores = [
        compute_scores(TASK, values, rows, TASK.decode(perfect(labels), rows, values))
        for labels in (targets["labels"], whole_words)
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
    assert decode_spans(TASK, TASK.constant(only(0), targets), rows) == [[]]
    assert decode_spans(TASK, TASK.constant(only(1), targets), rows) == [
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
    reloaded = TextPipeline.load(tmp_path / "text")
    assert round_trip(reloaded, [case]) == [list(case[1])]
