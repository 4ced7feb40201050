"""One Arabic encoder, many tasks, trained together.

>>> from arabic_mtl.data import MultiTaskData  # corpora in, batches and data frames out
>>> from arabic_mtl.model import MultiTaskModule  # encoder and heads
"""

__version__ = "0.1.0"
