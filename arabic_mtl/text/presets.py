"""What each family of encoders saw in pre-training, as steps of cleaning."""

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
"""Named choices of steps: docs/text.md says why each is as it is, and where that is from."""

_FAMILIES = (
    (r"arabert.*twitter", "arabert-twitter"),
    (r"arabert|araelectra", "arabert"),
    (r"arbert", "marbert"),
    (r"qarib", "qarib"),
    (r"camelbert", "camelbert"),
)
_SEGMENTED = r"(aubmindlab/)?bert-(base|large)-arabert(v1|v2)?|.*qarib.*_far.*"


def preset_for(name: str) -> str:
    """The preset of a pretrained encoder: by its name, else by the one in its config.

    >>> preset_for("aubmindlab/bert-base-arabertv02"), preset_for("UBC-NLP/MARBERTv2")
    ('arabert', 'marbert')

    Args:
        name: Hub name or folder.

    Returns:
        A key of `PRESETS`; ``light`` for an encoder of no known family.
    """
    for candidate in (Path(name).name, _origin(name)):
        for pattern, preset in _FAMILIES:
            if re.search(pattern, candidate.lower()):
                return preset
    return "light"


def needs_farasa(name: str, vocabulary: set[str]) -> bool:
    """Whether an encoder wants text that Farasa has cut into segments, such as `ال+ غرف +ة`."""
    by_name = any(re.fullmatch(_SEGMENTED, each) for each in (name, _origin(name)))
    return by_name or {"ال+", "+ة"} <= vocabulary


def _origin(name: str) -> str:
    """The hub name that a local model folder was saved from, if its config says so."""
    try:
        config = json.loads((Path(name) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a broken one is told of where the model is loaded
        return ""
    return str(config.get("_name_or_path", "")) if isinstance(config, dict) else ""
