"""Viterbi decoding and marginals of a linear-chain CRF (Lafferty et al., 2001), in numpy.

Scores have the shape (rows, words, tags), with at least one word; transitions (tags, tags), from
a tag to the next; lengths (rows,), in words. The first word follows tag 0; the last word has no
end transition (`arabic_mtl.tasks.losses`).
"""

import numpy as np

from arabic_mtl.decoders.base import Floats, softmax
from arabic_mtl.text.ragged import Integers

_LEAST = 1e-300  # keeps the logarithm finite where all paths to a tag underflow


def best_path(scores: Floats, transitions: Floats, lengths: Integers) -> Integers:
    """Returns the likeliest tags (rows, words) by Viterbi (1967); 0 after a row's last word."""
    _, words, tags = scores.shape
    best = scores[:, 0] + transitions[0]
    came_from = []
    for word in range(1, words):
        paths = best[:, :, None] + transitions
        inside = (word < lengths)[:, None]
        came_from.append(np.where(inside, paths.argmax(axis=1), np.arange(tags)))
        best = np.where(inside, paths.max(axis=1) + scores[:, word], best)
    path = [best.argmax(axis=1)]
    for source in reversed(came_from):
        path.append(np.take_along_axis(source, path[-1][:, None], axis=1)[:, 0])
    return np.where(np.arange(words) < lengths[:, None], np.stack(path[::-1], axis=1), 0)


def marginals(scores: Floats, transitions: Floats, lengths: Integers) -> Floats:
    """Returns the marginal probability of each tag of each word (rows, words, tags).

    The values after a row's last word have no meaning.
    """
    forward = _forward(scores, transitions)
    backward = _backward(scores, transitions, lengths)
    return softmax(forward + backward)


def _forward(scores: Floats, transitions: Floats) -> Floats:
    """Returns the log-sums over all paths up to each tag of each word (rows, words, tags)."""
    states = [scores[:, 0] + transitions[0]]
    for word in range(1, scores.shape[1]):
        states.append(_step(states[-1], transitions) + scores[:, word])
    return np.stack(states, axis=1)


def _backward(scores: Floats, transitions: Floats, lengths: Integers) -> Floats:
    """Returns the log-sums over all paths from each tag of each word to the last word."""
    states = [np.zeros_like(scores[:, 0])]
    for word in range(scores.shape[1] - 1, 0, -1):
        state = _step(states[-1] + scores[:, word], transitions.T)
        states.append(np.where((word < lengths)[:, None], state, 0.0))
    return np.stack(states[::-1], axis=1)


def _step(state: Floats, transitions: Floats) -> Floats:
    """Returns the log-sums over the previous tags (rows, tags), by a matrix product."""
    highest = state.max(axis=1, keepdims=True)
    summed = np.exp(state - highest) @ np.exp(transitions)
    log_sums: Floats = np.log(np.maximum(summed, _LEAST)) + highest
    return log_sums
