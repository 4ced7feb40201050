"""TF-IDF vectors of texts: word and character n-grams."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

Views = tuple[str, ...]
"""The strings that describe an item, such as a text and the target in it."""

_MARK = "\u2402"
_MOST = 20_000  # n-grams of a kind in a view; on the hotel reviews more do not change a score


def tfidf(views: int) -> Any:
    """Builds the vectoriser of `Views`: word 1- to 2-grams and character 2- to 5-grams per view.

    Every view starts with a mark, which gives an empty view a feature of its own: the target of
    an opinion without a target, for instance.

    Args:
        views: The number of views of each item.

    Returns:
        A scikit-learn transformer, not yet fitted.
    """
    kinds: dict[str, dict[str, Any]] = {
        "words": {"token_pattern": r"\S+", "ngram_range": (1, 2)},
        "letters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
    }
    shared: dict[str, Any] = {"sublinear_tf": True, "max_features": _MOST}
    return FeatureUnion(
        [
            (
                f"{name} {view}",
                TfidfVectorizer(preprocessor=partial(_marked_view, view), **kind, **shared),
            )
            for view in range(views)
            for name, kind in kinds.items()
        ]
    )


def join_words(words: Sequence[str]) -> str:
    """Returns words as a view."""
    return " ".join(words)


def _marked_view(index: int, views: Views) -> str:
    return f"{_MARK} {views[index]}"
