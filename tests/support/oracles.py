"""Independent implementations of the cleaning steps, and random strings for their tests."""

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
    """A text, and the position of the raw character that each of its characters comes from."""

    text: str
    origins: list[int]


Step = Callable[[Traced], Traced]


def raw(text: str) -> Traced:
    return Traced(text, list(range(len(text))))


def map_characters(function: Callable[[str], str]) -> Step:
    """Returns a step that maps each character on its own; new characters have its position."""
    cached = cache(function)

    def step(traced: Traced) -> Traced:
        pairs = [(c, origin) for old, origin in zip(*traced, strict=True) for c in cached(old)]
        return Traced("".join(c for c, _ in pairs), [origin for _, origin in pairs])

    return step


def replace_matches(pattern: str, text: str | Callable[[str], str]) -> Step:
    """Returns a step that replaces matches; new characters have the match's last position."""
    compiled = regex.compile(pattern)

    def step(traced: Traced) -> Traced:
        parts, origins, done = [], [], 0
        for match in compiled.finditer(traced.text):
            new = text if isinstance(text, str) else text(match.group(1))
            parts += [traced.text[done : match.start()], new]
            origins += traced.origins[done : match.start()]
            origins += [traced.origins[match.end() - 1]] * len(new)
            done = match.end()
        return Traced("".join([*parts, traced.text[done:]]), origins + traced.origins[done:])

    return step


def chain_steps(*steps: Step) -> Step:
    return lambda traced: reduce(lambda done, step: step(done), steps, traced)


def _entity(name: str) -> str:
    """Returns the character that a browser shows, in NFKC, or nothing for an invisible one."""
    character = html.unescape(f"&{name};")
    if unicodedata.category(character) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", character)


def _numbers(characters: str) -> str:
    return "|".join(f"#{ord(character)}" for character in characters)


INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
NAMED = ["quot", "apos", "lt", "gt", "nbsp|#160", _numbers(INVISIBLE)]
NAMED += [_numbers(c) for c in "\"'«»–—‘’“”‿یکگپچڤ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹ﻵﻶﻷﻸﻹﻺﻻﻼ"]
_ELLIPSIS = replace_matches(r"(?:&|(?<![A-Za-z0-9&]))#8230;", "…")  # NFKC would make it three dots
ENTITIES = [name for group in [*NAMED, "#8230|amp|#38"] for name in group.split("|")]


def _decoded(group: str) -> Step:
    return replace_matches(rf"(?:&|(?<![A-Za-z0-9&]))({group});", _entity)


def _shortened(traced: Traced) -> Traced:
    """Shortens runs of a character that is neither digit nor space to two characters."""
    kept: list[int] = []
    for character, run in groupby(range(len(traced.text)), key=lambda n: traced.text[n]):
        unlimited = character.isspace() or character.isdecimal()
        positions = list(run)
        kept += positions if unlimited else positions[:2]
    return Traced("".join(traced.text[n] for n in kept), [traced.origins[n] for n in kept])


def _spaced(traced: Traced) -> Traced:
    """Puts spaces around all but letters, digits, marks and brackets, and at digits in words."""

    def lettered(character: str) -> bool:
        arabic = "ء" <= character <= "غ" or "ف" <= character <= "ي"
        latin = character.isascii() and character.isalnum()
        mark = unicodedata.category(character).startswith("M")
        return arabic or latin or mark or character in "٠١٢٣٤٥٦٧٨٩[]"

    def arabic(character: str) -> bool:
        return lettered(character) and unicodedata.category(character) == "Lo"

    pairs: list[tuple[str, int]] = []
    for character, origin in zip(*traced, strict=True):
        previous, last_origin = pairs[-1] if pairs else (" ", 0)
        separate = not (lettered(previous) and lettered(character))
        mixed = (previous.isdecimal() and arabic(character)) or (
            arabic(previous) and character.isdecimal()
        )
        if not previous.isspace() and not character.isspace() and (separate or mixed):
            pairs.append((" ", last_origin))
        pairs.append((character, origin))
    return Traced("".join(c for c, _ in pairs), [origin for _, origin in pairs])


COMPOSING = "\N{ARABIC MADDAH ABOVE}\N{ARABIC HAMZA ABOVE}\N{ARABIC HAMZA BELOW}"
_LOOSE = set(araby.DIACRITICS) - set(COMPOSING)


