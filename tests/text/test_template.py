"""Special tokens round a text, or round two, wherever a tokenizer puts them."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from arabic_mtl.text.encoding import Encoding, Pieces
from arabic_mtl.text.template import Slot, Template

NUMBERS = {"[UNK]": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4, "1": 5}
TEXT = Pieces(ids=[3, 4], starts=[0, 3], ends=[2, 4], words=[0, 1])
OTHER = Pieces(ids=[4, 4, 3], starts=[0, 2, 4], ends=[1, 3, 5], words=[0, 1, 2])
NOTHING = Pieces(ids=[], starts=[], ends=[], words=[])
MARKS = [1, 2]


def tokenizer(single: str, pair: str) -> Tokenizer:
    made = Tokenizer(models.WordLevel(NUMBERS, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    special = [(name, NUMBERS[name]) for name in ("<s>", "</s>")]
    if single:
        made.post_processor = processors.TemplateProcessing(
            single=single, pair=pair, special_tokens=special
        )
    return made


BERT = tokenizer("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 $B:1 </s>:1")
ROBERTA = tokenizer("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0")
XLNET = tokenizer("$A:0 </s>:0 <s>:2", "$A:0 </s>:0 $B:1 </s>:1 <s>:2")
PLAIN = tokenizer("", "")
TURNED = tokenizer("$A:0 </s>:0", "<s>:1 $B:1 </s>:0 $A:0 </s>:0")


def test_slots_of_bert() -> None:
    template = Template.of(BERT)
    assert template.single == [Slot(None, 1, 0), Slot(0, 5, 0), Slot(None, 2, 0)]
    assert template.pair[2:] == [Slot(None, 2, 0), Slot(1, 5, 1), Slot(None, 2, 1)]


def test_one_text() -> None:
    assert Template.of(BERT).fill(TEXT, None, MARKS) == Encoding(
        input_ids=[1, 3, 4, 2],
        token_type_ids=[0, 0, 0, 0],
        starts=[0, 0, 3, 0],
        ends=[0, 2, 4, 0],
        words=[-1, 0, 1, -1],
        marks=[1, 2],
        sizes=[0] * 4,
    )


def test_places_of_a_pair_are_those_of_the_first_text() -> None:
    assert Template.of(BERT).fill(TEXT, OTHER, MARKS) == Encoding(
        input_ids=[1, 3, 4, 2, 4, 4, 3, 2],
        token_type_ids=[0, 0, 0, 0, 1, 1, 1, 1],
        starts=[0, 0, 3, 0, 0, 0, 0, 0],
        ends=[0, 2, 4, 0, 0, 0, 0, 0],
        words=[-1, 0, 1, -1, -1, -1, -1, -1],
        marks=[1, 2],
        sizes=[0] * 8,
    )


def test_letters_stand_in_the_order_of_the_tokens() -> None:
    text = TEXT._replace(sizes=[2, 1], letters=[97, 98, 99])
    other = OTHER._replace(sizes=[1, 0, 2], letters=[100, 101, 102])
    alone = Template.of(BERT).fill(text, None, [])
    assert (alone.sizes, alone.letters) == ([0, 2, 1, 0], [97, 98, 99])
    both = Template.of(BERT).fill(text, other, [])
    assert (both.sizes, both.letters) == ([0, 2, 1, 0, 1, 0, 2, 0], [97, 98, 99, 100, 101, 102])
    turned = Template.of(TURNED).fill(text, other, [])
    assert (turned.sizes, turned.letters) == (
        [0, 1, 0, 2, 0, 2, 1, 0],
        [100, 101, 102, 97, 98, 99],
    )
    nothing = NOTHING._replace(sizes=[], letters=[])
    assert Template.of(BERT).fill(nothing, other, []).sizes == [0, 0, 1, 0, 2, 0]


def test_pair_that_comes_first() -> None:
    encoding = Template.of(TURNED).fill(TEXT, OTHER, MARKS)
    assert encoding.input_ids == [1, 4, 4, 3, 2, 3, 4, 2]
    assert encoding.token_type_ids == [1, 1, 1, 1, 0, 0, 0, 0]
    assert encoding.starts == [0, 0, 0, 0, 0, 0, 3, 0]
    assert encoding.words == [-1, -1, -1, -1, -1, 0, 1, -1]


@pytest.mark.parametrize("like", [BERT, ROBERTA, XLNET, PLAIN, TURNED])
@pytest.mark.parametrize(("text", "pair"), [("a b", "b b a"), ("a b", None), ("", "b b a")])
def test_ids_and_types_are_those_of_the_tokenizer(
    like: Tokenizer, text: str, pair: str | None
) -> None:
    expected = like.encode(text, pair)
    pieces = TEXT if text else NOTHING
    encoding = Template.of(like).fill(pieces, None if pair is None else OTHER, [])
    assert encoding.input_ids == expected.ids
    assert encoding.token_type_ids == expected.type_ids
    first = [number == 0 for number in expected.sequence_ids]
    assert [word >= 0 for word in encoding.words] == first


def test_empty_pair_is_a_pair() -> None:
    encoding = Template.of(BERT).fill(TEXT, NOTHING, [])
    assert (encoding.input_ids, encoding.token_type_ids) == ([1, 3, 4, 2, 2], [0, 0, 0, 0, 1])


def test_filling_leaves_the_pieces_alone() -> None:
    Template.of(PLAIN).fill(TEXT, OTHER, MARKS)
    assert Pieces(ids=[3, 4], starts=[0, 3], ends=[2, 4], words=[0, 1]) == TEXT
