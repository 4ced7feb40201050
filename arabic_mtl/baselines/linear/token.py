"""Token classification: a tag for each word, at its first token."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.tagger import Tagger
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import split_outputs
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, TokenClassification
from arabic_mtl.tasks.losses import IGNORED


@learn.register
def learn_tags(task: TokenClassification, parts: Sequence[TrainingRows]) -> Predictor:
    """Learns tags from the words of the text, as the text pipeline splits them."""
    labelled = [text for rows in parts for text in _labelled(rows)]
    if not labelled:
        raise InputError(
            "the linear baseline must have labelled training texts for a tagger",
            found=f"no text with words and spans of layer {task.layer!r}",
            expected="one or more",
        )
    words, gold = zip(*labelled, strict=True)
    tagger = Tagger(task, words, gold)

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        logits = torch.zeros(*targets["labels"].shape[:2], task.size)
        for row, text in enumerate(texts):
            if text.words:
                logits[row, _first_tokens(text)] = tagger.logits(text.words)
        return split_outputs(logits, task.trim)

    return predict


def _labelled(rows: TrainingRows) -> Iterator[tuple[list[str], Tensor]]:
    """Yields the words of each labelled text, and their gold labels."""
    for text, labels in zip(rows.texts, rows.targets["labels"], strict=True):
        gold = labels[_first_tokens(text)]
        if text.words and gold[0, 0] != IGNORED:
            yield text.words, gold


def _first_tokens(text: Text) -> list[int]:
    return [word.token for word in text.word_offsets]
