"""One stream out of a compound file (MS-CFB), the container of xls and et."""

import struct
from typing import Final

_END: Final = 0xFFFFFFFE
_SMALLEST_SHIFT, _LARGEST_SHIFT = 6, 12


def stream(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """The first stream of one of these names; None when there is none. Raises ValueError or struct.error for a broken file."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if not (_SMALLEST_SHIFT <= mini_shift < shift <= _LARGEST_SHIFT):
        raise ValueError("sector sizes")
    file = _Sectors(data, 1 << shift)
    directory_at, cutoff, mini_table_at = struct.unpack_from("<I4xII", data, 48)
    file.table = _table(data, file)
    directory = file.chain(directory_at)
    root: tuple[int, int] | None = None
    wanted = [name.encode("utf-16-le") + b"\x00\x00" for name in names]
    for at in range(0, len(directory) - 127, 128):
        entry = directory[at : at + 128]
        length, kind = struct.unpack_from("<HB", entry, 64)
        begin, size = struct.unpack_from("<II", entry, 116)
        if kind == 5:
            root = begin, size
        elif kind == 2 and entry[: min(length, 64)] in wanted:
            if size >= cutoff:
                return file.chain(begin)[:size]
            if root is None:
                raise ValueError("no root")
            small = _Sectors(file.chain(root[0]), 1 << mini_shift, first=0)
            small.table = _numbers(file.chain(mini_table_at))
            return small.chain(begin)[:size]
    return None


class _Sectors:
    """Numbered pieces of a file, linked by a table: the place of each piece names the next."""

    def __init__(self, data: bytes, size: int, first: int | None = None) -> None:
        self._data, self._size = data, size
        self._first = size if first is None else first
        self.table: tuple[int, ...] = ()

    def sector(self, number: int) -> bytes:
        start = self._first + number * self._size
        return self._data[start : start + self._size]

    def chain(self, number: int) -> bytes:
        found: list[bytes] = []
        while number < _END - 2:
            if number >= len(self.table) or len(found) > len(self.table):  # out of the file, or in a circle
                raise ValueError("chain")
            found.append(self.sector(number))
            number = self.table[number]
        return b"".join(found)


def _table(data: bytes, file: _Sectors) -> tuple[int, ...]:
    """The allocation table, gathered from the sectors that the header and its continuations name."""
    places = list(struct.unpack_from("<109I", data, 76))
    more, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, len(data) // 512)):
        *named, more = _numbers(file.sector(more))
        places += named
    if len(places) > len(data) // 64 + 109:
        raise ValueError("table")
    return _numbers(b"".join(file.sector(number) for number in places if number < _END - 2))


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
