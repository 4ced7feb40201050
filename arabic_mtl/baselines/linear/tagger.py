"""A linear-chain CRF tagger (Lafferty et al., 2001), with SVMs that trim letters of words."""

from collections.abc import Sequence
from typing import Any

import torch
from sklearn.feature_extraction import FeatureHasher
from sklearn_crfsuite import CRF
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.baselines.linear.svm import OneVsRest
from arabic_mtl.baselines.linear.words import word_features
from arabic_mtl.tasks import TokenClassification
from arabic_mtl.tasks.losses import IGNORED

# On the hotel reviews other priors score the same; half the iterations score up to a point less.
_CRF: dict[str, Any] = {"algorithm": "lbfgs", "c1": 0.1, "c2": 0.1, "max_iterations": 100}
_LEAST = 1e-6  # smallest probability of a tag: the logarithm of 0 is infinite
_HASHED = 2**16  # columns of the hashed features


class Tagger:
    """A tagger of words, which also predicts the letters that a span leaves out of a word.

    Args:
        task: The task, which defines the tags and the most letters that are left out.
        texts: The words of each text.
        gold: The gold labels of each text's words (words, 3): the tag; the number of letters left
            out at the start of the word if a span starts there; and at its end if a span ends
            there. `IGNORED` marks all other words.
    """

    def __init__(
        self, task: TokenClassification, texts: Sequence[Sequence[str]], gold: Sequence[Tensor]
    ) -> None:
        features = [word_features(words) for words in texts]
        self._tags, self._crf = task.tags, CRF(**_CRF)
        self._crf.fit(features, [list(map(str, labels[:, 0].tolist())) for labels in gold])
        self._hash = FeatureHasher(_HASHED, input_type="string")
        hashed = self._hash.transform([word for text in features for word in text])
        _, *trims = torch.cat(list(gold)).unbind(dim=1)
        self._trims = [_svms(hashed, letters, task.trim + 1) for letters in trims]

    def logits(self, words: Sequence[str]) -> Tensor:
        """Returns the logits of a text with one word or more (words, outputs of the task).

        The logits of tags are the logarithms of the CRF's marginal probabilities.
        """
        features = word_features(words)
        hashed = self._hash.transform(features)
        trims = [torch.from_numpy(svms.margins(hashed)).float() for svms in self._trims]
        return torch.cat([self._marginals(features).clamp(min=_LEAST).log(), *trims], dim=1)

    def _marginals(self, features: list[list[str]]) -> Tensor:
        """Returns the marginal probabilities (words, tags); 0 for tags not seen in training."""
        tags = self._crf.classes_
        words = self._crf.predict_marginals_single(features)
        marginals = torch.zeros(len(features), self._tags)
        marginals[:, list(map(int, tags))] = torch.tensor(
            [[word[t] for t in tags] for word in words]
        )
        return marginals


def _svms(hashed: Any, letters: Tensor, outputs: int) -> OneVsRest:
    rows = (letters != IGNORED).nonzero()[:, 0]
    return OneVsRest(hashed[rows.numpy()], one_hot(letters[rows], outputs).numpy(), 1.0)
