"""Measurement of the logits and the speed of exported graphs."""

import time
from collections.abc import Mapping
from statistics import median

import torch

from arabic_mtl.data.track import Track
from arabic_mtl.evaluation import LogitsSource
from arabic_mtl.export.folder import TrainedModel
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.load import annotator
from arabic_mtl.inference.session import Session
from arabic_mtl.model.batch import Batch
from arabic_mtl.model.heads import Logits

ROUNDS = 5


def torch_logits(model: TrainedModel) -> LogitsSource:
    """Returns a function that computes the torch model's logits of a batch."""

    @torch.inference_mode()
    def logits(batch: Batch) -> dict[str, Logits]:
        results: dict[str, Logits] = model.network(batch)
        return results

    return logits


def graph_logits(session: Session) -> LogitsSource:
    """Returns a function that computes a graph's logits of a batch, for tasks that have rows."""

    def logits(batch: Batch) -> dict[str, Logits]:
        tasks = [name for name in batch.rows if batch.origin_of(name)]
        return {name: _task_logits(session, batch, name) for name in tasks}

    return logits


def _task_logits(session: Session, batch: Batch, name: str) -> Logits:
    """Returns a graph's logits of one task, in the shapes of the torch model's logits."""
    targets = batch.targets[name]
    spans = None
    if "conditions" in targets:
        spans = torch.cat([targets["spans"], targets["conditions"][:, None]], dim=1).numpy()
    rows = batch.tokens[batch.rows[name]].encodings()
    logits = session.read(rows)(name, spans)
    return {key: torch.from_numpy(values) for key, values in logits.items()}


def measure_speeds(
    annotators: Mapping[str, Annotator], texts: list[str], track: Track
) -> dict[str, float]:
    """Returns name to texts per second of CPU time, from raw text to annotations.

    Each value is a median over `ROUNDS` rounds, in which the annotators take turns.

    Args:
        annotators: Name to an annotator.
        texts: The texts to annotate.
        track: The function that shows progress.
    """
    seconds: dict[str, list[float]] = {name: [] for name in annotators}
    for _ in track(range(ROUNDS), "Measuring speed"):
        for name, annotate in annotators.items():
            start = time.process_time()
            annotate(texts)
            seconds[name].append(time.process_time() - start)
    return {name: len(texts) / median(rounds) for name, rounds in seconds.items()}


def graph_annotator(model: TrainedModel, session: Session) -> Annotator:
    """Returns an annotator that runs one of a model's graphs."""
    return annotator(model.parts, session.read)
