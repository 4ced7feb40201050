"""Overlapping and nested spans: the spans that a tagger learns, and the error without a rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.decoders import bio
from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import TokenClassification
from arabic_mtl.tasks.overlaps import Overlaps, find_overlap, select
from arabic_mtl.text import TextPipeline

RULES: tuple[Overlaps, ...] = ("outermost", "innermost", "first")
LABELS = ("A", "B")
LEVELS = ("ner", "ner_2", "ner_3")
TEXT = "منظمة الصحة العالمية في جنيف"
ORG, HEALTH, GENEVA = Span(0, 20, "A"), Span(6, 11, "B"), Span(24, 28, "A")
TASK = TokenClassification(corpus="news", layer="ner", labels=LABELS)
NESTED = replace(TASK, layer=LEVELS)

Layers = list[list[Span]]


def span(start: int, end: int, label: str = "A") -> Span:
    return Span(start, end, label)


spans = st.builds(
    lambda offsets, label: Span(*sorted(offsets), label),
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
    st.sampled_from(LABELS),
)
layers = st.lists(st.lists(spans, max_size=6), min_size=1, max_size=3)
rules = st.sampled_from(RULES)


def overlap(one: Span, other: Span) -> bool:
    return len({*range(one.start, one.end)} & {*range(other.start, other.end)}) > 0


def priority(rule: Overlaps, item: Span, layer: int) -> tuple[int, int, int]:
    """Returns the documented order of a span."""
    length = item.end - item.start
    if rule == "first":
        return item.start, layer, -length
    return (-length, item.start, layer) if rule == "outermost" else (length, item.start, -layer)


def example(text: str = TEXT, **spans: tuple[Span, ...]) -> Example:
    return Example(id="s1", text=text, spans=spans)


CASES: dict[str, tuple[Layers, dict[Overlaps, list[Span]]]] = {
    "nested": (
        [[span(0, 9), span(2, 5, "B")]],
        {"outermost": [span(0, 9)], "innermost": [span(2, 5, "B")], "first": [span(0, 9)]},
    ),
    "crossing": (
        [[span(0, 4), span(2, 9, "B")]],
        {"outermost": [span(2, 9, "B")], "innermost": [span(0, 4)], "first": [span(0, 4)]},
    ),
    "crossing, equally long": (
        [[span(3, 6, "B"), span(1, 4)]],
        {rule: [span(1, 4)] for rule in RULES},
    ),
    "a chain": (  # the longest drops the one in the middle, which drops no other
        [[span(0, 3), span(2, 6), span(5, 11)]],
        {
            "outermost": [span(0, 3), span(5, 11)],
            "innermost": [span(0, 3), span(5, 11)],
            "first": [span(0, 3), span(5, 11)],
        },
    ),
    "three levels": (
        [[span(0, 9)], [span(0, 5, "B"), span(6, 9, "B")], [span(3, 5)]],
        {
            "outermost": [span(0, 9)],
            "innermost": [span(3, 5), span(6, 9, "B")],
            "first": [span(0, 9)],
        },
    ),
    "same start": (
        [[span(0, 3, "B"), span(0, 5)]],
        {"outermost": [span(0, 5)], "innermost": [span(0, 3, "B")], "first": [span(0, 5)]},
    ),
    "same start, the shorter one in the first layer": (
        [[span(0, 3, "B")], [span(0, 5)]],
        {"outermost": [span(0, 5)], "innermost": [span(0, 3, "B")], "first": [span(0, 3, "B")]},
    ),
    "two labels": (
        [[span(0, 3, "B"), span(0, 3, "A")]],
        {rule: [span(0, 3, "B")] for rule in RULES},
    ),
    "two labels in two layers": (
        [[span(0, 3, "B")], [span(0, 3, "A")]],
        {
            "outermost": [span(0, 3, "B")],
            "innermost": [span(0, 3, "A")],
            "first": [span(0, 3, "B")],
        },
    ),
    "duplicates": (
        [[span(0, 3), span(0, 3)], [span(0, 3)]],
        {rule: [span(0, 3)] for rule in RULES},
    ),
    "neighbours": (
        [[span(3, 6), span(0, 3)]],
        {rule: [span(0, 3), span(3, 6)] for rule in RULES},
    ),
    "NULL": ([[span(0, 0), span(2, 2), span(1, 3)]], {rule: [span(1, 3)] for rule in RULES}),
    "nothing": ([[], []], {rule: [] for rule in RULES}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_selected_spans(case: tuple[Layers, dict[Overlaps, list[Span]]]) -> None:
    given_layers, expected = case
    assert {rule: select(given_layers, rule) for rule in RULES} == expected


@given(given_layers=layers, rule=rules)
def test_selected_spans_are_disjoint_and_in_reading_order(
    given_layers: Layers, rule: Overlaps
) -> None:
    kept = select(given_layers, rule)
    assert not any(overlap(*pair) for pair in combinations(kept, 2))
    assert find_overlap(kept) is None
    assert kept == sorted(kept, key=lambda item: item.start)
    assert select([kept], rule) == kept


@given(given_layers=layers, rule=rules)
def test_a_span_is_dropped_only_for_a_kept_one_before_it(
    given_layers: Layers, rule: Overlaps
) -> None:
    ranked = [(item, n) for n, layer in enumerate(given_layers) for item in layer]
    kept = select(given_layers, rule)
    ranks = {
        item: min(priority(rule, item, n) for other, n in ranked if other == item) for item in kept
    }
    for item, number in ranked:
        if item.start < item.end and item not in kept:
            order = priority(rule, item, number)
            assert any(overlap(item, other) and ranks[other] <= order for other in kept)


@given(given_layers=layers)
def test_outermost_keeps_every_longest_span(given_layers: Layers) -> None:
    kept = select(given_layers, "outermost")
    everything = [item for layer in given_layers for item in layer]
    for item in everything:
        others = [other for other in everything if other != item and overlap(item, other)]
        if item.start < item.end and all(o.end - o.start < item.end - item.start for o in others):
            assert item in kept


@given(given_layers=layers)
def test_without_overlaps_all_rules_keep_all_spans(given_layers: Layers) -> None:
    everything = {item for layer in given_layers for item in layer if item.start < item.end}
    has_overlap = any(overlap(*pair) for pair in combinations(everything, 2))
    ordered = select(given_layers, "cut")
    assert (set(ordered), len(ordered)) == (everything, len(everything))
    assert (find_overlap(ordered) is not None) == has_overlap
    if not has_overlap:
        assert all(select(given_layers, rule) == ordered for rule in RULES)


@pytest.mark.parametrize(
    ("layer", "layers"),
    [
        ("ner", {"ner": (HEALTH, GENEVA, ORG)}),
        (LEVELS, {"ner": (ORG, GENEVA), "ner_2": (HEALTH,)}),
    ],
)
def test_overlapping_spans_are_refused_without_a_rule(
    text: TextPipeline, layer: str | tuple[str, ...], layers: dict[str, tuple[Span, ...]]
) -> None:
    (row,) = text.encode([TEXT], [None])
    task = replace(TASK, layer=layer)
    with pytest.raises(InputError) as caught:
        task.targets(example(**layers), row)
    assert ", ".join(task.layers) in caught.value.rule
    assert caught.value.found == "«منظمة الصحة العالمية» A at 0–20 and «الصحة» B at 6–11"
    for rule in RULES:
        assert rule in caught.value.expected
    assert "cut" not in caught.value.expected
    assert task.inexpressible(example(**layers), row) == {"overlapping or nested": 1}


@pytest.mark.parametrize(
    "layer_spans",
    [
        (HEALTH, HEALTH),  # duplicates
        (Span(0, 0, "A"), Span(0, 0, "B"), Span(0, 5, "A")),
        (Span(8, 8, "A"), HEALTH),
        (Span(0, 5, "A"), Span(5, 6, "B"), HEALTH),  # neighbours
        (),
    ],
)
def test_other_spans_are_not_refused(text: TextPipeline, layer_spans: tuple[Span, ...]) -> None:
    (row,) = text.encode([TEXT], [None])
    target = TASK.targets(example(ner=layer_spans), row)
    assert target is not None
    assert len(target["gold"]) == len(layer_spans)
    for rule in RULES:
        assert replace(TASK, overlaps=rule).targets(example(ner=layer_spans), row) == target


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("outermost", [(0, 2, 0, 0, 0), (4, 4, 0, 0, 0)]),
        ("innermost", [(1, 1, 0, 0, 1), (4, 4, 0, 0, 0)]),
        ("first", [(0, 2, 0, 0, 0), (4, 4, 0, 0, 0)]),
        ("cut", [(0, 2, 0, 0, 0), (4, 4, 0, 0, 0)]),
    ],
)
def test_a_rule_selects_what_is_learned_and_not_what_is_gold(
    text: TextPipeline, rule: Overlaps, words: list[tuple[int, ...]]
) -> None:
    (row,) = text.encode([TEXT], [None])
    task = replace(NESTED, overlaps=rule)
    labelled = example(ner=(ORG, GENEVA), ner_2=(HEALTH,))
    target = task.targets(labelled, row)
    assert target == {"words": words, "gold": [[0, 20, 0], [6, 11, 1], [24, 28, 0]]}
    gold = task.gold(target, row)
    assert [(s.start, s.end) for s in gold.spans] == [(0, 20), (6, 11), (24, 28)]
    assert gold.tags.count(0) == 5 - sum(last - first + 1 for first, last, *_ in words)
    reason = "overlapping or nested" if rule == "cut" else f"dropped: overlaps {rule}"
    assert task.inexpressible(labelled, row, target) == {reason: 1}
    assert task.inexpressible(labelled, row) == {reason: 1}


def test_cut_gives_shared_words_to_the_span_before(text: TextPipeline) -> None:
    """Runs that were saved without the option have learned these targets."""
    (row,) = text.encode([TEXT], [None])
    task = replace(TASK, overlaps="cut")
    crossing = example(ner=(Span(0, 11, "A"), Span(6, 20, "B")))
    target = task.targets(crossing, row)
    assert target is not None
    assert target["words"] == [(0, 1, 0, 0, 0), (2, 2, 0, 0, 1)]
    assert task.inexpressible(crossing, row, target) == {"overlapping or nested": 1}


def test_identity_has_the_rule_unless_it_is_the_default() -> None:
    assert "overlaps" not in TASK.identity
    identities = [replace(TASK, overlaps=rule).identity for rule in get_args(Overlaps)]
    assert [identity["overlaps"] for identity in identities] == list(get_args(Overlaps))
    assert all({**TASK.identity, "overlaps": i["overlaps"]} == i for i in identities)


@given(data=st.data())
def test_reasons_account_for_all_spans_that_are_not_restored(
    text: TextPipeline, data: st.DataObject
) -> None:
    raw = data.draw(st.sampled_from([TEXT, "والغرفة نظيفة 👍 جدا", " ـ في  البيت"]))
    bounds = st.integers(0, len(raw))
    drawn = data.draw(
        st.lists(
            st.builds(
                lambda offsets, label: Span(*sorted(offsets), label),
                st.tuples(bounds, bounds),
                st.sampled_from(LABELS),
            ),
            max_size=5,
        )
    )
    (row,) = text.encode([raw], [None])
    task = replace(TASK, overlaps=data.draw(rules))
    labelled = example(raw, ner=tuple(drawn))
    target = task.targets(labelled, row)
    assert target is not None
    reasons = task.inexpressible(labelled, row, target)
    assert reasons == task.inexpressible(labelled, row)
    assert min(reasons.values(), default=1) > 0
    unique = set(drawn)
    kept = select([drawn], task.overlaps or "first")
    null = sum(item.start == item.end for item in unique)
    assert reasons["NULL"] == null
    assert reasons[f"dropped: overlaps {task.overlaps}"] == len(unique) - null - len(kept)
    assert reasons["overlapping or nested"] == 0
    words = bio.words(row.starts, row.ends, row.word_ids)
    marks = frozenset(row.mark_offsets)
    restored = {
        (*bio.trim(words[first], words[last], *trims, marks), label)
        for first, last, *trims, label in target["words"]
    }
    expressed = {(s.start, s.end, LABELS.index(s.label)) for s in kept} & restored
    assert sum(reasons.values()) == len(unique) - len(expressed)
