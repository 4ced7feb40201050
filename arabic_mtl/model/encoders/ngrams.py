"""Vectors of words from their letter n-grams, also for words outside the vocabulary."""

import numpy as np
import torch
from torch import Tensor, nn

from arabic_mtl.text.ngrams import NO_NGRAM, ngram_hashes


class NgramBag(nn.Module):
    """The mean of the vectors of a word's letter n-grams (Bojanowski et al., 2017).

    An n-gram's vector is chosen by a hash of its letters, so that no vocabulary is needed.
    N-grams at the start and the end of a word are distinct from those inside.

    Args:
        buckets: The number of vectors.
        size: The length of a vector.
    """

    def __init__(self, buckets: int, size: int) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, size, mode="mean", include_last_offset=True)

    def forward(self, char_codes: Tensor, word_lengths: Tensor) -> Tensor:
        """Computes the vectors of words from their letters.

        Args:
            char_codes: The code points of each row's words, concatenated (rows, letters).
            word_lengths: The number of letters of each word (rows, words).

        Returns:
            (rows, words, size); zero for a word without letters.
        """
        device = char_codes.device
        position = torch.arange(char_codes.shape[1], device=device)
        flat = char_codes[position < word_lengths.sum(dim=1, keepdim=True)]
        hashes, word = ngram_hashes(flat.cpu().numpy(), word_lengths.flatten().cpu().numpy())
        counts = np.bincount(word, minlength=word_lengths.numel())
        offsets = np.concatenate([[0], counts.cumsum()])
        buckets = torch.from_numpy(hashes % self.bag.num_embeddings).to(device)
        vectors: Tensor = self.bag(buckets, torch.from_numpy(offsets).to(device))
        return vectors.view(*word_lengths.shape, self.bag.embedding_dim)

    def embed_table(self, ngrams: Tensor) -> Tensor:
        """Computes the vectors of words from a table of `arabic_mtl.text.ngrams.ngram_table`.

        Args:
            ngrams: The hashes of each word's n-grams, padded with `NO_NGRAM` (words, n-grams).

        Returns:
            (words, size).
        """
        known = ngrams != NO_NGRAM
        vectors = self.bag.weight[ngrams.clamp(min=0) % self.bag.num_embeddings]
        sums = (vectors * known[..., None]).sum(dim=1)
        return sums / known.sum(dim=1, keepdim=True).clamp(min=1)
