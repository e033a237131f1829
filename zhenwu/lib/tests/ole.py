"""Real old-style office files for the tests: a compound file (MS-CFB) and the smallest workbook stream (MS-XLS)."""

import struct

_END, _FREE, _FAT = -2, -1, -3
_SECTOR = 512


def compound(streams):
    """A compound file with these streams, {name: bytes}; each is padded to the size from which it has its own sectors."""
    padded = {name: data.ljust(4096, b"\x00") for name, data in streams.items()}
    entries, body, fat = [], b"", [_FAT, _END]
    for name, data in padded.items():
        count = -(-len(data) // _SECTOR)
        start = len(fat)
        fat += [*range(start + 1, start + count), _END]
        body += data.ljust(count * _SECTOR, b"\x00")
        entries.append(
            _entry(name, 2, start, len(data), right=len(entries) + 2 if len(entries) + 1 < len(padded) else _FREE)
        )
    directory = _entry("Root Entry", 5, _END, 0, child=1) + b"".join(entries)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<iiiiiiiiii", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0) + struct.pack("<i", _FREE) * 108
    table = struct.pack("<128i", *fat, *[_FREE] * (128 - len(fat)))
    return header + table + directory.ljust(_SECTOR, b"\x00") + body


def _entry(name, kind, start, size, right=_FREE, child=_FREE):
    text = name.encode("utf-16-le") + b"\x00\x00"
    return struct.pack("<64sHBBiii16xI16xiQ", text, len(text), kind, 1, _FREE, right, child, 0, start, size)


def xls(name, cells, merged=(), hidden=(), texts=(), sheets=1):
    """An xls with one sheet; `cells` is {(row, column): text or number, or the index of a shared text in a list}. `sheets`:
    so many that all name the same cells."""
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for (row, column), value in sorted(cells.items()):
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, list):
            sheet += _record(0xFD, place + struct.pack("<I", value[0]))
        elif isinstance(value, str):
            sheet += _record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        else:
            sheet += _record(0x203, place + struct.pack("<d", value))
    areas = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merged)
    for row in hidden:
        sheet += _record(0x208, struct.pack("<HHHHHHI", row, 0, 1, 0, 0, 0, 0x20))
    sheet += _record(0xE5, struct.pack("<H", len(merged)) + areas) + _record(0x0A, b"")
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200))
    if texts:
        said = b"".join(struct.pack("<HB", len(one), 0) + one.encode("latin-1") for one in texts)
        start += _record(0xFC, struct.pack("<II", len(texts), len(texts)) + said[:8000])
        for at in range(8000, len(said), 8000):  # only one long text is cut well: its next part begins with its flag
            start += _record(0x3C, b"\x00" + said[at : at + 8000])
    names = [f"{name}{number or ''}" for number in range(sheets)]
    titles = [struct.pack("<BBBB", 0, 0, len(one), 1) + one.encode("utf-16-le") for one in names]
    offset = len(start) + sum(8 + len(one) for one in titles) + 4
    start += b"".join(_record(0x85, struct.pack("<I", offset) + one) for one in titles)
    return compound({"Workbook": start + _record(0x0A, b"") + sheet})


def _record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data
