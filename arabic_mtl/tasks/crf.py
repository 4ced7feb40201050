"""A linear chain over the words of a text: which tags may follow which (Lafferty et al., 2001).

Scores are (rows, words, tags), with one word or more; transitions (tags, tags), from a tag to the
next; lengths (rows,), in words.
The first word follows tag 0, and nothing is said of what follows the last.
"""

import torch
from torch import Tensor, nn

FORBIDDEN = -10_000.0
"""The score of what must not be: finite, for gradients of infinity are no numbers."""

_LEAST = 1e-30  # the logarithm's argument where all ways to a tag have vanished


def negative_log_likelihood(
    scores: Tensor, transitions: Tensor, tags: Tensor, lengths: Tensor
) -> Tensor:
    """How unlikely the right tags (rows, words) of each row are: (rows,)."""
    total = _partition(_forward(scores, transitions), lengths)
    return total - _score(scores, transitions, tags, lengths)


def marginals(scores: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """The probability of each tag of each word, by way of all others: (rows, words, tags).

    Words behind a row's last have no meaningful ones.
    """
    ahead = _forward(scores, transitions)
    behind = _backward(scores, transitions, lengths)
    return (ahead + behind).softmax(dim=-1)


def best_path(scores: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """The likeliest tags of each row (rows, words), exactly (Viterbi, 1967); 0 behind its last."""
    _, words, tags = scores.shape
    best = _start(scores, transitions)
    came_from = []
    for word in range(1, words):
        score, source = (best[:, :, None] + transitions).max(dim=1)
        goes_on = (word < lengths)[:, None]
        came_from.append(torch.where(goes_on, source, torch.arange(tags, device=scores.device)))
        best = torch.where(goes_on, score + scores[:, word], best)
    path = [best.argmax(dim=1)]
    for source in reversed(came_from):
        path.append(source.gather(1, path[-1][:, None])[:, 0])
    return torch.stack(path[::-1], dim=1).masked_fill(~inside(scores, lengths), 0)


class Transitions(nn.Module):
    """Scores of tag after tag, learned but for those that BIO forbids: an I after another label.

    Args:
        tags: 0 is O, then B and I of each label (`arabic_mtl.tasks.bio`).
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(tags, tags))
        self.register_buffer("forbidden", _forbidden(tags), persistent=False)

    def forward(self) -> Tensor:
        """From a tag to the next: (tags, tags)."""
        return self.scores.float().masked_fill(self.get_buffer("forbidden"), FORBIDDEN)


def _forbidden(tags: int) -> Tensor:
    """Whether a tag must not follow another: an I follows the B or the I of its label."""
    tag = torch.arange(tags)
    label, begins, inside = (tag - 1) // 2, tag % 2 == 1, (tag > 0) & (tag % 2 == 0)
    follows = (label[:, None] == label) & (begins | inside)[:, None]
    return inside & ~follows


def _start(scores: Tensor, transitions: Tensor) -> Tensor:
    return scores[:, 0] + transitions[0]


def _step(state: Tensor, transitions: Tensor) -> Tensor:
    """Sums over the tags before, as a product of matrices: logarithms of (rows, tags)."""
    highest = state.amax(dim=1, keepdim=True).detach()
    with torch.autocast(state.device.type, enabled=False):  # half the digits are too few
        summed = (state - highest).exp() @ transitions.exp()
    return summed.clamp(min=_LEAST).log() + highest


def _forward(scores: Tensor, transitions: Tensor) -> Tensor:
    """Of all ways to the tags of each word: (rows, words, tags)."""
    states = [_start(scores, transitions)]
    for word in range(1, scores.shape[1]):
        states.append(_step(states[-1], transitions) + scores[:, word])
    return torch.stack(states, dim=1)


def _backward(scores: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """Of all ways from the tags of each word to the last: (rows, words, tags)."""
    states = [torch.zeros_like(scores[:, 0])]
    for word in range(scores.shape[1] - 1, 0, -1):
        state = _step(states[-1] + scores[:, word], transitions.T)
        states.append(torch.where((word < lengths)[:, None], state, 0.0))
    return torch.stack(states[::-1], dim=1)


def _partition(ahead: Tensor, lengths: Tensor) -> Tensor:
    """Of all paths of each row: (rows,); 0 of a row without words."""
    last = ahead[torch.arange(len(ahead), device=ahead.device), (lengths - 1).clamp(min=0)]
    return torch.where(lengths > 0, last.logsumexp(dim=1), 0.0)


def _score(scores: Tensor, transitions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
    """Of one path of each row: (rows,)."""
    own = scores.gather(2, tags[..., None])[..., 0]
    before = nn.functional.pad(tags, (1, 0))[:, :-1]
    return ((own + transitions[before, tags]) * inside(scores, lengths)).sum(dim=1)


def inside(values: Tensor, lengths: Tensor) -> Tensor:
    """Whether each word of values (rows, words, …) is one of its row's: (rows, words)."""
    return torch.arange(values.shape[1], device=values.device) < lengths[:, None]
