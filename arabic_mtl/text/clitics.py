"""Proclitics: conjunctions, prepositions and the article, which Arabic joins to a word."""

import re

from tokenizers import Regex, pre_tokenizers
from tokenizers.pre_tokenizers import PreTokenizer

# Each proclitic is split off only if enough letters remain: و, then the first letter of فال, بال
# and كال, then لل. The list covers the proclitics after which opinion targets often start.
_PROCLITICS = (r"^و(?=[ء-ي]{3})", r"^[فبك](?=ال[ء-ي]{2})", r"^لل(?=[ء-ي]{2})")


def proclitic_splitter(words: PreTokenizer) -> PreTokenizer:
    """Returns a pre-tokenizer that makes each proclitic a separate word.

    Args:
        words: The pre-tokenizer that splits a text into words first.
    """
    splits = [pre_tokenizers.Split(Regex(pattern), behavior="isolated") for pattern in _PROCLITICS]
    return pre_tokenizers.Sequence([words, *splits])


def proclitics(word: str) -> list[int]:
    """Returns the offsets at which the proclitics and the rest of an unmarked word begin.

    >>> proclitics("وبالموقع")
    [0, 1, 2]
    """
    starts = [0]
    for pattern in _PROCLITICS:
        if match := re.match(pattern, word[starts[-1] :]):
            starts.append(starts[-1] + match.end())
    return starts
