"""What a sheet would do, row by row, kept in a small file beside the upload, so that a page of it is shown without reading the
sheet again. It holds what the page shows: personal numbers are masked in it, links are as the sheet writes them.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhenwu.ledgers.importing.stage import Staged, StagedRow
from zhenwu.lib.sheets import where

TABS = ("add", "change", "same", "problem")
NOTED = "noted"  # rows of any tab at which a person should look
_SCHEMA = """
CREATE TABLE row (number INTEGER PRIMARY KEY, status TEXT, noted INTEGER, said TEXT, shown TEXT);
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


@dataclass(frozen=True, slots=True)
class Cause:
    """The message of the first row, and the first of the `count` other rows where the same is wrong."""

    message: str
    others: list[str]
    count: int


def write(path: Path, staged: Staged) -> None:
    """Replaces what is there, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as file:
        file.execute("PRAGMA journal_mode=OFF")
        file.execute("PRAGMA synchronous=OFF")  # made again from the upload should it be lost
        file.executescript(_SCHEMA)
        file.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?)", _rows(staged))
        file.executemany("INSERT INTO cause VALUES (?, ?, ?)", _causes(staged))
        file.commit()
    fresh.chmod(0o600)
    fresh.replace(path)


def page(path: Path, *, tab: str, words: str, first: int, count: int) -> tuple[list[Shown], int]:
    """Rows of a tab ("" = all) in which the words stand, from `first` (0-based) on; and how many there are."""
    conditions, values = ["1"], list[Any]()
    if tab in TABS:
        conditions.append("status = ?")
        values.append(tab)
    elif tab == NOTED:
        conditions.append("noted = 1")
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
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _like(word: str) -> str:
    for special in "\\%_":
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"


def _rows(staged: Staged) -> Iterator[tuple[int, str, bool, str, str]]:
    teller = _Teller(staged)
    for row in staged.rows:
        shown = teller.shown(row)
        words = [
            *(text for _, text in shown["values"]),
            *(text for _, was, new in shown["changes"] for text in (was, new)),
            *shown["problems"],
            *shown["notes"],
        ]
        text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        yield row.number, row.status, bool(row.remarks), "\n".join(words), text


class _Teller:
    """Says what a staged row would do, in the words of its labels."""

    def __init__(self, staged: Staged) -> None:
        self._types, self._table = staged.ledger.types, staged.table
        self._cells = {row.number: row.cells for row in staged.table.rows}
        label = staged.ledger.spec.place_label
        private = {code for code, kind in self._types.items() if kind.always_private}
        # What the sheet itself says, where it can be shown: of known rows to tell which they are, of new rows the links.
        self._plain = [
            (one.target, label if one.target == "division" else one.column.label, one.column.index)
            for one in staged.mapping
            if one.target and ":" not in one.target and one.target not in private
        ]
        self._links = {
            target: index
            for target, _, index in self._plain
            if target in self._types and self._types[target].is_link
        }  # fmt: skip
        heads = [one for one in self._plain if one[0] in ("division", "no", *staged.ledger.title)]
        self._heads = heads or self._plain[:3]

    def shown(self, row: StagedRow) -> dict[str, Any]:
        known = row.status in ("same", "change")
        return {
            "values": self._said(row, self._heads) if known else self._new(row),
            "changes": [[label, was, new] for label, (was, new) in row.changes.items()],
            "problems": [one.message for one in row.problems],
            "place": where(self._table, row.number),
            "notes": list(row.remarks),
        }

    def _new(self, row: StagedRow) -> list[list[str]]:
        """What will stand there; where that was not read, what the sheet says."""
        cells = self._cells[row.number]
        found: list[list[str]] = []
        for target, label, index in self._plain:
            kind = self._types.get(target)
            value = row.values.get(target) if kind else None
            text = kind.show(value) if kind and value is not None and target not in self._links else _text(cells[index])
            if text:
                found.append([kind.label if kind else label, text])
        said = {target for target, _, _ in self._plain}
        found += [
            [self._types[code].label, self._types[code].show(value)]
            for code, value in row.values.items()
            if code not in said and value is not None and not self._types[code].is_link
        ]
        return found

    def _said(self, row: StagedRow, columns: Sequence[tuple[str, str, int]]) -> list[list[str]]:
        cells = self._cells[row.number]
        return [[label, text] for _, label, index in columns if (text := _text(cells[index]))]


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
