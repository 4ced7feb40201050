"""Builders of token batches."""

from collections.abc import Sequence
from dataclasses import fields

import torch

from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import FIELDS


def pad(encodings: Sequence[Encoding], pad_id: int = 0) -> Tokens:
    """Returns a padded batch of encodings."""
    return Tokens.pad({name: [getattr(e, name) for e in encodings] for name in FIELDS}, pad_id)


def blank(rows: int, width: int) -> Tokens:
    """Returns a batch whose fields are all ones, for modules that read only shape and mask."""
    ones = torch.ones(rows, width, dtype=torch.long)
    return Tokens(**{field.name: ones for field in fields(Tokens)})
