"""Where Arabic writes several words as one: conjunctions, prepositions and the article."""

import re

from tokenizers import Regex, pre_tokenizers
from tokenizers.pre_tokenizers import PreTokenizer

# Split off where enough letters remain: و, then the first letter of فال, بال and كال, then لل.
# Which targets start inside a word, and how often, decides the list.
_PROCLITICS = (r"^و(?=[ء-ي]{3})", r"^[فبك](?=ال[ء-ي]{2})", r"^لل(?=[ء-ي]{2})")


def splitter(words: PreTokenizer) -> PreTokenizer:
    """A pre-tokenizer that makes each proclitic a word of its own.

    Args:
        words: Finds the words in which they are.
    """
    splits = [pre_tokenizers.Split(Regex(p), behavior="isolated") for p in _PROCLITICS]
    return pre_tokenizers.Sequence([words, *splits])


def proclitics(word: str) -> list[int]:
    """Where the parts of a word without marks begin.

    >>> proclitics("وبالموقع")
    [0, 1, 2]
    """
    starts = [0]
    for pattern in _PROCLITICS:
        if match := re.match(pattern, word[starts[-1] :]):
            starts.append(starts[-1] + match.end())
    return starts
