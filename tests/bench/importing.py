"""Import of a roster: read, map, normalise, check, compare, commit with history, against reading and inserting alone."""

import argparse
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.measure import Clock, peak_mib, report
from tests.bench.township import LEDGER, SERVER, bench_user, start, write_roster

SHEET = 100_000  # rows of one roster; a larger ledger is made of several


def limit(file: Path, folder: Path) -> dict[str, Any]:
    """What any importer must at least do: read the cells, insert them into a plain table of 12 columns."""
    import python_calamine

    clock = Clock()
    rows = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[1:]
    read, _ = clock.read()
    columns = [f"c{number}" for number in range(len(rows[0]))]
    cells = ([cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in row] for row in rows)
    (_copy if SERVER else _insert)(columns, cells, folder)
    seconds, cpu = clock.read()
    return {"seconds": seconds, "cpu": cpu, "read": read, "write": seconds - read}


def _insert(columns: Sequence[str], rows: Iterable[Sequence[Any]], folder: Path) -> None:
    connection = sqlite3.connect(folder / "limit.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    with connection:
        connection.execute("DROP TABLE IF EXISTS plain")
        connection.execute(f"CREATE TABLE plain (id INTEGER PRIMARY KEY, {', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO plain ({', '.join(columns)}) VALUES ({marks})", rows)


def _copy(columns: Sequence[str], rows: Iterable[Sequence[Any]], folder: Path) -> None:
    with psycopg.connect(SERVER) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE plain (id bigserial PRIMARY KEY, {', '.join(f'{one} text' for one in columns)})"
        )
        with cursor.copy(f"COPY plain ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def ours(file: Path, changed: Path, folder: Path) -> dict[str, Any]:
    """The first import, the same sheet once more (nothing to do), and the sheet with each hundredth row changed."""
    start(folder)
    from zhenwu.ledgers.importing.actions import apply_staged, stage_file

    by = bench_user()
    clock = Clock()
    staged = stage_file(LEDGER, file, name=file.name, by=by)
    read, _ = clock.read()
    change = apply_staged(staged, by=by)
    seconds, cpu = clock.read()
    peak = peak_mib()
    assert change is not None
    assert staged.counts["add"] == len(staged.rows), staged.counts
    clock = Clock()
    same = stage_file(LEDGER, file, name=file.name, by=by)
    same_seconds, same_cpu = clock.read()
    assert same.counts["same"] == len(same.rows), same.counts
    del same, staged
    clock = Clock()
    again = stage_file(LEDGER, changed, name=changed.name, by=by)
    apply_staged(again, by=by)
    again_seconds, again_cpu = clock.read()
    assert again.counts["change"] == len(again.rows) // 100, again.counts
    return {
        "first": seconds, "first_cpu": cpu, "stage": read, "commit": seconds - read, "peak_mib": peak,
        "same": same_seconds, "same_cpu": same_cpu, "again": again_seconds, "again_cpu": again_cpu, "again_mib": peak_mib(),
    }  # fmt: skip


def grow(folder: Path, rows: int) -> dict[str, Any]:
    """Sheet after sheet into a ledger that holds the first one, until it has `rows` rows; each an import of its own."""
    start(folder)
    from zhenwu.ledgers.importing.actions import apply_staged, stage_file
    from zhenwu.packs import runtime

    by, file = bench_user(), folder / "imports" / "grow.xlsx"
    cpu: list[float] = []
    seconds: list[float] = []
    for first in range(runtime.ledger(LEDGER).rows("test").count(), rows, SHEET):
        write_roster(file, min(SHEET, rows - first), start=first)
        clock = Clock()
        staged = stage_file(LEDGER, file, name=f"roster_{first}.xlsx", by=by)
        assert apply_staged(staged, by=by) is not None
        for measured, value in zip((seconds, cpu), clock.read(), strict=True):
            measured.append(value)
        file.unlink()
    return {"seconds": seconds, "cpu": cpu}


def index(folder: Path) -> dict[str, Any]:
    """The words of all rows into the search index, as the background worker does after an import."""
    start(folder)
    from zhenwu.ledgers import search_index

    clock = Clock()
    done = sum(search_index.catch_up(LEDGER))
    seconds, cpu = clock.read()
    return {"rows": done, "seconds": seconds, "cpu": cpu}


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    jobs = asked.add_subparsers(dest="what", required=True)
    for name, words in (("limit", ["file"]), ("ours", ["file", "changed"]), ("grow", []), ("index", [])):
        one = jobs.add_parser(name)
        for word in (*words, "folder"):
            one.add_argument(word, type=Path)
        if name == "grow":
            one.add_argument("rows", type=int)
    said = vars(asked.parse_args())
    todo: dict[str, Callable[..., dict[str, Any]]] = {"limit": limit, "ours": ours, "grow": grow, "index": index}
    report(todo[said.pop("what")](**said))
