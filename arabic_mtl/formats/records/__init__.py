"""JSON records: an object per line, or an array of objects, with a text in each."""

from arabic_mtl.formats.records.records import Records

__all__ = ["Records"]
