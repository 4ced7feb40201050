"""A tag per word, at its first token."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from arabic_mtl.baselines.linear.learn import Piece, Predictor, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.tagger import Tagger
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import split_outputs
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, TokenClassification
from arabic_mtl.tasks.losses import IGNORED


@learn.register
def learn_tags(task: TokenClassification, pieces: Sequence[Piece]) -> Predictor:
    """From the words of the text; words are parted where the text pipeline parts them."""
    labelled = [of_text for piece in pieces for of_text in _labelled(piece)]
    if not labelled:
        raise InputError(
            "the linear baseline learns tags from labelled training texts",
            found=f"none with words and spans of layer {task.layer!r}",
            expected="one or more",
        )
    words, right = zip(*labelled, strict=True)
    tagger = Tagger(task, words, right)

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        logits = torch.zeros(*targets["labels"].shape[:2], task.size)
        for row, text in enumerate(texts):
            if text.words:
                logits[row, _first_tokens(text)] = tagger.logits(text.words)
        return split_outputs(logits, task.trim)

    return predict


def _labelled(piece: Piece) -> Iterator[tuple[list[str], Tensor]]:
    """The words of each labelled text, and what is right of them."""
    for text, labels in zip(piece.texts, piece.targets["labels"], strict=True):
        right = labels[_first_tokens(text)]
        if text.words and right[0, 0] != IGNORED:
            yield text.words, right


def _first_tokens(text: Text) -> list[int]:
    return [place.token for place in text.places]
