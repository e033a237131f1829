"""How much text a workbook becomes when every cell gets its shared string: one long string that a million cells name fits
into a small file and into no memory."""

import re
import zipfile
from typing import IO, Final
from xml.parsers import expat

import numpy as np

_USES: Final = (b'"s"', b"'s'")  # the type of a cell that names a shared string
_PLAIN: Final = re.compile(rb' t="s"[^<>]*><v>(\d{1,9})</v>')
_SMALLEST: Final = len('<c t="s"><v>0</v></c>')
_CHUNK: Final = 1 << 18
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def text_of(package: IO[bytes], most: int) -> int:
    """Bytes of text that the cells' shared strings come to. Not counted out while even the worst case is below `most`."""
    with zipfile.ZipFile(package) as source:
        names = [name for name in source.namelist() if name.casefold().endswith("sharedstrings.xml")]
        if not names:
            return 0
        lengths = np.concatenate([_lengths(source.read(name)) for name in names])
        longest = int(lengths.max(initial=0))
        size = sum(part.file_size for part in source.infolist() if part.filename not in names)
        if (worst := size // _SMALLEST * longest) <= most:  # of nearly all workbooks: nothing needs to be read again
            return worst
        total = 0
        for name in set(source.namelist()) - set(names):  # any of them may be linked as a sheet
            text = source.read(name)
            if b"\x00" in text[:200]:  # UTF-16, or a picture
                text = text.decode("utf-16", "ignore").encode() if text[:2] in _MARKS else b""
            uses = sum(map(text.count, _USES))
            worst = uses * longest
            total += worst if total + worst <= most else _counted(text, uses, lengths)
            if total > most:
                break
    return total


def _lengths(text: bytes) -> np.ndarray:
    """At least the length of each string, in order: the distance from one <si> to the next."""
    data = np.frombuffer(text + b"   ", dtype=np.uint8)
    opens = np.flatnonzero(data[:-3] == ord("<"))
    starts = opens[(data[opens + 1] == ord("s")) & (data[opens + 2] == ord("i"))]
    return np.diff(np.append(starts, len(text))) if len(starts) else np.array([len(text)])


def _counted(text: bytes, uses: int, lengths: np.ndarray) -> int:
    """Exactly, cell by cell. A sheet that is not written the usual way is parsed."""
    named = np.array([int(one) for one in _PLAIN.findall(text)], dtype=np.int64)
    if len(named) != uses:
        named = np.array(_parsed(text), dtype=np.int64)
    return int(lengths[np.minimum(named, len(lengths) - 1)].sum()) if len(named) else 0


def _parsed(text: bytes) -> list[int]:
    found: list[int] = []
    said: list[str] = []
    is_shared = is_value = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_shared, is_value
        kind = name.rsplit(":", 1)[-1]
        if kind == "c":
            is_shared = attributes.get("t") == "s"
        is_value = kind == "v"

    def end(name: str) -> None:
        nonlocal is_value
        if is_value and is_shared:
            number = "".join(said).strip()
            found.append(int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0)
        said.clear()
        is_value = False

    def words(text: str) -> None:
        if is_value:
            said.append(text)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    for at in range(0, len(text), _CHUNK):
        parser.Parse(text[at : at + _CHUNK], False)
    parser.Parse(b"", True)
    return found
