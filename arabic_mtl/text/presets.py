"""Cleaning presets: for each family of encoders, the cleaning used in pre-training."""

import json
import re
from pathlib import Path

_ARABERT = (
    *("html", "entities", "nfkc", "controls", "persian", "tashkeel", "tatweel", "links"),
    *("digits", "elongation", "spacing", "slash"),
)

PRESETS: dict[str, tuple[str, ...]] = {
    "none": (),
    "light": ("controls", "tashkeel", "tatweel", "elongation"),
    "recipe": (
        *("controls", "tashkeel", "tatweel", "elongation"),
        *("alef", "alef_maksura", "teh_marbuta", "digits"),
    ),
    "arabert": (*_ARABERT, "arabert_characters"),
    "arabert-twitter": (*_ARABERT, "arabert_twitter_characters"),
    "marbert": ("controls", "tashkeel", "links_latin"),
    "qarib": ("controls", "tashkeel", "tatweel", "alef", "alef_maksura", "teh_marbuta"),
    "camelbert": ("controls", "tashkeel", "tatweel"),
}
"""Preset to its cleaning steps: docs/text.md documents the source of each."""

_FAMILIES = (
    (r"arabert.*twitter", "arabert-twitter"),
    (r"arabert|araelectra", "arabert"),
    (r"arbert", "marbert"),
    (r"qarib", "qarib"),
    (r"camelbert", "camelbert"),
)
_SEGMENTED = r"(aubmindlab/)?bert-(base|large)-arabert(v1|v2)?|.*qarib.*_far.*"


def preset_for(name: str) -> str:
    """Returns the preset of a pretrained encoder, by its name or the name in its config.

    >>> preset_for("aubmindlab/bert-base-arabertv02"), preset_for("UBC-NLP/MARBERTv2")
    ('arabert', 'marbert')

    Args:
        name: The hub name or folder of the encoder.

    Returns:
        A key of `PRESETS`; ``light`` for an encoder of no known family.
    """
    for candidate in (Path(name).name, _origin(name)):
        for pattern, preset in _FAMILIES:
            if re.search(pattern, candidate.lower()):
                return preset
    return "light"


def needs_farasa(name: str, vocabulary: set[str]) -> bool:
    """Returns whether an encoder needs text segmented by Farasa, such as `ال+ غرف +ة`.

    Args:
        name: The hub name or folder of the encoder.
        vocabulary: The tokens of its tokenizer.
    """
    is_known = any(re.fullmatch(_SEGMENTED, known) for known in (name, _origin(name)))
    return is_known or {"ال+", "+ة"} <= vocabulary


def _origin(name: str) -> str:
    """Returns the hub name in the config of a local model folder; an empty string if none."""
    try:
        config = json.loads((Path(name) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # loading the model reports a broken config
        return ""
    return str(config.get("_name_or_path", "")) if isinstance(config, dict) else ""
