"""A tokenizer made from a pipeline's settings: a pretrained one, or one learned from texts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.pretrained import Fitted, load_pretrained
from arabic_mtl.text.steps import PLACEHOLDERS
from arabic_mtl.text.units import cleaned_text, units_of
from arabic_mtl.text.wordlevel import learn_words
from arabic_mtl.text.wordpiece import learn_wordpiece


def make(settings: Mapping[str, Any], texts: Callable[[], Iterable[str]]) -> Fitted:
    """Loads or learns a tokenizer, with its cleaning inside.

    Args:
        settings: `TextPipeline.settings`.
        texts: Starts a pass over the training texts; called only to learn a vocabulary.

    Raises:
        InputError: If the pretrained tokenizer cannot be had.
    """
    split = settings["split_proclitics"]
    bare = split and settings["stemming"] == "none"  # else it is done before stemming
    if settings["pretrained"] is not None:
        return load_pretrained(settings["pretrained"], settings["cleaning"], split_proclitics=bare)
    cleaning = Cleaning.of(settings["cleaning"])
    stems = units_of(settings["stemming"], cleaning, split_proclitics=split)
    learn = learn_wordpiece if settings["form"] == "pieces" else learn_words
    tokenizer = learn(
        lambda: (cleaned_text(text, stems, cleaning.normalizer) for text in texts()),
        vocab_size=settings["vocab_size"],
        split_proclitics=bare,
        placeholders=PLACEHOLDERS if "links" in cleaning.steps else (),
    )
    tokenizer.backend_tokenizer.normalizer = cleaning.normalizer
    return Fitted(tokenizer, cleaning, {}, {})
