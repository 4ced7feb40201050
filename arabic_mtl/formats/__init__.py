"""File formats: read for training or for annotation, and written with annotations.

>>> from io import BytesIO
>>> records = Records(text="tweet").stream(BytesIO(b'{"tweet": "a"}'))
>>> next(records).example.text
'a'

`annotate` connects the stream of one format with the writer of another. Only the texts that are
being annotated are in memory, and nothing in this package needs torch.
"""

from arabic_mtl.formats.base import Format, Located, WrongFile
from arabic_mtl.formats.choice import READERS, WITH_FIELDS, WRITERS, input_format, output_format
from arabic_mtl.formats.conll.conll import Conll
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.notices import Notice, Notices
from arabic_mtl.formats.options import Files, Split
from arabic_mtl.formats.recognition import Recognized, known_formats, recognize
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.records.records import Records
from arabic_mtl.formats.table.table import Table
from arabic_mtl.formats.text import Text
from arabic_mtl.formats.writer import Annotated, Model, Writer, annotate
from arabic_mtl.formats.xml.semeval2014 import SemEval2014
from arabic_mtl.formats.xml.semeval2016 import SemEval2016

__all__ = [
    "READERS",
    "WITH_FIELDS",
    "WRITERS",
    "Annotated",
    "Conll",
    "Files",
    "Format",
    "Guess",
    "Layers",
    "Located",
    "Model",
    "Notice",
    "Notices",
    "Recognized",
    "Record",
    "Records",
    "SemEval2014",
    "SemEval2016",
    "Split",
    "Table",
    "Text",
    "Writer",
    "WrongFile",
    "annotate",
    "input_format",
    "known_formats",
    "output_format",
    "recognize",
]
