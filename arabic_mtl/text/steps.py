"""Cleaning steps as regular expressions and replacements."""

from typing import NamedTuple

from pyarabic import araby
from tokenizers import AddedToken

from arabic_mtl.text.characters import COMPOSING, DIACRITICS


class Rule(NamedTuple):
    """A replacement rule.

    Args:
        pattern: The regular expression to replace.
        replacement: The literal replacement.
    """

    pattern: str
    replacement: str


NFKC = Rule("", "")
"""A placeholder for Unicode's NFKC normalization, which is not a regular expression."""

_ARABIC = "ء-غف-ي"
_LETTERED = rf"0-9A-Za-z{_ARABIC}٠-٩\[\]\s\p{{M}}"
_ALEFS = "".join(sorted(set(araby.ALEFAT) - {araby.ALEF, araby.ALEF_MAKSURA, araby.MINI_ALEF}))
_INVISIBLE = r"\x{00AD}\x{061C}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}"
_PICTURES = (
    r"\p{Extended_Pictographic}\x{1F1E6}-\x{1F1FF}\x{1F3FB}-\x{1F3FF}\x{FE0F}\x{200D}\x{20E3}"
)
_LOOSE_MARKS = (
    "".join(mark for mark in DIACRITICS if mark not in COMPOSING)
    + r"\x{FC5E}-\x{FC63}\x{FCF2}-\x{FCF4}\x{FE70}-\x{FE7F}"
)
_PERSIAN = {"ی": "ي", "ک": "ك", "ھہە": "ه", "گ": "ك", "چ": "ج", "پ": "ب", "ڤ": "ف"}

# The characters that AraBERT v0.2 keeps; its twitter version keeps emoji, too.
_ARABERT = r"\s!-%'-.0-~·–—‘’“”…«»،؛؟٪ء-غـ-٬ٱ-ٴ"

# Lengths are bounded, because a pattern that may begin anywhere must not scan far.
_MARKED = rf"\w{DIACRITICS}{araby.TATWEEL}"  # Python's \w does not match marks
_EMAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_REST_OF_URL = r"[^\s<>\"؀-ۿ]"
_URL = (
    rf"(?:https?://|ftp://|www\.){_REST_OF_URL}+|(?<![\w@.-])"
    rf"(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[a-z]{{2,6}}(?![\w@])(?:/{_REST_OF_URL}*)?"
)
_MENTION = rf"(?<![{_MARKED}])@[{_MARKED}]{{1,64}}"
_HASHTAG = rf"(?<![{_MARKED}])#[{_MARKED}]{{1,140}}"


def _entity(name: str) -> str:
    """Returns a pattern for an HTML entity, also without its `&`, as in scraped reviews."""
    return rf"(?:&|(?<![A-Za-z0-9&]))(?:{name});"


_ENTITIES = {
    "quot": '"',
    "apos": "'",
    "lt": "<",
    "gt": ">",
    "nbsp|#160": " ",
    "#8203|#8204|#8205|#8206|#8207|#8234|#8235|#8236|#8237|#8238|#65279": "",
    **{f"#{ord(c)}": c for c in "\"'«»–—‘’“”…‿یکگپچڤ"},
    **{f"#{ord(digit)}": digit for digit in araby.NUMBERS_EAST + araby.NUMBERS_PERS},
    **{
        f"#{ord(pair[0])}|#{ord(pair[1])}": araby.LAM + pair[2]
        for pair in ("ﻵﻶآ", "ﻷﻸأ", "ﻹﻺإ", "ﻻﻼا")
    },
    "amp|#38": "&",
}

STEPS: dict[str, tuple[Rule, ...]] = {
    "entities": tuple(Rule(_entity(name), text) for name, text in _ENTITIES.items()),
    "html": (Rule(r"</?[A-Za-z!][^<>\n]*>", " "),),
    # With marks present, NFKC would shift base letters and turn isolated marks into spaces.
    "nfkc": (Rule(rf"[{_LOOSE_MARKS}]", ""), NFKC, Rule(f"[{DIACRITICS}]", "")),
    "controls": (Rule(rf"[{_INVISIBLE}]", ""),),
    "persian": tuple(Rule(f"[{letters}]", letter) for letters, letter in _PERSIAN.items()),
    "tashkeel": (Rule(f"[{DIACRITICS}]", ""),),
    "tatweel": (Rule(araby.TATWEEL, ""),),
    # Three or more become two. `\K` excludes the first two from the match, so that they keep
    # their offsets.
    "elongation": (Rule(r"([^\d\s])\1\K\1+", ""),),
    "alef": (Rule(f"[{_ALEFS}]", araby.ALEF),),
    "hamza": (Rule(araby.WAW_HAMZA, araby.WAW), Rule(araby.YEH_HAMZA, araby.YEH)),
    "alef_maksura": (Rule(araby.ALEF_MAKSURA, araby.YEH),),
    "teh_marbuta": (Rule(araby.TEH_MARBUTA, araby.HEH),),
    "digits": tuple(
        Rule(f"[{east}{persian}]", west)
        for east, persian, west in zip(
            araby.NUMBERS_EAST, araby.NUMBERS_PERS, araby.NUMBERS_WEST, strict=True
        )
    ),
    "links": (Rule(_EMAIL, " [بريد] "), Rule(_URL, " [رابط] "), Rule(_MENTION, " [مستخدم] ")),
    "links_latin": (
        Rule(_EMAIL, " URL "),
        Rule(_URL, " URL "),
        Rule(_MENTION, " USER "),
        Rule(_HASHTAG, " HASHTAG "),
    ),
    "emoji": (Rule(f"[{_PICTURES}]+", " "),),
    "spacing": (
        Rule(rf"(?<=\S)(?=[^{_LETTERED}])", " "),
        Rule(rf"(?<=[^{_LETTERED}])(?=\S)", " "),
        Rule(rf"(?<=\d)(?=[{_ARABIC}])|(?<=[{_ARABIC}])(?=\d)", " "),
    ),
    "slash": (Rule("/", "-"),),
    "arabert_characters": (Rule(f"[^{_ARABERT}]", " "),),
    "arabert_twitter_characters": (Rule(f"[^{_ARABERT}{_PICTURES}]", " "),),
}
"""Step to its rules, which are applied in order and never match across lines: docs/text.md."""

FOLDED: dict[str, str] = {
    "persian": "".join(_PERSIAN),
    "alef": _ALEFS,
    "hamza": araby.WAW_HAMZA + araby.YEH_HAMZA,
    "alef_maksura": araby.ALEF_MAKSURA,
    "teh_marbuta": araby.TEH_MARBUTA,
    "digits": "".join((*araby.NUMBERS_EAST, *araby.NUMBERS_PERS)),
}
"""The steps that replace letters by other letters, with the letters that each removes."""

REPLACED = ("html", "entities", "links", "links_latin")
"""The steps that replace each match as a whole; their patterns are valid for `re`, too."""

PLACEHOLDERS = ("[بريد]", "[رابط]", "[مستخدم]")
"""The replacements of `links`, which are tokens; else the brackets would be separate words."""


def placeholder(text: str) -> AddedToken:
    """Returns a token that is matched after cleaning, and never split."""
    return AddedToken(text, normalized=True, special=False)
