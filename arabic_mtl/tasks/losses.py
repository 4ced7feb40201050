"""Summed losses: cross-entropy, and the negative log-likelihood of a linear-chain CRF."""

import torch
from torch import Tensor, nn
from torch.nn import functional

IGNORED = -100
"""The label of what is not to be learned: unlabelled rows, word pieces, padding."""

_LEAST = 1e-30  # the logarithm's argument where all ways to a tag have vanished


def summed_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """The summed loss of labels (…), none where they are `IGNORED`.

    Args:
        logits: (…, outputs).
        labels: The number of each right output.
        weights: What each output counts (outputs,); 1 if not given.
    """
    return functional.cross_entropy(
        logits.flatten(0, -2).float(),
        labels.flatten(),
        weights,
        ignore_index=IGNORED,
        reduction="sum",
    )


def negative_log_likelihood(
    scores: Tensor, transitions: Tensor, tags: Tensor, lengths: Tensor
) -> Tensor:
    """Returns how unlikely the right tags of each row are (rows,): Lafferty et al., 2001.

    The first word follows tag 0, and nothing is known of what follows the last; how a chain
    decides is in `arabic_mtl.decoders.chain`.

    Args:
        scores: (rows, words, tags), with one word or more.
        transitions: From a tag to the next: (tags, tags).
        tags: The right ones (rows, words).
        lengths: In words: (rows,).
    """
    total = _partition(_forward(scores, transitions), lengths)
    return total - _score(scores, transitions, tags, lengths)


def words_of(mask: Tensor) -> tuple[Tensor, Tensor]:
    """The tokens where a mask is set, in order (rows, words), and how many there are (rows,).

    There is one or more; behind a row's last they are any others.
    """
    lengths = mask.sum(dim=1)
    longest = max(int(lengths.max()) if len(lengths) else 0, 1)
    order = torch.argsort((~mask).long(), dim=1, stable=True)
    return order[:, :longest], lengths


def at(values: Tensor, places: Tensor) -> Tensor:
    """Values (rows, tokens, size) at some tokens of each row (rows, words, size)."""
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[-1]))


def _step(state: Tensor, transitions: Tensor) -> Tensor:
    """Sums over the tags before, as a product of matrices: logarithms of (rows, tags)."""
    highest = state.amax(dim=1, keepdim=True).detach()
    with torch.autocast(state.device.type, enabled=False):  # half the digits are too few
        summed = (state - highest).exp() @ transitions.exp()
    return summed.clamp(min=_LEAST).log() + highest


def _forward(scores: Tensor, transitions: Tensor) -> Tensor:
    """Of all ways to the tags of each word: (rows, words, tags)."""
    states = [scores[:, 0] + transitions[0]]
    for word in range(1, scores.shape[1]):
        states.append(_step(states[-1], transitions) + scores[:, word])
    return torch.stack(states, dim=1)


def _partition(ahead: Tensor, lengths: Tensor) -> Tensor:
    """Of all paths of each row: (rows,); 0 of a row without words."""
    last = ahead[torch.arange(len(ahead), device=ahead.device), (lengths - 1).clamp(min=0)]
    return torch.where(lengths > 0, last.logsumexp(dim=1), 0.0)


def _score(scores: Tensor, transitions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
    """Of one path of each row: (rows,)."""
    own = scores.gather(2, tags[..., None])[..., 0]
    before = nn.functional.pad(tags, (1, 0))[:, :-1]
    inside = torch.arange(scores.shape[1], device=scores.device) < lengths[:, None]
    return ((own + transitions[before, tags]) * inside).sum(dim=1)
