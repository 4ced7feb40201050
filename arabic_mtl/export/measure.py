"""What a model gains and loses by being a graph, or one of eight bits."""

import time
from collections.abc import Mapping
from statistics import median

import torch

from arabic_mtl.data.store import Track
from arabic_mtl.evaluation import LogitsSource
from arabic_mtl.export.folder import Opened
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.load import annotator
from arabic_mtl.inference.session import Session
from arabic_mtl.model.batch import Batch
from arabic_mtl.model.heads import Logits

ROUNDS = 5


def by_torch(model: Opened) -> LogitsSource:
    """Returns the logits of the model itself."""

    @torch.inference_mode()
    def logits(batch: Batch) -> dict[str, Logits]:
        found: dict[str, Logits] = model.network(batch)
        return found

    return logits


def by_graph(session: Session) -> LogitsSource:
    """Returns the logits of a graph, in the shapes of the model's, of tasks with rows alone."""

    def logits(batch: Batch) -> dict[str, Logits]:
        return {name: _asked(session, batch, name) for name in batch.rows if batch.origin_of(name)}

    return logits


def _asked(session: Session, batch: Batch, name: str) -> Logits:
    targets = batch.targets[name]
    asked = [targets["spans"], targets["given"][:, None]] if "given" in targets else None
    spans = None if asked is None else torch.cat(asked, dim=1).numpy()
    rows = batch.tokens[batch.rows[name]].encodings()
    logits = session.read(rows)(name, spans)
    return {key: torch.from_numpy(values) for key, values in logits.items()}


def speeds(annotators: Mapping[str, Annotator], texts: list[str], track: Track) -> dict[str, float]:
    """Texts per second of CPU time, raw text to annotations: medians of rounds in turn.

    Args:
        annotators: By name.
        texts: To annotate.
        track: Shows how far it is.
    """
    seconds: dict[str, list[float]] = {name: [] for name in annotators}
    for _ in track(range(ROUNDS), "Measuring speed"):
        for name, annotate in annotators.items():
            start = time.process_time()
            annotate(texts)
            seconds[name].append(time.process_time() - start)
    return {name: len(texts) / median(of) for name, of in seconds.items()}


def used(model: Opened, session: Session) -> Annotator:
    """A model in use, by one of its graphs."""
    return annotator(model.parts, session.read)
