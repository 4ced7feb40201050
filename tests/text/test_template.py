"""Templates of special tokens, wherever a tokenizer puts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.ragged import Ragged
from arabic_mtl.text.segments import Segments
from arabic_mtl.text.template import Slot, Template

NUMBERS = {"[UNK]": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4, "1": 5}
MARKS = [1, 2]


class Tokens(NamedTuple):
    """The tokens of one text."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    word_lengths: list[int]
    char_codes: Sequence[int] = ()

    def segments(self, marks: list[int]) -> Segments:
        size = len(self.ids)
        columns = [self.ids, self.starts, self.ends, range(size), self.word_lengths, [0] * size]
        return Segments(
            Ragged.from_counts(columns, [size]),
            Ragged.from_counts([self.char_codes], [len(self.char_codes)]),
            Ragged.from_counts([marks], [len(marks)]),
        )


TEXT = Tokens(ids=[3, 4], starts=[0, 3], ends=[2, 4], word_lengths=[0, 0])
OTHER = Tokens(ids=[4, 4, 3], starts=[0, 2, 4], ends=[1, 3, 5], word_lengths=[0, 0, 0])
NOTHING = Tokens(ids=[], starts=[], ends=[], word_lengths=[])


def fill(like: Tokenizer, text: Tokens, pair: Tokens | None, marks: list[int]) -> Encoding:
    """Returns one text, or pair of texts, with special tokens."""
    first, template = text.segments(marks), Template.from_tokenizer(like)
    second = first.take(np.array([], dtype=int)) if pair is None else pair.segments([0])
    (encoding,) = template.fill(first, second, [pair is not None]).encodings()
    return encoding


def tokenizer(single: str, pair: str) -> Tokenizer:
    backend = Tokenizer(models.WordLevel(NUMBERS, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    special = [(name, NUMBERS[name]) for name in ("<s>", "</s>")]
    if single:
        backend.post_processor = processors.TemplateProcessing(
            single=single, pair=pair, special_tokens=special
        )
    return backend


BERT = tokenizer("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 $B:1 </s>:1")
ROBERTA = tokenizer("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0")
XLNET = tokenizer("$A:0 </s>:0 <s>:2", "$A:0 </s>:0 $B:1 </s>:1 <s>:2")
PLAIN = tokenizer("", "")
TURNED = tokenizer("$A:0 </s>:0", "<s>:1 $B:1 </s>:0 $A:0 </s>:0")


def test_slots_of_bert() -> None:
    template = Template.from_tokenizer(BERT)
    assert template.single == [Slot(None, 1, 0), Slot(0, 5, 0), Slot(None, 2, 0)]
    assert template.pair[2:] == [Slot(None, 2, 0), Slot(1, 5, 1), Slot(None, 2, 1)]


def test_fill_one_text() -> None:
    assert fill(BERT, TEXT, None, MARKS) == Encoding(
        input_ids=[1, 3, 4, 2],
        token_type_ids=[0, 0, 0, 0],
        starts=[0, 0, 3, 0],
        ends=[0, 2, 4, 0],
        word_ids=[-1, 0, 1, -1],
        mark_offsets=[1, 2],
        word_lengths=[0] * 4,
    )


def test_only_the_first_text_of_a_pair_has_offsets() -> None:
    assert fill(BERT, TEXT, OTHER, MARKS) == Encoding(
        input_ids=[1, 3, 4, 2, 4, 4, 3, 2],
        token_type_ids=[0, 0, 0, 0, 1, 1, 1, 1],
        starts=[0, 0, 3, 0, 0, 0, 0, 0],
        ends=[0, 2, 4, 0, 0, 0, 0, 0],
        word_ids=[-1, 0, 1, -1, -1, -1, -1, -1],
        mark_offsets=[1, 2],
        word_lengths=[0] * 8,
    )


def test_letters_have_the_order_of_the_tokens() -> None:
    text = TEXT._replace(word_lengths=[2, 1], char_codes=[97, 98, 99])
    second = OTHER._replace(word_lengths=[1, 0, 2], char_codes=[100, 101, 102])
    single = fill(BERT, text, None, [])
    assert (single.word_lengths, single.char_codes) == ([0, 2, 1, 0], [97, 98, 99])
    both = fill(BERT, text, second, [])
    assert (both.word_lengths, both.char_codes) == (
        [0, 2, 1, 0, 1, 0, 2, 0],
        [97, 98, 99, 100, 101, 102],
    )
    turned = fill(TURNED, text, second, [])
    assert (turned.word_lengths, turned.char_codes) == (
        [0, 1, 0, 2, 0, 2, 1, 0],
        [100, 101, 102, 97, 98, 99],
    )
    assert fill(BERT, NOTHING, second, []).word_lengths == [0, 0, 1, 0, 2, 0]


def test_a_template_may_put_the_second_text_first() -> None:
    encoding = fill(TURNED, TEXT, OTHER, MARKS)
    assert encoding.input_ids == [1, 4, 4, 3, 2, 3, 4, 2]
    assert encoding.token_type_ids == [1, 1, 1, 1, 0, 0, 0, 0]
    assert encoding.starts == [0, 0, 0, 0, 0, 0, 3, 0]
    assert encoding.word_ids == [-1, -1, -1, -1, -1, 0, 1, -1]


@pytest.mark.parametrize("like", [BERT, ROBERTA, XLNET, PLAIN, TURNED])
@pytest.mark.parametrize(("text", "pair"), [("a b", "b b a"), ("a b", None), ("", "b b a")])
def test_ids_and_types_equal_those_of_the_tokenizer(
    like: Tokenizer, text: str, pair: str | None
) -> None:
    expected = like.encode(text, pair)
    tokens = TEXT if text else NOTHING
    encoding = fill(like, tokens, None if pair is None else OTHER, [])
    assert encoding.input_ids == expected.ids
    assert encoding.token_type_ids == expected.type_ids
    first = [number == 0 for number in expected.sequence_ids]
    assert [word >= 0 for word in encoding.word_ids] == first


def test_an_empty_second_text_makes_a_pair() -> None:
    encoding = fill(BERT, TEXT, NOTHING, [])
    assert (encoding.input_ids, encoding.token_type_ids) == ([1, 3, 4, 2, 2], [0, 0, 0, 0, 1])


def test_texts_and_pairs_may_be_mixed() -> None:
    template = Template.from_tokenizer(TURNED)
    first = Segments.concatenate([tokens.segments(MARKS) for tokens in (TEXT, OTHER, NOTHING)])
    second = Segments.concatenate([tokens.segments([0]) for tokens in (OTHER, TEXT)])
    assert template.fill(first, second, [True, False, True]).encodings() == [
        fill(TURNED, TEXT, OTHER, MARKS),
        fill(TURNED, OTHER, None, MARKS),
        fill(TURNED, NOTHING, TEXT, MARKS),
    ]


def test_fill_does_not_change_its_arguments() -> None:
    first, second = TEXT.segments(MARKS), OTHER.segments([0])
    Template.from_tokenizer(PLAIN).fill(first, second, [True])
    assert first.encodings() == TEXT.segments(MARKS).encodings()
    assert second.encodings() == OTHER.segments([0]).encodings()
