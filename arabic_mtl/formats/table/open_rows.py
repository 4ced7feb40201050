"""The rows of tables in files of all kinds."""

from io import BufferedReader
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.encodings import require_encoding
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.table.parquet import ParquetRows
from arabic_mtl.formats.table.rows import RowReader, TextRows
from arabic_mtl.formats.table.sheets import SheetRows
from arabic_mtl.formats.table.table_options import TableOptions

EXCEL, PARQUET = b"PK\x03\x04", b"PAR1"
"""The first bytes of ``.xlsx`` files (as of other zip archives) and of Parquet files."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # .xls, and encrypted .xlsx files


def open_rows(file: BinaryIO, options: TableOptions, notices: Notices) -> RowReader:
    """Returns the rows of a table, whose kind its first bytes show.

    Args:
        file: The file; only text can be a pipe.
        options: The options of the table.
        notices: The counts of tolerated irregularities.

    Raises:
        InputError: If the file is an Excel or Parquet file that cannot be read.
    """
    head = _first_bytes(file, len(EXCEL))
    if head == _OLD_EXCEL:
        raise InputError(
            "an Excel file must be an .xlsx file without a password",
            found="an .xls file, or an encrypted one",
            expected="the same table, saved as .xlsx or .csv",
            line=1,
        )
    if head not in (EXCEL, PARQUET):
        dialect = options.dialect(str(getattr(file, "name", "")))
        encoding = require_encoding(options.encoding)
        return TextRows(file, dialect, encoding, options.header, notices)
    if not file.seekable():
        raise InputError(
            "an Excel or Parquet file must not be a pipe: it is read as a whole",
            found="a pipe",
            expected="the path of a file",
        )
    if head == EXCEL:
        return SheetRows(file, options.sheet, options.header, notices)
    return ParquetRows(file, options.header)


def _first_bytes(file: BinaryIO, size: int) -> bytes:
    """Returns the first bytes of a file, which stay unread; none if that is impossible."""
    if isinstance(file, BufferedReader):
        return file.peek(size)[:size]
    if not file.seekable():
        return b""
    start = file.tell()
    head = file.read(size)
    file.seek(start)
    return head
