"""What a linear chain over the words of a text decides, and how certainly.

Scores are (rows, words, tags), with one word or more; transitions (tags, tags), from a tag to the
next; lengths (rows,), in words. The first word follows tag 0, and nothing is said of what follows
the last (`arabic_mtl.tasks.losses`).
"""

import numpy as np

from arabic_mtl.decoders.base import Floats, softmax
from arabic_mtl.text.offsets import Integers

_LEAST = 1e-300  # the logarithm's argument where all ways to a tag have vanished


def best_path(scores: Floats, transitions: Floats, lengths: Integers) -> Integers:
    """The likeliest tags of each row (rows, words), exactly (Viterbi, 1967); 0 behind its last."""
    _, words, tags = scores.shape
    best = scores[:, 0] + transitions[0]
    came_from = []
    for word in range(1, words):
        ways = best[:, :, None] + transitions
        goes_on = (word < lengths)[:, None]
        came_from.append(np.where(goes_on, ways.argmax(axis=1), np.arange(tags)))
        best = np.where(goes_on, ways.max(axis=1) + scores[:, word], best)
    path = [best.argmax(axis=1)]
    for source in reversed(came_from):
        path.append(np.take_along_axis(source, path[-1][:, None], axis=1)[:, 0])
    return np.where(np.arange(words) < lengths[:, None], np.stack(path[::-1], axis=1), 0)


def marginals(scores: Floats, transitions: Floats, lengths: Integers) -> Floats:
    """The probability of each tag of each word, by way of all others: (rows, words, tags).

    Words behind a row's last have no meaningful ones.
    """
    ahead = _forward(scores, transitions)
    behind = _backward(scores, transitions, lengths)
    return softmax(ahead + behind)


def _forward(scores: Floats, transitions: Floats) -> Floats:
    """Of all ways to the tags of each word: (rows, words, tags)."""
    states = [scores[:, 0] + transitions[0]]
    for word in range(1, scores.shape[1]):
        states.append(_step(states[-1], transitions) + scores[:, word])
    return np.stack(states, axis=1)


def _backward(scores: Floats, transitions: Floats, lengths: Integers) -> Floats:
    """Of all ways from the tags of each word to the last: (rows, words, tags)."""
    states = [np.zeros_like(scores[:, 0])]
    for word in range(scores.shape[1] - 1, 0, -1):
        state = _step(states[-1] + scores[:, word], transitions.T)
        states.append(np.where((word < lengths)[:, None], state, 0.0))
    return np.stack(states[::-1], axis=1)


def _step(state: Floats, transitions: Floats) -> Floats:
    """Sums over the tags before, as a product of matrices: logarithms of (rows, tags)."""
    highest = state.max(axis=1, keepdims=True)
    summed = np.exp(state - highest) @ np.exp(transitions)
    ways: Floats = np.log(np.maximum(summed, _LEAST)) + highest
    return ways
