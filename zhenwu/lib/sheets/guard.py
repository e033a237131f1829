"""Bounds on what is opened: nothing reaches the reader that was not unpacked, counted and measured here.

The reader lays a sheet out as rows × columns, so one cell far to the right and one far below take all memory. An xlsx is
therefore unpacked once under the limits and handed over as a plain (stored) archive of exactly the bytes that were measured.
"""

import errno
import io
import posixpath
import re
import zipfile
import zlib
from typing import IO, Final
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from zhenwu.lib.sheets.extent import Extent, Limits, check_extent
from zhenwu.lib.sheets.problems import SheetError
from zhenwu.lib.sheets.shared import text_of

_CHUNK: Final = 1 << 18
_TAIL: Final = (
    512  # longer than the start of any cell or row, so that one cut by a chunk's end is seen whole in the next
)
_HIDDEN_ROW: Final = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_REFERENCE: Final = re.compile(r"^([A-Za-z]{1,6})(\d{1,9})$")
_MAX_PARTS: Final = 5000
_PART: Final = b"PK\x01\x02"  # begins each entry of an archive's list


def unpack_xlsx(data: bytes, stored: IO[bytes], where: str, limits: Limits) -> list[Extent]:
    """Writes the archive as stored bytes; gives the extent of each sheet in the workbook's order. Raises SheetError."""
    if data.count(_PART) > _MAX_PARTS:  # before the list of them is made: a million names take a gigabyte
        raise _bomb(where)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            parts = source.infolist()
            _check_parts(parts, len(data), where, limits)
            sheets = _sheet_parts(source, where, limits)
            if len(sheets) > limits.max_sheets:
                raise SheetError(
                    "too_many_sheets",
                    f"{where}：有 {len(sheets)} 张工作表，最多 {limits.max_sheets} 张。请拆成几个文件上传。",
                )
            extents = _copy(source, stored, parts, sheets, where, limits)
            if text_of(stored, limits.max_uncompressed) > limits.max_uncompressed:
                raise _bomb(where)
            return extents
    except OSError as error:
        if error.errno == errno.ENOSPC:  # our disk is full; the file may be whole
            raise
        raise _broken(where) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _broken(where) from error
    except (ElementTree.ParseError, expat.ExpatError, KeyError) as error:
        raise _broken(where) from error


def _broken(where: str) -> SheetError:
    return SheetError("broken", f"{where}：文件已损坏，打不开。请用 WPS 或 Excel 打开原文件，另存为 xlsx 后再上传。")


def _bomb(where: str) -> SheetError:
    return SheetError(
        "too_large_inside", f"{where}：解压后过大，不像正常的表格，已停止读取。请另存为新的 xlsx 后再上传。"
    )


def _check_parts(parts: list[zipfile.ZipInfo], size: int, where: str, limits: Limits) -> None:
    names = [part.filename.casefold() for part in parts]
    declared = sum(part.file_size for part in parts)
    if len(parts) > _MAX_PARTS or declared > limits.max_uncompressed or declared > max(size, 10_000) * limits.max_ratio:
        raise _bomb(where)
    if len(set(names)) != len(names):
        raise _broken(where)
    if any(name.endswith("workbook.bin") for name in names):
        raise SheetError("xlsb", f"{where}：是二进制工作簿（xlsb）。请另存为 xlsx 后再上传。")
    if "xl/workbook.xml" not in names:
        kind = "Word 文档" if "word/document.xml" in names else "别的文件" if "content.xml" not in names else "ODS 表格"
        raise SheetError("not_xlsx", f"{where}：不是 xlsx 表格，而是{kind}。请另存为 xlsx 后再上传。")


def _sheet_parts(source: zipfile.ZipFile, where: str, limits: Limits) -> list[str]:
    """The part of each sheet, folded, in the workbook's order."""
    by_name = {name.casefold(): name for name in source.namelist()}
    workbook = ElementTree.fromstring(_read_small(source, by_name["xl/workbook.xml"], where))  # noqa: S314  no DOCTYPE gets here
    links = ElementTree.fromstring(_read_small(source, by_name["xl/_rels/workbook.xml.rels"], where))  # noqa: S314
    target = {link.get("Id"): link.get("Target", "") for link in links}
    found = []
    for sheet in workbook.iter():
        if sheet.tag.rsplit("}", 1)[-1] == "sheet":
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            path = target.get(link, "")
            found.append(posixpath.normpath(posixpath.join("/xl", path)).lstrip("/").casefold())
    return found


def _read_small(source: zipfile.ZipFile, name: str, where: str) -> bytes:
    with source.open(name) as part:
        text = part.read(10_000_000)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text:  # zeros: UTF-16, in which a DOCTYPE would hide
        raise _broken(where)
    return text


