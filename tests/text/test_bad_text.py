"""Whatever is written, `TextPipeline.encode` reads it, and places lie in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD
from support.cases import slow
from support.oracles import PIECES, strings
from support.tokenizers import TEXTS, bert_folder, check_places, encode, extents, pipeline, words_of

KINDS = ["recipe", "arabert", "twitter", "marbert", "stems", "cased", "uncased"]
FEW = ["recipe", "cased"]
unicode = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=40)
arabic = st.text("والغرفة نظيـُِعععأ.[]SEP ", max_size=40)
mixed = st.lists(st.sampled_from([*PIECES, "\ud800", "\x00"]), max_size=12).map("".join)


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
    texts = [*TEXTS, *PIECES]
    return {name: pipeline(folder / name, texts, **each) for name, each in settings.items()}


def is_inside(text: str, place: int) -> bool:
    """Whether a place parts a mark from its letter."""
    if not 0 < place < len(text) or text[place - 1].isspace():
        return False
    chunk = max(text.rfind(space, 0, place) for space in " \t\r\n") + 1
    bare = all(unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf") for c in text[chunk:place])
    return unicodedata.category(text[place]) in ("Mn", "Mc", "Me") and not bare


def check_marks(encoding: Encoding, text: str) -> None:
    for start, end in words_of(encoding):
        assert not is_inside(text, start), (text, start)
        assert not is_inside(text, end), (text, end)


@pytest.mark.parametrize("kind", [*FEW, *slow(*(kind for kind in KINDS if kind not in FEW))])
@given(raw=unicode | arabic | mixed)
def test_places_lie_in_the_text_in_order(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    encoding = encode(pipelines[kind], raw)
    check_places(encoding, raw)
    check_marks(encoding, raw)


@pytest.mark.parametrize("number", [300, *slow(3000)])
@pytest.mark.parametrize("kind", KINDS)
def test_places_of_many_random_strings(
    pipelines: dict[str, TextPipeline], kind: str, number: int
) -> None:
    texts = strings(number, seed=9)
    for text, encoding in zip(
        texts, pipelines[kind].encode(texts, [None] * len(texts)), strict=True
    ):
        check_places(encoding, text)
        check_marks(encoding, text)


@pytest.mark.parametrize("kind", FEW)
@given(texts=st.lists(arabic | mixed, max_size=4))
def test_batch_equals_one_by_one(
    pipelines: dict[str, TextPipeline], kind: str, texts: list[str]
) -> None:
    made = pipelines[kind]
    assert made.encode(texts, [None] * len(texts)) == [encode(made, one) for one in texts]


@pytest.mark.parametrize("kind", ["recipe", "marbert"])
@pytest.mark.parametrize("raw", ["", "  ", "\n\t\r", "ُّ", "ُ ِ", "ـــ", "\u200f\u202b", "\u200b"])
def test_text_without_a_letter_has_no_word(
    pipelines: dict[str, TextPipeline], kind: str, raw: str
) -> None:
    made = pipelines[kind]
    encoding = encode(made, raw)
    assert encoding.marks == [n for n, c in enumerate(raw) if not c.isspace()]
    # MARBERT's tokenizer keeps tatweel.
    tatweel = "ـ" in raw and kind == "marbert"
    if tatweel:
        assert "".join(extents(made, raw)) == raw
    else:
        assert encoding.words == [NO_WORD, NO_WORD]
        assert encoding.starts == encoding.ends == [0, 0]


@pytest.mark.parametrize("kind", FEW)
def test_lone_surrogates_are_as_wide_as_they_were(
    pipelines: dict[str, TextPipeline], kind: str
) -> None:
    made = pipelines[kind]
    assert encode(made, "جدا \ud800 غرفة\udfff abc", "\ud83d") == encode(
        made, "جدا \ufffd غرفة\ufffd abc", "\ufffd"
    )
    assert extents(made, "جدا \ud800 غرفة")[-1] == "غرفة"


@pytest.mark.parametrize("kind", FEW)
def test_nul_bytes(pipelines: dict[str, TextPipeline], kind: str) -> None:
    words = extents(pipelines[kind], "جدا \x00 فن\x00دق abc")
    assert (words[0], words[-1]) == ("جدا", "abc")
    assert encode(pipelines[kind], "\x00").starts[-1] == 0


@pytest.mark.parametrize("kind", FEW)
def test_typed_special_tokens_are_text(pipelines: dict[str, TextPipeline], kind: str) -> None:
    made = pipelines[kind]
    raw = "[SEP] جدا [CLS] [PAD][MASK]"
    encoding = encode(made, raw, raw)
    named = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
    special = [n for n in encoding.input_ids if made.tokenizer.id_to_token(n) in named]
    assert special == [made.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[SEP]")]
    assert "".join(extents(made, raw)) == raw.replace(" ", "")


def test_scripts_in_one_word(pipelines: dict[str, TextPipeline]) -> None:
    raw = "غرفةHilton五つ星 отель ξενοδοχείο"
    assert "".join(extents(pipelines["recipe"], raw)) == raw.replace(" ", "")
    assert extents(pipelines["recipe"], raw)[0] == "غرفةHilton五つ星"


@pytest.mark.parametrize("control", ["\u200e", "\u200f", "\u202b", "\u2067", "\u200c", "\ufeff"])
@pytest.mark.parametrize("kind", ["stems", "cased"])
def test_controls_inside_a_target_are_inside_its_place(
    pipelines: dict[str, TextPipeline], kind: str, control: str
) -> None:
    target = f"الغر{control}فة"
    words = extents(pipelines[kind], f"جدا {target}{control} abc")
    assert "".join(words[1:-1]).rstrip(control) == target
    assert (words[0], words[-1]) == ("جدا", "abc")


@pytest.mark.parametrize(
    ("kind", "piece", "size"),
    [
        ("arabert", "الغرفة ", 300_000),
        ("arabert", "http://", 100_000),
        ("stems", "بَ", 300_000),
        *slow(
            *(("arabert", piece, 300_000) for piece in ("ع", "a@")),
            ("stems", "الغرفة ", 300_000),
            *(("arabert", piece, 100_000) for piece in ("َ", "a.", "<a ", "&", "#1632;")),
            *(("stems", piece, 100_000) for piece in ("!", "1", "@a", "و")),
            ("marbert", "#1632;", 300_000),
            ("cased", "ا", 300_000),
        ),
    ],
)
def test_long_sentence_is_read_to_its_end(
    pipelines: dict[str, TextPipeline], kind: str, piece: str, size: int
) -> None:
    """A pattern whose work grows with the square of the length would take hours."""
    raw = piece * (size // len(piece.encode()))
    encoding = encode(pipelines[kind], raw)
    assert 0 <= max(encoding.starts) <= max(encoding.ends) <= len(raw)
    if any(word != NO_WORD for word in encoding.words):  # else cleaning leaves nothing
        assert len(raw) - max(encoding.ends) <= len(piece)
