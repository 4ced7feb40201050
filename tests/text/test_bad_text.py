"""`TextPipeline.encode` accepts any text, and its offsets lie within the text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD
from support.cases import slow
from support.oracles import FRAGMENTS, strings
from support.tokenizers import (
    TEXTS,
    bert_folder,
    check_offsets,
    encode,
    pipeline,
    word_offsets,
    word_texts,
)

KINDS = ["recipe", "arabert", "twitter", "marbert", "stems", "cased", "uncased"]
FAST_KINDS = ["recipe", "cased"]
unicode = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=40)
arabic = st.text("والغرفة نظيـُِعععأ.[]SEP ", max_size=40)
mixed = st.lists(st.sampled_from([*FRAGMENTS, "\ud800", "\x00"]), max_size=12).map("".join)


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TextPipeline]:
    folder = tmp_path_factory.mktemp("pipelines")
    words = [word for text in TEXTS for word in text.split() if word != "[SEP]"]
    settings: dict[str, dict[str, str]] = {
        "recipe": {},
        "arabert": {"cleaning": "arabert"},
        "twitter": {"cleaning": "arabert-twitter"},
        "marbert": {"cleaning": "marbert"},
        "stems": {"stemming": "snowball"},
        "cased": {"pretrained": str(bert_folder(folder / "a", [*words, "[رابط]"]))},
        "uncased": {"pretrained": str(bert_folder(folder / "b", words, lowercase=True))},
    }
    assert list(settings) == KINDS
    texts = [*TEXTS, *FRAGMENTS]
    return {name: pipeline(folder / name, texts, **options) for name, options in settings.items()}


def splits_mark(text: str, offset: int) -> bool:
    """Returns whether an offset separates a mark from its letter."""
    if not 0 < offset < len(text) or text[offset - 1].isspace():
        return False
    chunk = max(text.rfind(space, 0, offset) for space in " \t\r\n") + 1
    bare = all(unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf") for c in text[chunk:offset])
    return unicodedata.category(text[offset]) in ("Mn", "Mc", "Me") and not bare


def check_marks(encoding: Encoding, text: str) -> None:
    for start, end in word_offsets(encoding):
        assert not splits_mark(text, start), (text, start)
        assert not splits_mark(text, end), (text, end)


@pytest.mark.parametrize(
    "kind", [*FAST_KINDS, *slow(*(kind for kind in KINDS if kind not in FAST_KINDS))]
)
@given(raw=unicode | arabic | mixed)
def test_offsets_are_ordered_and_within_the_text(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    encoding = encode(pipelines[kind], raw)
    check_offsets(encoding, raw)
    check_marks(encoding, raw)


@pytest.mark.parametrize("number", [300, *slow(3000)])
@pytest.mark.parametrize("kind", KINDS)
def test_offsets_of_many_random_strings(
    pipelines: dict[str, TextPipeline], kind: str, number: int
) -> None:
    texts = strings(number, seed=9)
    for text, encoding in zip(
        texts, pipelines[kind].encode(texts, [None] * len(texts)), strict=True
    ):
        check_offsets(encoding, text)
        check_marks(encoding, text)


@pytest.mark.parametrize("kind", FAST_KINDS)
@given(texts=st.lists(arabic | mixed, max_size=4))
def test_batch_equals_single_texts(
    pipelines: dict[str, TextPipeline], kind: str, texts: list[str]
) -> None:
    text_pipeline = pipelines[kind]
    assert text_pipeline.encode(texts, [None] * len(texts)) == [
        encode(text_pipeline, text) for text in texts
    ]


@pytest.mark.parametrize("kind", ["recipe", "marbert"])
@pytest.mark.parametrize("raw", ["", "  ", "\n\t\r", "ُّ", "ُ ِ", "ـــ", "\u200f\u202b", "\u200b"])
def test_text_without_letters_has_no_words(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    text_pipeline = pipelines[kind]
    encoding = encode(text_pipeline, raw)
    assert encoding.mark_offsets == [n for n, c in enumerate(raw) if not c.isspace()]
    # MARBERT's tokenizer keeps tatweel.
    tatweel = "ـ" in raw and kind == "marbert"
    if tatweel:
        assert "".join(word_texts(text_pipeline, raw)) == raw
    else:
        assert encoding.word_ids == [NO_WORD, NO_WORD]
        assert encoding.starts == encoding.ends == [0, 0]


@pytest.mark.parametrize("kind", FAST_KINDS)
def test_lone_surrogates_keep_their_width(pipelines: dict[str, TextPipeline], kind: str) -> None:
    text_pipeline = pipelines[kind]
    assert encode(text_pipeline, "جدا \ud800 غرفة\udfff abc", "\ud83d") == encode(
        text_pipeline, "جدا \ufffd غرفة\ufffd abc", "\ufffd"
    )
    assert word_texts(text_pipeline, "جدا \ud800 غرفة")[-1] == "غرفة"


@pytest.mark.parametrize("kind", FAST_KINDS)
def test_nul_bytes(pipelines: dict[str, TextPipeline], kind: str) -> None:
    words = word_texts(pipelines[kind], "جدا \x00 فن\x00دق abc")
    assert (words[0], words[-1]) == ("جدا", "abc")
    assert encode(pipelines[kind], "\x00").starts[-1] == 0


@pytest.mark.parametrize("kind", FAST_KINDS)
def test_typed_special_tokens_are_plain_text(pipelines: dict[str, TextPipeline], kind: str) -> None:
    text_pipeline = pipelines[kind]
    raw = "[SEP] جدا [CLS] [PAD][MASK]"
    encoding = encode(text_pipeline, raw, raw)
    names = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
    special = [n for n in encoding.input_ids if text_pipeline.tokenizer.id_to_token(n) in names]
    assert special == [
        text_pipeline.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[SEP]")
    ]
    assert "".join(word_texts(text_pipeline, raw)) == raw.replace(" ", "")


def test_a_word_may_mix_scripts(pipelines: dict[str, TextPipeline]) -> None:
    raw = "غرفةHilton五つ星 отель ξενοδοχείο"
    assert "".join(word_texts(pipelines["recipe"], raw)) == raw.replace(" ", "")
    assert word_texts(pipelines["recipe"], raw)[0] == "غرفةHilton五つ星"


@pytest.mark.parametrize("control", ["\u200e", "\u200f", "\u202b", "\u2067", "\u200c", "\ufeff"])
@pytest.mark.parametrize("kind", ["stems", "cased"])
def test_control_characters_inside_a_word_belong_to_it(
    pipelines: dict[str, TextPipeline], kind: str, control: str
) -> None:
    target = f"الغر{control}فة"
    words = word_texts(pipelines[kind], f"جدا {target}{control} abc")
    assert "".join(words[1:-1]).rstrip(control) == target
    assert (words[0], words[-1]) == ("جدا", "abc")


@pytest.mark.parametrize(
    ("kind", "fragment", "size"),
    [
        ("arabert", "الغرفة ", 300_000),
        ("arabert", "http://", 100_000),
        ("stems", "بَ", 300_000),
        *slow(
            *(("arabert", fragment, 300_000) for fragment in ("ع", "a@")),
            ("stems", "الغرفة ", 300_000),
            *(("arabert", fragment, 100_000) for fragment in ("َ", "a.", "<a ", "&", "#1632;")),
            *(("stems", fragment, 100_000) for fragment in ("!", "1", "@a", "و")),
            ("marbert", "#1632;", 300_000),
            ("cased", "ا", 300_000),
        ),
    ],
)
def test_a_very_long_sentence_is_encoded_completely(
    pipelines: dict[str, TextPipeline], kind: str, fragment: str, size: int
) -> None:
    """A pattern with quadratic run time would take hours."""
    raw = fragment * (size // len(fragment.encode()))
    encoding = encode(pipelines[kind], raw)
    assert 0 <= max(encoding.starts) <= max(encoding.ends) <= len(raw)
    if any(word != NO_WORD for word in encoding.word_ids):  # else cleaning removes everything
        assert len(raw) - max(encoding.ends) <= len(fragment)
