"""What a model gains and loses by being a graph, or one of eight bits."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.progress import track

from arabic_mtl.annotate import Annotator
from arabic_mtl.annotate.load import annotator
from arabic_mtl.annotate.session import Session
from arabic_mtl.data import MultiTaskData
from arabic_mtl.export.folder import Opened
from arabic_mtl.heads import Logits
from arabic_mtl.model.scores import Scores
from arabic_mtl.tasks import Batch

ROUNDS = 5

Says = Callable[[Batch], Mapping[str, Logits]]
"""The logits of all tasks for a batch."""


def by_torch(model: Opened) -> Says:
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


def by_graph(session: Session, says: Says) -> Says:
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


def scores(says: Says, data: MultiTaskData, title: str) -> dict[str, float]:
    """``task/metric`` on the validation texts, 0..1.

    Args:
        says: The model.
        data: Is set up.
        title: What the progress bar is called.
    """
    counted = Scores(data.tasks)
    batches = [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.val_dataloader()]
    for batch in _shown(batches, title):
        counted.update(says(batch), batch)
    return {k: float(v) for k, v in counted.compute().items() if not k.endswith("loss")}


def speeds(annotators: Mapping[str, Annotator], texts: list[str]) -> dict[str, float]:
    """Texts per second of CPU time, raw text to annotations: medians of rounds in turn.

    Args:
        annotators: By name.
        texts: To annotate.
    """
    seconds: dict[str, list[float]] = {name: [] for name in annotators}
    for _ in _shown(range(ROUNDS), "Measuring speed"):
        for name, annotate in annotators.items():
            start = time.process_time()
            annotate(texts)
            seconds[name].append(time.process_time() - start)
    return {name: len(texts) / median(of) for name, of in seconds.items()}


def used(model: Opened, session: Session) -> Annotator:
    """A model in use, by one of its graphs."""
    return annotator(model.parts, session.read)


def _shown(work: Sequence[Any], title: str) -> Iterable[Any]:
    console = Console(stderr=True)
    return track(work, title, console=console, transient=True, disable=not console.is_terminal)
