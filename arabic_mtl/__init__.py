"""One Arabic encoder, many tasks, trained together.

>>> from arabic_mtl import load  # a trained model, for use on raw text
>>> from arabic_mtl.data import MultiTaskData  # corpora in, batches and data frames out
>>> from arabic_mtl.training import MultiTaskModule  # encoder and heads
"""

import sys

# `python -m arabic_mtl` may be called in someone else's model folder: without this, a file named
# like any imported module would be run from there. Before all other imports.
if (
    sys.argv[0] == "-m"
    and any("arabic_mtl" in word for word in sys.orig_argv[1:])
    and not sys.flags.safe_path
):
    del sys.path[0]

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from arabic_mtl.documents import AnnotatedSpan, Annotation, LabelScore

if TYPE_CHECKING:
    from arabic_mtl.inference import Annotator

__version__ = "0.2.0"

__all__ = ["AnnotatedSpan", "Annotation", "LabelScore", "load"]


def load(
    path: str | Path, *, device: str = "cpu", backend: Literal["torch", "onnx"] = "torch"
) -> "Annotator":
    """Loads a trained model, for use on raw text: see `arabic_mtl.inference.load`."""
    from arabic_mtl.inference import load as load_model  # the package itself is quick to import

    return load_model(path, device=device, backend=backend)
