"""Files of texts, annotated: each kind is read, and written again with what a model says.

>>> from io import BytesIO
>>> found = READERS["jsonl"](field="tweet").records(BytesIO(b'{"tweet": "a"}'), len, print)
>>> next(found).text
'a'

`annotate` goes between a reader and a writer. Nothing is in memory but what is being annotated,
and none of this needs torch.
"""

from arabic_mtl.formats.base import Annotated, Model, Reader, Record, Writer, annotate
from arabic_mtl.formats.choice import READERS, WITH_FIELDS, WRITERS, input_format, output_format
from arabic_mtl.formats.corpus import Corpus, Split
from arabic_mtl.formats.semeval2016 import SemEval2016

__all__ = [
    "READERS",
    "WITH_FIELDS",
    "WRITERS",
    "Annotated",
    "Corpus",
    "Model",
    "Reader",
    "Record",
    "SemEval2016",
    "Split",
    "Writer",
    "annotate",
    "input_format",
    "output_format",
]
