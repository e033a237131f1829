"""What a person sees of personal values, and small cells of tables that leave the office."""

from collections.abc import Sequence
from enum import IntEnum


class Level(IntEnum):
    """How much is shown. FULL needs a purpose and is logged; LISTS inside the office; PRINTS across offices; NONE boards.

    Where a birth-date column stands beside the number, the caller uses PRINTS: the middle of an L1 number is the birth date.
    """

    FULL = 0
    LISTS = 1
    PRINTS = 2
    NONE = 3


def mask_name(name: str, level: Level) -> str | None:
    """欧阳明 -> 欧*明 on prints; None means the value is not shown at all."""
    if level <= Level.LISTS or not name:
        return name if level < Level.NONE else None
    if level == Level.NONE:
        return None
    if len(name) <= 2:
        return name[0] + "*" * (len(name) - 1) if len(name) == 2 else "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_idno(idno: str, level: Level) -> str | None:
    """519999********1012 in lists, 5****************2 on prints."""
    match level:
        case Level.FULL:
            return idno
        case Level.LISTS:
            return _keep(idno, 6, 4)
        case Level.PRINTS:
            return _keep(idno, 1, 1)
    return None


def mask_phone(phone: str, level: Level) -> str | None:
    """138****1234 in lists; not shown from prints on."""
    match level:
        case Level.FULL:
            return phone
        case Level.LISTS:
            return _keep(phone, 3, 4)
    return None


def mask_account(account: str, level: Level) -> str | None:
    """Last four digits in lists, behind a fixed number of stars (the length tells the bank)."""
    match level:
        case Level.FULL:
            return account
        case Level.LISTS:
            return "****" + account[-4:] if len(account) >= 8 else "****"
    return None


def _keep(text: str, head: int, tail: int) -> str:
    """Too short a value is hidden whole: showing head and tail would show all of it."""
    hidden = len(text) - head - tail
    return text[:head] + "*" * hidden + text[-tail:] if hidden > 0 else "*" * len(text)


def suppress_small(cells: Sequence[int | None], k: int) -> list[str]:
    """One row or column of counts, its total printed beside it; of k 5: 12, 3, 7, 9 -> 12, <5, <10, 9.

    Counts from 1 to k-1 become "<k". When only one cell is hidden so, the next smallest is coarsened to the multiple of k
    above it, for else the total less the others would give the hidden one. 0 stays 0, unknown is "—".
    """
    shown = ["—" if cell is None else str(cell) for cell in cells]
    small = [index for index, cell in enumerate(cells) if cell is not None and 0 < cell < k]
    for index in small:
        shown[index] = f"<{k}"
    if len(small) == 1:
        others = [(cell, index) for index, cell in enumerate(cells) if cell and index not in small]
        if others:
            cell, index = min(others)
            shown[index] = f"<{(cell // k + 1) * k}"
    return shown