def _copy(
    source: zipfile.ZipFile, stored: IO[bytes], parts: list[zipfile.ZipInfo], sheets: list[str], where: str,
    limits: Limits,
) -> list[Extent]:  # fmt: skip
    total = 0
    extents: dict[str, Extent] = {}
    with zipfile.ZipFile(stored, "w") as target:
        for part in parts:
            if part.is_dir():
                continue
            # Every part of worksheets is measured, also those that no link names: a reader may find them its own way.
            scan = None
            if part.filename.casefold() in sheets or "worksheets/" in part.filename.casefold():
                scan = _SheetScan(where, limits)
            with source.open(part) as reader, target.open(part.filename, "w") as writer:
                while chunk := reader.read(_CHUNK):
                    total += len(chunk)
                    if total > limits.max_uncompressed:
                        raise _bomb(where)
                    writer.write(chunk)
                    if scan:
                        scan.feed(chunk)
            if scan:
                scan.finish()
                if scan.irregular:
                    with source.open(part) as reader:
                        scan.exact(reader)
                extents[part.filename.casefold()] = scan.extent
    stored.flush()  # the reader opens the file by its name
    return [extents.get(name, Extent()) for name in sheets]


class _SheetScan:
    """Finds the last row and column of a sheet's XML without parsing it; XML of an unusual shape is parsed in full."""

    def __init__(self, where: str, limits: Limits) -> None:
        self.irregular = False
        self._where, self._limits = where, limits
        self._extent = Extent()
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        text = self._tail + chunk
        if b"\x00" in text[:200]:  # UTF-16
            self.irregular = True
        self._scan(np.frombuffer(text, dtype=np.uint8), len(text) - _TAIL)
        if b'hidden="' in text:
            self._extent.hidden_rows.update(int(row) for row in _HIDDEN_ROW.findall(text))
        self._tail = text[-_TAIL:]
        self._doubt_far_cells()

    def finish(self) -> None:
        if not self.irregular:
            text = self._tail + b" " * _TAIL
            self._scan(np.frombuffer(text, dtype=np.uint8), len(self._tail))
            self._doubt_far_cells()

    @property
    def extent(self) -> Extent:
        check_extent(self._where, self._extent.rows, self._extent.columns, self._limits)
        return self._extent

    def _doubt_far_cells(self) -> None:
        """Whole rows coloured by hand leave empty cells far out; only a full parse tells them from filled ones."""
        try:
            check_extent(self._where, self._extent.rows, self._extent.columns, self._limits)
        except SheetError:
            self.irregular = True

    def _scan(self, text: np.ndarray, end: int) -> None:
        if end <= 0 or self.irregular:
            return
        colons = np.flatnonzero(text[:end] == ord(":"))
        opens = np.flatnonzero(text[:end] == ord("<"))
        cells = opens[text[opens + 1] == ord("c")]
        after = text[cells + 2]
        cells = cells[(after < ord("a")) | (after > ord("z"))]  # not <cols>, <conditionalFormatting>
        plain = (text[cells + 2] == 32) & (text[cells + 3] == ord("r")) & (text[cells + 4] == ord("="))
        plain &= (text[cells + 5] == ord('"')) & (text[cells + 6] >= ord("A")) & (text[cells + 6] <= ord("Z"))
        if not plain.all() or (text[colons + 1] == ord("c")).any():
            self.irregular = True
            return
        if not len(cells):
            return
        column = text[cells + 6].astype(np.int64) - 64
        at = cells + 7
        for _ in range(4):  # four letters are already outside, more need not be told apart
            letter = text[at]
            more = letter >= ord("A")
            if not more.any():
                break
            column = np.where(more, column * 26 + letter - 64, column)
            at = at + more
        self._extent.columns = max(self._extent.columns, int(column.max()))
        self._extent.rows = max(self._extent.rows, _last_number(text, at))

    def exact(self, reader: IO[bytes]) -> None:
        """Parse a part whose cells are not written the usual way, or whose far cells may be only coloured, not filled."""
        self._extent = extent = Extent()
        row = column = at_row = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, at_row
            kind = name.rsplit(":", 1)[-1]
            if kind == "row":
                row, column = int(attributes.get("r", row + 1)), 0
                if attributes.get("hidden") in {"1", "true"}:
                    extent.hidden_rows.add(row)
            elif kind == "c":
                match = _REFERENCE.match(attributes.get("r", ""))
                column = _column_number(match[1]) if match else column + 1
                at_row = int(match[2]) if match else row
            elif kind in ("v", "is", "f"):
                extent.columns = max(extent.columns, column)
                extent.rows = max(extent.rows, at_row)

        def refuse(*_: object) -> None:
            raise _broken(self._where)

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = refuse
        while chunk := reader.read(_CHUNK):
            parser.Parse(chunk, False)
            check_extent(self._where, extent.rows, extent.columns, self._limits)
        parser.Parse(b"", True)


def _last_number(text: np.ndarray, at: np.ndarray) -> int:
    """The greatest number written at one of the places."""
    value = np.zeros(len(at), dtype=np.int64)
    going = np.ones(len(at), dtype=bool)
    for place in range(9):
        digit = text[at + place] - np.uint8(48)
        going &= digit <= 9
        if not going.any():
            break
        value = np.where(going, value * 10 + digit, value)
    return int(value.max())


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
