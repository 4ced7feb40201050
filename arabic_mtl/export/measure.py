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
    """What the model itself says."""
    network = model.network

    @torch.inference_mode()
    def logits(batch: Batch) -> dict[str, Logits]:
        hidden = batch.encode(network.encoder)
        return {
            name: head(
                hidden[batch.rows[name]], batch.tokens[batch.rows[name]], batch.targets[name]
            )
            for name, head in network.heads.items()
        }

    return logits


def by_graph(session: Session, says: LogitsSource) -> LogitsSource:
    """What a graph says, in the form in which the model says it."""

    def logits(batch: Batch) -> dict[str, Logits]:
        return {name: _like(of, session, batch, name) for name, of in says(batch).items()}

    return logits


def _like(expected: Logits, session: Session, batch: Batch, name: str) -> Logits:
    targets = batch.targets[name]
    asked = [targets["spans"], targets["given"][:, None]] if "given" in targets else None
    spans = None if asked is None else torch.cat(asked, dim=1).numpy()
    rows = batch.tokens[batch.rows[name]].encodings()
    found = {k: torch.from_numpy(v) for k, v in session.read(rows)(name, spans).items()}
    return found["logits"] if isinstance(expected, torch.Tensor) else type(expected)(**found)


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