def _is_loose(character: str) -> bool:
    """Returns whether a character is a mark that composes with no letter, or an isolated form."""
    shown = unicodedata.normalize("NFKC", character).strip(f" {araby.TATWEEL}")
    isolated = character >= "\ufb50" and shown != "" and araby.strip_diacritics(shown) == ""
    return character in _LOOSE or isolated or character == "\N{ARABIC TAIL FRAGMENT}"


def _composed(traced: Traced) -> Traced:
    """Returns the composed text without origins, since Unicode composes and reorders marks."""
    text = "".join(c for c in traced.text if not _is_loose(c))
    return Traced(araby.strip_diacritics(unicodedata.normalize("NFKC", text)), [])


def _word(pattern: str) -> str:
    r"""Replaces ``w`` by Oniguruma's ``\w``, which has marks but neither fractions nor joiners."""
    return pattern.replace("[w]", "[{w}]").replace("{w}", r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}")


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
    """Applies AraBERT's rule, corrected: it keeps an Oriya sign by mistake, and a Koranic mark."""
    kept = regex.fullmatch(rf"[{PICTURES}]", character) if pictures else None
    refused = regex.fullmatch(REJECTED_CHARS_REGEX, character) or character in "\u0b4d\u06da"
    return " " if refused and not kept else character


def _alef(character: str) -> str:
    kept = (araby.ALEF_MAKSURA, araby.MINI_ALEF)  # pyarabic would fold them
    return character if character in kept else araby.normalize_alef(character)


def _hamza(character: str) -> str:
    seats = araby.WAW_HAMZA + araby.YEH_HAMZA
    return araby.normalize_hamza(character, method="tasheel") if character in seats else character


_INVISIBLE = r"(?=\p{Default_Ignorable_Code_Point})(?!\u180e)\p{Cf}"  # one is Mongolian
PERSIAN = str.maketrans("یکھہەگچپڤ", "يكهههكجبف")

ORACLES: dict[str, Step] = {
    "entities": chain_steps(*map(_decoded, NAMED), _ELLIPSIS, _decoded("amp|#38")),
    "html": replace_matches(r"<(?:/|)(?:[A-Z]|[a-z]|!)(?:(?!<|>)[\s\S])*>", " "),
    "nfkc": _composed,
    "controls": map_characters(lambda c: "" if regex.match(_INVISIBLE, c) else c),
    "persian": map_characters(lambda c: c.translate(PERSIAN)),
    "tashkeel": map_characters(araby.strip_diacritics),
    "tatweel": map_characters(araby.strip_tatweel),
    "elongation": _shortened,
    "alef": map_characters(_alef),
    "hamza": map_characters(_hamza),
    "alef_maksura": map_characters(lambda c: araby.YEH if c == araby.ALEF_MAKSURA else c),
    "teh_marbuta": map_characters(araby.normalize_teh),
    "digits": map_characters(normalize_digits),
    "links": chain_steps(
        *(replace_matches(EMAIL, " [بريد] "), replace_matches(URL, " [رابط] ")),
        replace_matches(MENTION, " [مستخدم] "),
    ),
    "links_latin": chain_steps(
        *(replace_matches(EMAIL, " URL "), replace_matches(URL, " URL ")),
        *(replace_matches(MENTION, " USER "), replace_matches(HASHTAG, " HASHTAG ")),
    ),
    "emoji": replace_matches(f"[{PICTURES}]+", " "),
    "spacing": _spaced,
    "slash": map_characters(lambda c: "-" if c == "/" else c),
    "arabert_characters": map_characters(lambda c: _accepted(c, pictures=False)),
    "arabert_twitter_characters": map_characters(lambda c: _accepted(c, pictures=True)),
}

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱ"
FRAGMENTS = [
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
    number: int, *, seed: int = 0, fragments: Iterable[str] = FRAGMENTS, max_fragments: int = 14
) -> list[str]:
    """Returns random strings of fragments; the same for equal arguments."""
    choices, random_source = list(fragments), random.Random(seed)
    return [
        "".join(random_source.choices(choices, k=random_source.randint(0, max_fragments)))
        for _ in range(number)
    ]
