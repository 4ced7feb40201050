"""Checks of the zip archives of XML that Excel files are."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from arabic_mtl.errors import InputError

_LARGEST = 2**29  # bytes of all files of an archive, unpacked
_MOST_PACKED = 200  # times that a file may be smaller than its content
_UNSUSPICIOUS = 2**24  # bytes that a file may have however small it is packed
_CHUNK = 2**16


def require_harmless(file: BinaryIO) -> None:
    """Checks an archive before it is unpacked.

    Raises:
        InputError: If it is damaged, encrypted or suspiciously large, or its XML declares a DTD,
            whose entities could be of any size.
    """
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
            for member in members:
                is_bomb = member.file_size > max(_MOST_PACKED * member.compress_size, _UNSUSPICIOUS)
                if is_bomb or member.flag_bits & 1:
                    raise _harmful(f"{member.filename} is encrypted, or packed suspiciously small")
            size = sum(member.file_size for member in members)
            if size > _LARGEST:
                raise _harmful(f"{size:,} bytes, unpacked")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _require_no_dtd(archive, member)
    except (BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise _harmful(str(error)) from None
    except Exception as error:  # the decompressors have errors of their own
        if isinstance(error, InputError):
            raise
        raise _harmful(f"{type(error).__name__}: {error}") from None


def has_formulas(file: BinaryIO) -> bool:
    """Returns True if a sheet of an Excel file has a formula."""
    with ZipFile(file) as archive:
        sheets = [item for item in archive.infolist() if "worksheets/" in item.filename]
        return any(_has_formula(archive, sheet) for sheet in sheets)


def _has_formula(archive: ZipFile, member: ZipInfo) -> bool:
    """Returns True if an XML file seems to have an element ``f``."""
    end = b""
    for chunk in _chunks(archive, member):
        content = end + chunk
        if any(start in content for start in (b"<f>", b"<f ", b"<f/", b":f>", b":f ")):
            return True
        end = content[-3:]
    return False


def _require_no_dtd(archive: ZipFile, member: ZipInfo) -> None:
    """Raises `InputError` if an XML file declares a DTD, which stands before its root."""

    def refuse(*_: object) -> None:
        raise _harmful(f"{member.filename} declares a DTD")

    is_started = False

    def start(*_: object) -> None:
        nonlocal is_started
        is_started = True

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    for chunk in _chunks(archive, member):
        parser.Parse(chunk)
        if is_started:
            return


def _chunks(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _harmful(problem: str) -> InputError:
    """Returns the error for an archive that is not read."""
    return InputError(
        "an Excel file must be a whole zip archive of moderate size, of XML without a DTD",
        found=problem,
        expected="a file that Excel or LibreOffice saved; or the table, saved as CSV",
        line=1,
    )
