"""Files of texts, annotated: each kind is read, and written again with what a model says.

Nothing is in memory but what is being annotated. None of this needs torch.
"""

from arabic_mtl.formats.base import Annotated, Model, Reader, Record, Writer
from arabic_mtl.formats.choice import READERS, WITH_FIELDS, WRITERS, input_format, output_format

__all__ = [
    "READERS",
    "WITH_FIELDS",
    "WRITERS",
    "Annotated",
    "Model",
    "Reader",
    "Record",
    "Writer",
    "input_format",
    "output_format",
]
