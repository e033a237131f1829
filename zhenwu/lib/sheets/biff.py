"""How far the sheets of an xls (or et) reach, measured before its reader lays them out: rows × columns of memory for one cell far
to the right and one far below, and a text's length for each cell that names it."""

import struct
from collections.abc import Iterator
from typing import Final

import numpy as np

from zhenwu.lib.sheets.extent import Extent, Limits, check_extent
from zhenwu.lib.sheets.ole import stream
from zhenwu.lib.sheets.problems import SheetError

_SHEET, _BEGIN, _END, _TEXTS, _CONTINUE, _NAMED, _ROW, _SIZE = 0x85, 0x809, 0x0A, 0xFC, 0x3C, 0xFD, 0x208, 0x200
_CELLS: Final = frozenset({1, 2, 3, 4, 5, 6, 0x7E, 0x27E, _NAMED, 0x201, 0x203, 0x204, 0x205, 0xD6, 0x206, 0x406})
_MANY: Final = frozenset({0xBD, 0xBE})  # cells of several columns in one record; the last two bytes are the last column
_WHOLE: Final = 65_536 * 256  # cells of the largest sheet there can be
_HIDDEN: Final = 0x20  # of a row's options: its height is zero
_LOCKED: Final = 0x2F


def measure(data: bytes, where: str, limits: Limits) -> list[Extent]:
    """The extent of each sheet, in the workbook's order. Raises SheetError when the file would take more than the limits."""
    try:
        book = stream(data, ("Workbook", "Book"))
        if book is None:
            raise ValueError("no workbook")
        return _Measuring(book, where, limits).run()
    except (struct.error, ValueError, IndexError) as error:
        raise SheetError(
            "broken", f"{where}：文件已损坏，打不开。请用 WPS 或 Excel 打开原文件，另存为 xlsx 后再上传。"
        ) from error


class _Measuring:
    def __init__(self, book: bytes, where: str, limits: Limits) -> None:
        self._book, self._where, self._limits = book, where, limits
        self._lengths = np.zeros(0, dtype=np.int64)
        self._text = 0  # characters that all cells' shared texts come to

    def run(self) -> list[Extent]:
        places: list[int] = []
        texts: list[bytes] = []
        for kind, body in self._records(0):
            if kind == _LOCKED:
                return []  # with a password: the reader says so before it lays anything out
            if kind == _SHEET:
                places.append(struct.unpack_from("<I", body)[0])
            elif kind == _TEXTS or (kind == _CONTINUE and texts):
                texts.append(body)
            elif texts and not self._lengths.size:
                self._lengths = _lengths(texts)
        if texts and not self._lengths.size:
            self._lengths = _lengths(texts)
        if len(places) > self._limits.max_sheets:
            raise SheetError(
                "too_many_sheets",
                f"{self._where}：有 {len(places)} 张工作表，最多 {self._limits.max_sheets} 张。请拆成几个文件上传。",
            )
        extents = [self._sheet(place) for place in places]
        for extent in extents:
            check_extent(self._where, extent.rows, extent.columns, self._limits)
        return extents

    def _sheet(self, place: int) -> Extent:
        extent = Extent()
        named: list[int] = []
        for kind, body in self._records(place):
            if kind in _CELLS:
                row, column = struct.unpack_from("<HH", body)
                if kind == _NAMED:
                    named.append(struct.unpack_from("<I", body, 6)[0])
            elif kind in _MANY:
                row, column = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)[0]
            else:
                if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _HIDDEN:
                    extent.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
                elif kind == _SIZE and len(body) >= 12:
                    first, last, left, right = struct.unpack_from("<IIHH", body)
                    if max(last - first, 0) * max(right - left, 0) > _WHOLE:  # the reader makes room for it
                        raise ValueError("dimensions")
                continue
            extent.rows, extent.columns = max(extent.rows, row + 1), max(extent.columns, column + 1)
        self._count(named)
        return extent

    def _count(self, named: list[int]) -> None:
        uses = np.array(named, dtype=np.int64)
        uses = uses[uses < len(self._lengths)]
        self._text += int(self._lengths[uses].sum())
        if self._text > self._limits.max_uncompressed:
            raise SheetError(
                "too_large_inside",
                f"{self._where}：里面的文字过多，不像正常的表格，已停止读取。请另存为新的 xlsx 后再上传。",
            )

    def _records(self, place: int) -> Iterator[tuple[int, bytes]]:
        """(kind, body) from a BOF to its EOF, those of charts inside left out."""
        book, end, depth = self._book, len(self._book), 0
        while place + 4 <= end:
            kind, length = struct.unpack_from("<HH", book, place)
            if kind == _BEGIN:
                depth += 1
            elif kind == _END:
                depth -= 1
                if depth <= 0:
                    return
            yield kind, book[place + 4 : place + 4 + length]
            place += 4 + length


def _lengths(parts: list[bytes]) -> np.ndarray:
    """Characters of each shared text. A text may go on in the next record, which then begins with a new flag."""
    count = min(struct.unpack_from("<I", parts[0], 4)[0], sum(map(len, parts)))
    found = np.zeros(count, dtype=np.int64)
    part, at = 0, 8
    for number in range(count):
        while at >= len(parts[part]):
            part, at = part + 1, at - len(parts[part])
            if part >= len(parts):
                return found[:number]
        size, flags = struct.unpack_from("<HB", parts[part], at)
        at += 3
        skipped = 0
        if flags & 0x08:
            skipped += 4 * struct.unpack_from("<H", parts[part], at)[0]
            at += 2
        if flags & 0x04:
            skipped += struct.unpack_from("<I", parts[part], at)[0]
            at += 4
        found[number] = left = size
        while left:
            wide = 2 if flags & 1 else 1
            here = min(left, (len(parts[part]) - at) // wide)
            at, left = at + here * wide, left - here
            if left:
                part, at = part + 1, 1
                if part >= len(parts):
                    return found[: number + 1]
                flags = parts[part][0]
        at += skipped
    return found
