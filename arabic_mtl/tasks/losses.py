"""Summed losses: cross-entropy, and the negative log-likelihood of a linear-chain CRF."""

import torch
from torch import Tensor, nn
from torch.nn import functional

IGNORED = -100
"""The label of items without loss: unlabelled rows, later tokens of a word, padding."""

_LEAST = 1e-30  # keeps the logarithm finite where all paths to a tag underflow


def summed_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Returns the sum of the cross-entropies of all labels that are not `IGNORED`.

    Args:
        logits: (…, outputs).
        labels: The indices of the gold outputs (…).
        weights: The weight of each output (outputs,); 1 by default.
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
    """Returns the CRF loss of the gold tags of each row (rows,) (Lafferty et al., 2001).

    The first word follows tag 0; the last word has no end transition. The decoder is
    `arabic_mtl.decoders.chain`.

    Args:
        scores: (rows, words, tags), with at least one word.
        transitions: The scores from each tag to the next one (tags, tags).
        tags: The gold tags (rows, words).
        lengths: The number of words of each row (rows,).
    """
    total = _partition(_forward(scores, transitions), lengths)
    return total - _score(scores, transitions, tags, lengths)


def masked_positions(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the positions where a mask is set (rows, words), and their number (rows,).

    The result has at least one column; the values after a row's last position are arbitrary.
    """
    lengths = mask.sum(dim=1)
    longest = max(int(lengths.max()) if len(lengths) else 0, 1)
    order = torch.argsort((~mask).long(), dim=1, stable=True)
    return order[:, :longest], lengths


def gather_tokens(values: Tensor, positions: Tensor) -> Tensor:
    """Returns the values at some positions of each row (rows, words, size).

    Args:
        values: (rows, tokens, size).
        positions: Indices of tokens (rows, words).
    """
    return values.gather(1, positions[..., None].expand(-1, -1, values.shape[-1]))


def _step(state: Tensor, transitions: Tensor) -> Tensor:
    """Returns the log-sums over the previous tags (rows, tags), by a matrix product."""
    highest = state.amax(dim=1, keepdim=True).detach()
    with torch.autocast(state.device.type, enabled=False):  # half precision is too coarse
        summed = (state - highest).exp() @ transitions.exp()
    return summed.clamp(min=_LEAST).log() + highest


def _forward(scores: Tensor, transitions: Tensor) -> Tensor:
    """Returns the log-sums over all paths up to each tag of each word (rows, words, tags)."""
    states = [scores[:, 0] + transitions[0]]
    for word in range(1, scores.shape[1]):
        states.append(_step(states[-1], transitions) + scores[:, word])
    return torch.stack(states, dim=1)


def _partition(forward: Tensor, lengths: Tensor) -> Tensor:
    """Returns the log-sum over all paths of each row (rows,); 0 for a row without words."""
    last = forward[torch.arange(len(forward), device=forward.device), (lengths - 1).clamp(min=0)]
    return torch.where(lengths > 0, last.logsumexp(dim=1), 0.0)


def _score(scores: Tensor, transitions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
    """Returns the score of one path of each row (rows,)."""
    own = scores.gather(2, tags[..., None])[..., 0]
    previous = nn.functional.pad(tags, (1, 0))[:, :-1]
    inside = torch.arange(scores.shape[1], device=scores.device) < lengths[:, None]
    return ((own + transitions[previous, tags]) * inside).sum(dim=1)
