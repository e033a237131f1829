"""What a sheet would do, row by row, kept in a small file beside the upload, so that a page of it is shown without reading the
sheet again. It holds what the page shows: personal numbers are masked in it, links are as the sheet writes them. It lies
encrypted, and in plain for the moment in which it is written.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhenwu.changes.keys import keyring
from zhenwu.ledgers.importing.corrected import Corrections
from zhenwu.ledgers.importing.stage import Staged
from zhenwu.lib.columns import by_value, mapped
from zhenwu.lib.sealedfiles import read_all, seal_file
from zhenwu.lib.sheets import where

TABS = ("add", "change", "same", "problem")
NOTED = "noted"  # rows of any tab at which a person should look
FIXED = "fixed"  # … and of which a cell was read otherwise than it stands there
LOOKED_AT = {NOTED: "待核对", FIXED: "自动更正"}
_SCHEMA = """
CREATE TABLE row (number INTEGER PRIMARY KEY, status TEXT, noted INTEGER, fixed INTEGER, said TEXT, shown TEXT);
CREATE INDEX row_status ON row (status, number);
CREATE TABLE cause (message TEXT, others TEXT, count INTEGER);
"""
_CAUSES = 200  # causes that are kept; what is wrong in more ways than this is another sheet
_OTHERS = 12  # row numbers named beside a cause


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the page. `values` are (label, text); `changes` (label, was, will be); `notes` what reading remarked."""

    place: str  # 第 5 行
    status: str
    values: list[list[str]]
    changes: list[list[str]]
    problems: list[str]
    notes: list[str]
    fixed: list[list[str]]  # (label, as it stands there, as it was read)


@dataclass(frozen=True, slots=True)
class Cause:
    """The message of the first row, and the first of the `count` other rows where the same is wrong."""

    message: str
    others: list[str]
    count: int


def write(path: Path, staged: Staged, corrected: Corrections) -> None:
    """Replaces what is there, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with closing(sqlite3.connect(fresh)) as file:
        file.execute("PRAGMA journal_mode=OFF")
        file.execute("PRAGMA synchronous=OFF")  # made again from the upload should it be lost
        file.executescript(_SCHEMA)
        file.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", _rows(staged, corrected))
        file.executemany("INSERT INTO cause VALUES (?, ?, ?)", _causes(staged))
        file.commit()
    try:
        with fresh.open("rb") as source:
            seal_file(keyring(), iter(lambda: source.read(1 << 20), b""), path)
    finally:
        fresh.unlink()


def page(path: Path, *, tab: str, words: str, first: int, count: int) -> tuple[list[Shown], int]:
    """Rows of a tab ("" = all) in which the words stand, from `first` (0-based) on; and how many there are."""
    conditions, values = ["1"], list[Any]()
    if tab in TABS:
        conditions.append("status = ?")
        values.append(tab)
    elif tab in (NOTED, FIXED):
        conditions.append(f"{tab} = 1")
    for word in words.split()[:5]:
        if word.isdigit() and len(word) <= 7:
            conditions.append("(number = ? OR said LIKE ? ESCAPE '\\')")
            values += [int(word), _like(word)]
        else:
            conditions.append("said LIKE ? ESCAPE '\\'")
            values.append(_like(word))
    asked = " AND ".join(conditions)
    with closing(_opened(path)) as file:
        total = file.execute(f"SELECT count(*) FROM row WHERE {asked}", values).fetchone()[0]  # noqa: S608  parts from above only
        found = file.execute(
            f"SELECT status, shown FROM row WHERE {asked} ORDER BY number LIMIT ? OFFSET ?",  # noqa: S608
            [*values, count, first],
        ).fetchall()
    return [Shown(status=status, **json.loads(shown)) for status, shown in found], int(total)


def causes(path: Path) -> list[Cause]:
    """What is wrong, one cause once."""
    with closing(_opened(path)) as file:
        found = file.execute("SELECT message, others, count FROM cause").fetchall()
    return [Cause(message, json.loads(others), count) for message, others, count in found]


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(":memory:")
    file.deserialize(read_all(keyring(), path))
    return file


def _like(word: str) -> str:
    for special in "\\%_":
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"


def _rows(staged: Staged, corrected: Corrections) -> Iterator[tuple[int, str, bool, bool, str, str]]:
    """(number, status, whether something was remarked, or read otherwise, the words to look for, what is shown as JSON)."""
    rows, table = staged.rows, staged.table
    of_new, of_known = _columns(staged)
    for at, (number, status) in enumerate(zip(rows.numbers, rows.statuses, strict=True)):
        place = where(table, number)
        columns = of_known if status in ("same", "change") else of_new
        values = [[label, said] for label, texts in columns if (said := texts[at])]
        changes = [[label, was, new] for label, (was, new) in rows.changes.get(at, _NO_CHANGES).items()]
        problems = [one.message.removeprefix(place) for one in rows.problems.get(at, ())]
        remarks = rows.remarks.get(at, [])
        words = [said for _, said in values]
        if changes or problems or remarks:
            words += [text for _, was, new in changes for text in (was, new)] + problems + remarks
        fixed = corrected.get(at, [])
        shown = {
            "values": values, "changes": changes, "problems": problems, "place": place, "notes": remarks, "fixed": fixed,
        }  # fmt: skip
        noted = bool(remarks) and status != "problem"  # as the five numbers count them: each row once
        yield (
            number,
            status,
            noted,
            bool(fixed) and not noted and status != "problem",
            "\n".join(words),
            _JSON.encode(shown),
        )


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NO_CHANGES: dict[str, tuple[str, str]] = {}
_Texts = list[tuple[str, Sequence[str]]]  # (label, one text per row)


def _columns(staged: Staged) -> tuple[_Texts, _Texts]:
    """What is shown of new rows: what will stand there, where that was not read what the sheet says; and of known rows, to
    tell which they are. Links are as the sheet writes them, personal numbers masked or left out."""
    types, rows = staged.ledger.types, staged.rows
    of_new: _Texts = []
    of_known: _Texts = []
    said: set[str] = set()
    for one in staged.mapping:
        kind = types.get(one.target)
        if not one.target or ":" in one.target or (kind and kind.is_sealed):
            continue
        said.add(one.target)
        cells = by_value([row.cells[one.column.index] for row in staged.table.rows], _text)
        label = kind.label if kind else staged.ledger.spec.place_label if one.target == "division" else one.column.label
        if one.target in ("division", "no", *staged.ledger.title):
            of_known.append((label, cells))
        if kind is not None and not kind.is_link and one.target in rows.values:
            read = mapped(rows.values[one.target], kind.show)
            cells = [there if shown is None else shown for shown, there in zip(read, cells, strict=True)]
        of_new.append((label, cells))
    for code, values in rows.values.items():
        if code not in said and not types[code].is_link:
            of_new.append((types[code].label, mapped(values, types[code].show)))
    return of_new, of_known or of_new[:3]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return (cell.isoformat() if hasattr(cell, "isoformat") else str(cell)).strip()[:200] if cell is not None else ""


def _causes(staged: Staged) -> list[tuple[str, str, int]]:
    found: dict[str, tuple[str, list[int]]] = {}
    for one in staged.problems:
        cause = one.message.removeprefix(where(staged.table, one.at))
        if cause in found:
            found[cause][1].append(one.at)
        elif len(found) < _CAUSES:
            found[cause] = (one.message, [])
    table = staged.table
    return [
        (said, json.dumps([where(table, row) for row in rows[:_OTHERS]], ensure_ascii=False), len(rows))
        for said, rows in found.values()
    ]
