"""Tables: CSV, TSV, Excel and Parquet files with a text per row."""

from arabic_mtl.formats.table.table import Table

__all__ = ["Table"]
