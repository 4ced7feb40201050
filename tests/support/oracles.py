"""What each step of cleaning shall do, by other means, and strings to try it on."""

from __future__ import annotations

import html
import random
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, reduce
from itertools import groupby
from typing import NamedTuple

import regex
from arabert.preprocess import REJECTED_CHARS_REGEX
from pyarabic import araby
from pyarabic.trans import normalize_digits


class Traced(NamedTuple):
    """A text and, for each of its characters, the raw character that it points to."""

    text: str
    origins: list[int]


Step = Callable[[Traced], Traced]


def raw(text: str) -> Traced:
    return Traced(text, list(range(len(text))))


def mapped(function: Callable[[str], str]) -> Step:
    """Each character on its own: what comes out points to what went in."""
    known = cache(function)

    def step(traced: Traced) -> Traced:
        pairs = [(c, place) for old, place in zip(*traced, strict=True) for c in known(old)]
        return Traced("".join(c for c, _ in pairs), [place for _, place in pairs])

    return step


def replaced(pattern: str, text: str | Callable[[str], str]) -> Step:
    """What takes the place of a match points to the last character of the match."""
    compiled = regex.compile(pattern)

    def step(traced: Traced) -> Traced:
        pieces, origins, done = [], [], 0
        for match in compiled.finditer(traced.text):
            new = text if isinstance(text, str) else text(match.group(1))
            pieces += [traced.text[done : match.start()], new]
            origins += traced.origins[done : match.start()]
            origins += [traced.origins[match.end() - 1]] * len(new)
            done = match.end()
        return Traced("".join([*pieces, traced.text[done:]]), origins + traced.origins[done:])

    return step


def chained(*steps: Step) -> Step:
    return lambda traced: reduce(lambda done, step: step(done), steps, traced)


def _entity(name: str) -> str:
    """What a browser shows, but for what looks like something else or like nothing."""
    character = html.unescape(f"&{name};")
    if unicodedata.category(character) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", character)


def _numbers(characters: str) -> str:
    return "|".join(f"#{ord(character)}" for character in characters)


INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
NAMED = ["quot", "apos", "lt", "gt", "nbsp|#160", _numbers(INVISIBLE)]
NAMED += [_numbers(c) for c in "\"'«»–—‘’“”‿یکگپچڤ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹ﻵﻶﻷﻸﻹﻺﻻﻼ"]
_ELLIPSIS = replaced(r"(?:&|(?<![A-Za-z0-9&]))#8230;", "…")  # NFKC would make it three dots
ENTITIES = [name for group in [*NAMED, "#8230|amp|#38"] for name in group.split("|")]


def _decoded(group: str) -> Step:
    return replaced(rf"(?:&|(?<![A-Za-z0-9&]))({group});", _entity)


def _shortened(traced: Traced) -> Traced:
    """Of each run of what is neither digit nor space, the first two characters stay."""
    kept: list[int] = []
    for character, run in groupby(range(len(traced.text)), key=lambda n: traced.text[n]):
        free = character.isspace() or character.isdecimal()
        places = list(run)
        kept += places if free else places[:2]
    return Traced("".join(traced.text[n] for n in kept), [traced.origins[n] for n in kept])


def _spaced(traced: Traced) -> Traced:
    """A space round all but letters, digits, marks and brackets, and between digit and letter."""

    def lettered(character: str) -> bool:
        arabic = "ء" <= character <= "غ" or "ف" <= character <= "ي"
        latin = character.isascii() and character.isalnum()
        mark = unicodedata.category(character).startswith("M")
        return arabic or latin or mark or character in "٠١٢٣٤٥٦٧٨٩[]"

    def arabic(character: str) -> bool:
        return lettered(character) and unicodedata.category(character) == "Lo"

    pairs: list[tuple[str, int]] = []
    for character, place in zip(*traced, strict=True):
        before, at = pairs[-1] if pairs else (" ", 0)
        alone = not (lettered(before) and lettered(character))
        mixed = (before.isdecimal() and arabic(character)) or (
            arabic(before) and character.isdecimal()
        )
        if not before.isspace() and not character.isspace() and (alone or mixed):
            pairs.append((" ", at))
        pairs.append((character, place))
    return Traced("".join(c for c, _ in pairs), [place for _, place in pairs])


COMPOSING = "\N{ARABIC MADDAH ABOVE}\N{ARABIC HAMZA ABOVE}\N{ARABIC HAMZA BELOW}"
_LOOSE = set(araby.DIACRITICS) - set(COMPOSING)


def _is_loose(character: str) -> bool:
    """A mark that composes with nothing, also one in a form that stands on nothing."""
    shown = unicodedata.normalize("NFKC", character).strip(f" {araby.TATWEEL}")
    isolated = character >= "\ufb50" and shown != "" and araby.strip_diacritics(shown) == ""
    return character in _LOOSE or isolated or character == "\N{ARABIC TAIL FRAGMENT}"


def _composed(traced: Traced) -> Traced:
    """Places are found by `pointed`: Unicode composes and reorders."""
    text = "".join(c for c in traced.text if not _is_loose(c))
    return Traced(araby.strip_diacritics(unicodedata.normalize("NFKC", text)), [])


def _word(what: str) -> str:
    r"""With ``w`` for Oniguruma's ``\w``, which has marks but neither fractions nor joiners."""
    return what.replace("[w]", "[{w}]").replace("{w}", r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}")


