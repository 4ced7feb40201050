"""Vectors for the letter n-grams of words: any word has some, known or not."""

import numpy as np
import torch
from torch import Tensor, nn

from arabic_mtl.text.ngrams import NO_NGRAM, ngram_hashes


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
        hashes, word = ngram_hashes(flat.cpu().numpy(), sizes.flatten().cpu().numpy())
        offsets = np.concatenate([[0], np.bincount(word, minlength=sizes.numel()).cumsum()])
        buckets = torch.from_numpy(hashes % self.bag.num_embeddings).to(letters.device)
        vectors: Tensor = self.bag(buckets, torch.from_numpy(offsets).to(letters.device))
        return vectors.view(*sizes.shape, self.bag.embedding_dim)

    def of_table(self, ngrams: Tensor) -> Tensor:
        """The same for a table of n-grams (`arabic_mtl.text.ngrams.ngram_table`).

        Args:
            ngrams: Hashes (words, n-grams).

        Returns:
            (words, size).
        """
        known = ngrams != NO_NGRAM
        vectors = self.bag.weight[ngrams.clamp(min=0) % self.bag.num_embeddings]
        sums = (vectors * known[..., None]).sum(dim=1)
        return sums / known.sum(dim=1, keepdim=True).clamp(min=1)
