"""Vectors for the letter n-grams of words: any word has some, known or not."""

import torch
from torch import Tensor, nn

LONGEST = 5
"""Letters of the longest n-grams, the marks at a word's ends included; the shortest have two."""

_BEGIN, _END = 2, 3  # control characters, which stand in no text
_FACTOR = 1_000_003
_MIX = 0x9E3779B1


class NgramBag(nn.Module):
    """The mean of the vectors of a word's letter n-grams (Bojanowski et al., 2017).

    An n-gram's vector is found by a hash of its letters, so that no vocabulary is needed; the
    first and the last letters of a word are told from those inside.

    Args:
        buckets: The number of vectors.
        size: Their length.
    """

    def __init__(self, buckets: int, size: int) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, size, mode="mean", include_last_offset=True)

    def forward(self, letters: Tensor, sizes: Tensor) -> Tensor:
        """The letters of words → their vectors.

        Args:
            letters: Code points, word after word (rows, letters).
            sizes: Letters of each word (rows, words).

        Returns:
            (rows, words, size); zero for a word without letters.
        """
        place = torch.arange(letters.shape[1], device=letters.device)
        flat = letters[place < sizes.sum(dim=1, keepdim=True)]
        hashes, word = ngram_hashes(flat, sizes.flatten())
        ends = torch.bincount(word, minlength=sizes.numel()).cumsum(dim=0)
        offsets = torch.cat([ends.new_zeros(1), ends])
        vectors: Tensor = self.bag(hashes % self.bag.num_embeddings, offsets)
        return vectors.view(*sizes.shape, self.bag.embedding_dim)


def ngram_hashes(letters: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
    """A hash of each n-gram, and the number of the word that it is in; words in order.

    Args:
        letters: Code points of all words (letters,).
        sizes: Letters of each word (words,).
    """
    marked, word = _with_marks(letters, sizes)
    rolling, hashes, inside = marked, [], []
    for length in range(2, LONGEST + 1):
        rolling = rolling[:-1] * _FACTOR + marked[length - 1 :]
        whole = word[: len(rolling)] == word[length - 1 :]
        missing = len(marked) - len(rolling)
        hashes.append(nn.functional.pad(rolling, (0, missing)))
        inside.append(nn.functional.pad(whole, (0, missing)))
    found = torch.stack(inside, dim=1)  # (letters, lengths)
    mixed = torch.stack(hashes, dim=1)[found] * _MIX
    return (mixed ^ (mixed >> 29)) & 0x7FFFFFFF, word[:, None].expand_as(found)[found]


def _with_marks(letters: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
    """All words with a mark at either end, and the word of each letter and mark."""
    longer = torch.where(sizes > 0, sizes + 2, 0)
    word = torch.repeat_interleave(torch.arange(len(sizes), device=sizes.device), longer)
    last = longer.cumsum(dim=0) - 1
    marked = torch.full_like(word, 0)
    begin, end = (last - longer + 1)[sizes > 0], last[sizes > 0]
    marked[begin], marked[end] = _BEGIN, _END
    inside = torch.ones_like(marked, dtype=torch.bool)
    inside[begin], inside[end] = False, False
    marked[inside] = letters
    return marked, word
