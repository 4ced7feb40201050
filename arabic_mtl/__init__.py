"""Multi-task learning for Arabic text: one shared encoder, several tasks trained together.

>>> from arabic_mtl import load  # loads a trained model to annotate raw text
>>> from arabic_mtl.data import MultiTaskData  # corpora to batches and data frames
>>> from arabic_mtl.training import MultiTaskModule  # encoder and heads
"""

import sys

# `python -m arabic_mtl` may be called in someone else's model folder, which Python puts first on
# sys.path: a file there that is named like an imported module would be run. Hence this precedes
# all other imports.
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
    """Loads a trained model to annotate raw text: see `arabic_mtl.inference.load`."""
    from arabic_mtl.inference import load as load_model  # keeps `import arabic_mtl` fast

    return load_model(path, device=device, backend=backend)
