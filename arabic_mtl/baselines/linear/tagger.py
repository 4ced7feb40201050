"""Tags by a conditional random field (Lafferty et al., 2001), and letters to leave out by SVMs."""

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

# On the hotel reviews other priors score the same, and half the iterations up to a point less.
_CRF: dict[str, Any] = {"algorithm": "lbfgs", "c1": 0.1, "c2": 0.1, "max_iterations": 100}
_LEAST = 1e-6  # probability of a tag
_HASHED = 2**16  # features


class Tagger:
    """Tags the words of texts, and says what a span leaves out of its first word and its last.

    Args:
        task: Its tags, and how many letters may be left out.
        texts: The words of each.
        right: What is right of the words of each (words, 3): tag, letters left out of them where
            a span begins and where it ends, `IGNORED` elsewhere.
    """

    def __init__(
        self, task: TokenClassification, texts: Sequence[Sequence[str]], right: Sequence[Tensor]
    ) -> None:
        features = [word_features(words) for words in texts]
        self._tags, self._crf = task.tags, CRF(**_CRF)
        self._crf.fit(features, [list(map(str, labels[:, 0].tolist())) for labels in right])
        self._hash = FeatureHasher(_HASHED, input_type="string")
        hashed = self._hash.transform([of_word for of_text in features for of_word in of_text])
        _, *trims = torch.cat(list(right)).unbind(dim=1)
        self._trims = [_svms(hashed, letters, task.trim + 1) for letters in trims]

    def logits(self, words: Sequence[str]) -> Tensor:
        """Of one or more words of a text: (words, outputs of the task).

        Those of tags are the logarithms of the CRF's marginal probabilities.
        """
        features = word_features(words)
        hashed = self._hash.transform(features)
        trims = [torch.from_numpy(svms.margins(hashed)).float() for svms in self._trims]
        return torch.cat([self._marginals(features).clamp(min=_LEAST).log(), *trims], dim=1)

    def _marginals(self, features: list[list[str]]) -> Tensor:
        """The probability of each tag of each word (words, tags); 0 of those never seen."""
        seen = self._crf.classes_
        found = self._crf.predict_marginals_single(features)
        marginals = torch.zeros(len(features), self._tags)
        marginals[:, list(map(int, seen))] = torch.tensor([[of[t] for t in seen] for of in found])
        return marginals


def _svms(hashed: Any, letters: Tensor, most: int) -> OneVsRest:
    known = (letters != IGNORED).nonzero()[:, 0]
    return OneVsRest(hashed[known.numpy()], one_hot(letters[known], most).numpy(), 1.0)
