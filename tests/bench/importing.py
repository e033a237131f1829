"""Import of a roster: read, map, normalise, check, compare, commit with history, against reading and inserting alone."""

import argparse
import sqlite3
from pathlib import Path
from typing import Any

from tests.bench.measure import Clock, peak_mib, report
from tests.bench.township import LEDGER, bench_user, start


def limit(file: Path, folder: Path) -> dict[str, Any]:
    """What any importer must at least do: read the cells, insert them into a plain table of 12 columns."""
    import python_calamine

    clock = Clock()
    rows = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[1:]
    read, _ = clock.read()
    connection = sqlite3.connect(folder / "limit.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    columns = ", ".join(f"c{number}" for number in range(len(rows[0])))
    with connection:
        connection.execute("DROP TABLE IF EXISTS plain")
        connection.execute(f"CREATE TABLE plain (id INTEGER PRIMARY KEY, {columns})")
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(
            f"INSERT INTO plain ({columns}) VALUES ({marks})",
            ([cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in row] for row in rows),
        )
    seconds, cpu = clock.read()
    return {"seconds": seconds, "cpu": cpu, "read": read, "write": seconds - read}


def ours(file: Path, folder: Path) -> dict[str, Any]:
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
    again, again_cpu = clock.read()
    assert same.counts["same"] == len(same.rows), same.counts
    return {
        "seconds": seconds, "cpu": cpu, "stage": read, "commit": seconds - read, "peak_mib": peak,
        "again": again, "again_cpu": again_cpu,
    }  # fmt: skip


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("what", choices=["limit", "ours"])
    asked.add_argument("file", type=Path)
    asked.add_argument("folder", type=Path)
    said = asked.parse_args()
    report({"limit": limit, "ours": ours}[said.what](said.file, said.folder))