EMAIL = _word(r"[{w}.+-]{1,64}@[{w}-]{1,63}(?:[.][{w}-]{1,63}){1,8}")
_TAIL = r"(?:(?![؀-ۿ])[^\s<>\"])"  # a link ends where Arabic begins
URL = _word(
    rf"(?:http://|https://|ftp://|www[.]){_TAIL}+"
    rf"|(?<!(?:[w]|[@.-]))(?:[A-Za-z0-9-]{{1,63}}[.]){{1,8}}[a-z]{{2,6}}(?!(?:[w]|@))(?:/{_TAIL}*)?"
)
MENTION = _word(r"(?<![w])@[w]{1,64}")
HASHTAG = _word(r"(?<![w])\#[w]{1,140}")
PICTURES = r"\p{Extended_Pictographic}\U0001F1E6-\U0001F1FF\U0001F3FB-\U0001F3FF\uFE0F\u200D\u20E3"


def _accepted(character: str, *, pictures: bool) -> str:
    """AraBERT's own rule; the Oriya sign in it is a slip of theirs, the Koranic one is a mark."""
    kept = regex.fullmatch(rf"[{PICTURES}]", character) if pictures else None
    refused = regex.fullmatch(REJECTED_CHARS_REGEX, character) or character in "\u0b4d\u06da"
    return " " if refused and not kept else character


def _alef(character: str) -> str:
    kept = (araby.ALEF_MAKSURA, araby.MINI_ALEF)  # pyarabic folds them, too
    return character if character in kept else araby.normalize_alef(character)


def _hamza(character: str) -> str:
    seats = araby.WAW_HAMZA + araby.YEH_HAMZA
    return araby.normalize_hamza(character, method="tasheel") if character in seats else character


_INVISIBLE = r"(?=\p{Default_Ignorable_Code_Point})(?!\u180e)\p{Cf}"  # one is Mongolian
PERSIAN = str.maketrans("یکھہەگچپڤ", "يكهههكجبف")

ORACLES: dict[str, Step] = {
    "entities": chained(*map(_decoded, NAMED), _ELLIPSIS, _decoded("amp|#38")),
    "html": replaced(r"<(?:/|)(?:[A-Z]|[a-z]|!)(?:(?!<|>)[\s\S])*>", " "),
    "nfkc": _composed,
    "controls": mapped(lambda c: "" if regex.match(_INVISIBLE, c) else c),
    "persian": mapped(lambda c: c.translate(PERSIAN)),
    "tashkeel": mapped(araby.strip_diacritics),
    "tatweel": mapped(araby.strip_tatweel),
    "elongation": _shortened,
    "alef": mapped(_alef),
    "hamza": mapped(_hamza),
    "alef_maksura": mapped(lambda c: araby.YEH if c == araby.ALEF_MAKSURA else c),
    "teh_marbuta": mapped(araby.normalize_teh),
    "digits": mapped(normalize_digits),
    "links": chained(
        *(replaced(EMAIL, " [بريد] "), replaced(URL, " [رابط] ")),
        replaced(MENTION, " [مستخدم] "),
    ),
    "links_latin": chained(
        *(replaced(EMAIL, " URL "), replaced(URL, " URL ")),
        *(replaced(MENTION, " USER "), replaced(HASHTAG, " HASHTAG ")),
    ),
    "emoji": replaced(f"[{PICTURES}]+", " "),
    "spacing": _spaced,
    "slash": mapped(lambda c: "-" if c == "/" else c),
    "arabert_characters": mapped(lambda c: _accepted(c, pictures=False)),
    "arabert_twitter_characters": mapped(lambda c: _accepted(c, pictures=True)),
}

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱ"
PIECES = [
    *LETTERS,
    *("ا", "ب", "ل", "و", "ي", "ة", " ", " ", "ععع", "ههه", "!!!", "...", "111"),
    *araby.DIACRITICS,
    *COMPOSING,
    *(araby.TATWEEL, "ـــ", "\u0301", "\u06dd", "_"),
    *"یکھہەگچپڤ",
    *"٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹0123456789",
    *("abcXYZé", "http", "ok", "a", "b"),
    *".,!?;:()[]{}<>\"'`~|\\/@#$%^&*+=-–—‘’“”…«»،؛؟٪·٬\n\t\u00a0",
    *("😀", "👍🏽", "👨\u200d👩\u200d👧", "🇯🇴", "❤\ufe0f", "⭐", "©", "1\ufe0f\u20e3"),
    *(*INVISIBLE, "\u00ad", "\u061c", "\u2060", "\u2066", "\u2069"),
    *"ﷺﷲﻻﻷﻹﻵﻼﻳﺔﻪﭘﮔﱞﱠﹰﹱﹿﳲﬁⅣ",
    *(f"&{name};" for name in ENTITIES),
    *(f"{name};" for name in ENTITIES),
    *("&amp", "&#9999;", "&unknown;", "&&lt;", "x#1632;"),
    *("http://a.bc/d?e=f", "https://x.y", "www.hotel.com", "booking.com", "ftp://a", "a.b@c.de"),
    *("me@hotel.jo", "@user", "@مُحمّد", "#فندق_جميل", "#1", "؛http://a.b،", "//", "3.5", "1/2"),
    *("<br>", "<br/>", "</p>", "<!-- a -->", '<a href="http://a.bc">', "< b", "<3", "<>"),
]


def strings(
    number: int, *, seed: int = 0, pieces: Iterable[str] = PIECES, most: int = 14
) -> list[str]:
    """Random strings; the same each time."""
    chosen, source = list(pieces), random.Random(seed)
    return ["".join(source.choices(chosen, k=source.randint(0, most))) for _ in range(number)]
