"""Texts as sparse vectors: TF-IDF of words and of letters."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

Views = tuple[str, ...]
"""What there is to see of an item, side by side, such as a text and the target in it."""

_MARK = "\u2402"
_MOST = 20_000  # n-grams of a kind in a view; on the hotel reviews, more change no score


def tfidf(views: int) -> Any:
    """Makes vectors of `Views`: word 1- and 2-grams and character 2- to 5-grams of each view.

    Every view begins with a mark. It is all that there is of an empty view, which is thereby
    told from others, as the target of an opinion that names none.

    Args:
        views: How many there are of each item.

    Returns:
        A scikit-learn transformer, to be fitted.
    """
    kinds: dict[str, dict[str, Any]] = {
        "words": {"token_pattern": r"\S+", "ngram_range": (1, 2)},
        "letters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
    }
    shared: dict[str, Any] = {"sublinear_tf": True, "max_features": _MOST}
    return FeatureUnion(
        [
            (f"{name} {view}", TfidfVectorizer(preprocessor=partial(_view, view), **kind, **shared))
            for view in range(views)
            for name, kind in kinds.items()
        ]
    )


def joined(words: Sequence[str]) -> str:
    """Words as a view."""
    return " ".join(words)


def _view(number: int, views: Views) -> str:
    return f"{_MARK} {views[number]}"
