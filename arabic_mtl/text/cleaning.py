"""Cleaning as a normalizer inside the tokenizer, so that offsets keep counting raw characters."""

from typing import Literal, get_args

from pyarabic import araby
from tokenizers import Regex, normalizers

from arabic_mtl.errors import InputError

Step = Literal["tashkeel", "tatweel", "elongation", "alef", "alef_maksura", "teh_marbuta", "digits"]

PRESETS: dict[str, tuple[Step, ...]] = {
    "none": (),
    "light": ("tashkeel", "tatweel", "elongation"),
    "recipe": (
        "tashkeel",
        "tatweel",
        "elongation",
        "alef",
        "alef_maksura",
        "teh_marbuta",
        "digits",
    ),
}
"""Named choices of steps: `light` for encoders whose vocabulary keeps letter variants apart,
`recipe` for a vocabulary that is learned here."""


def cleaner(steps: str | list[str]) -> normalizers.Normalizer:
    """The normalizer of a preset or of a list of steps.

    Raises:
        InputError: If the preset or a step does not exist.
    """
    names = PRESETS.get(steps) if isinstance(steps, str) else steps
    unknown = [steps] if names is None else [n for n in names if n not in get_args(Step)]
    if unknown or names is None:
        raise InputError(
            "data.text.cleaning is a preset or a list of steps",
            found=unknown,
            expected=f"one of {', '.join(PRESETS)}, or some of {', '.join(get_args(Step))}",
        )
    return normalizers.Sequence([n for name in names for n in _STEPS[name]])


def _each(pattern: str, replacement: str) -> normalizers.Normalizer:
    return normalizers.Replace(Regex(pattern), replacement)


_TASHKEEL = "".join(araby.TASHKEEL) + araby.MINI_ALEF
MARKS = frozenset(_TASHKEEL + araby.TATWEEL)
"""What follows a letter and belongs to it: short vowels and the like, and tatweel."""

_ALEFS = "".join(sorted(set(araby.ALEFAT) - {araby.ALEF, araby.ALEF_MAKSURA, araby.MINI_ALEF}))

_STEPS: dict[str, list[normalizers.Normalizer]] = {
    "tashkeel": [_each(f"[{_TASHKEEL}]", "")],
    "tatweel": [_each(araby.TATWEEL, "")],
    # Three or more of a letter become two; `\K` drops what was matched before it, so that the
    # kept letters keep their own offsets.
    "elongation": [_each(r"(\p{L})\1\K\1+", "")],
    "alef": [_each(f"[{_ALEFS}]", araby.ALEF)],
    "alef_maksura": [_each(araby.ALEF_MAKSURA, araby.YEH)],
    "teh_marbuta": [_each(araby.TEH_MARBUTA, araby.HEH)],
    "digits": [
        normalizers.Replace(digit, western)
        for digits in (araby.NUMBERS_EAST, araby.NUMBERS_PERS)
        for digit, western in zip(digits, araby.NUMBERS_WEST, strict=True)
    ],
}
