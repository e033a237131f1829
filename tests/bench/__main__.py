"""`python -m tests.bench`: speed, each figure beside the bare limit measured in the same run. Nothing is asserted.

Seconds differ between machines and hours; the ratio is what to compare. It is of processor seconds, which hold on a busy
machine too; of list pages that is the time one costs the workers. With ZHENWU_DATABASE_URL everything runs on that PostgreSQL
server, in databases of its own that are dropped afterwards; what the server does is not in our processor seconds, so there
seconds are compared. More than 100,000 rows are imported as several sheets of so many.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.importing import SHEET
from tests.bench.measure import job
from tests.bench.township import SERVER, drop_databases

_SMALL = 1_000
_DATABASE = "PostgreSQL" if SERVER else "SQLite"


@dataclass(frozen=True)
class Result:
    """One line of the table. `ratio` is how many times the bare limit (or the smaller case) it took."""

    job: str
    ours: str
    limit: str = ""
    ratio: float | None = None
    peak_mib: int | None = None


def importing(folder: Path, total: int) -> Iterator[Result]:
    roster, changed, instance = folder / "roster.xlsx", folder / "changed.xlsx", folder / "large"
    rows = min(total, SHEET)
    job("township", "roster", roster, rows)
    job("township", "changed_roster", changed, rows)
    job("township", "prepare", instance)
    before = job("importing", "limit", roster, folder)
    ours = job("importing", "ours", roster, changed, instance)
    after = job("importing", "limit", roster, folder)  # the machine may change its pace
    seconds, cpu = (min(before[key], after[key]) for key in ("seconds", "cpu"))
    limit = f"{seconds:.2f} s (CPU {cpu:.2f}) calamine + {'COPY' if SERVER else 'executemany'}"

    def ratio(key: str) -> float:
        """Of processor seconds; those of a database server are not ours, so there of seconds."""
        return float(ours[key] / seconds if SERVER else ours[f"{key}_cpu"] / cpu)

    def took(key: str) -> str:
        return f"{ours[key]:.2f} s (CPU {ours[f'{key}_cpu']:.2f})"

    first = f"{took('first')}: read {ours['stage']:.2f}, write {ours['commit']:.2f}"
    yield Result(f"import {rows:,} rows × 12", first, limit, ratio("first"), ours["peak_mib"])
    yield Result("again, each hundredth row changed", took("again"), limit, ratio("again"), ours["again_mib"])
    yield Result("again, all the same: read and compare", took("same"), limit, ratio("same"))
    if total > rows:
        more = job("importing", "grow", instance, total, timeout=7200)
        took_by = more["seconds" if SERVER else "cpu"]
        said = f"{took_by[-1]:.2f} s, into {total - rows:,} rows"
        yield Result(
            "the last such sheet",
            said,
            f"{took_by[0]:.2f} s into the first",
            took_by[-1] / took_by[0],
            more["peak_mib"],
        )
    words = job("importing", "index", instance, timeout=7200)
    yield Result("search index", f"{words['seconds']:.2f} s (CPU {words['cpu']:.2f}) for {words['rows']:,} versions")


def one_row(folder: Path, rows: int) -> Iterator[Result]:
    roster, changed, instance = folder / "small.xlsx", folder / "small_changed.xlsx", folder / "small"
    job("township", "roster", roster, _SMALL)
    job("township", "changed_roster", changed, _SMALL)
    job("township", "prepare", instance)
    job("importing", "ours", roster, changed, instance)
    small, large = job("rows", "one_row", instance), job("rows", "one_row", folder / "large")
    for what, key in (("add", "add_ms"), ("edit", "edit_ms")):
        ours, limit = f"{large[key]:.1f} ms at {rows:,} rows", f"{small[key]:.1f} ms at {_SMALL:,}"
        yield Result(f"{what} one row", ours, limit, large[key] / small[key])


def listing(folder: Path, rows: int) -> Iterator[Result]:
    found = job("serving", folder / "large", timeout=1200)
    bare = found.pop("bare")["per_second"]
    del found["peak_mib"]
    for name, one in found.items():
        cpu = f"CPU {one['cpu_ms']:.1f} ms" + (f" + database {one['database_ms']:.1f}" if SERVER else "")
        ours = f"{one['per_second']:.0f}/s, {cpu}: {2000 / one['cpu_ms']:.0f}/s on two processors"
        yield Result(f"list of {rows:,}: {name}", ours, f"{bare:.0f}/s bare WSGI", bare / one["per_second"])


def export(folder: Path, rows: int) -> Iterator[Result]:
    found = job("rows", "export", folder / "large", timeout=3600)
    ours, limit = f"{found['seconds']:.2f} s", f"{found['limit']:.2f} s XlsxWriter"
    yield Result(f"export {found['rows']:,} rows", ours, limit, found["seconds"] / found["limit"], found["peak_mib"])


def audit(folder: Path, rows: int) -> Iterator[Result]:
    found = job("rows", "audit", folder / "large", timeout=3600)
    rate = found["versions"] / found["seconds"]
    yield Result("audit verify", f"{found['seconds']:.2f} s ({rate:,.0f} rows/s)", peak_mib=found["peak_mib"])


def merge(folder: Path, rows: int) -> Iterator[Result]:
    small, large = job("places", "merge", folder / "small"), job("places", "merge", folder / "large")
    what = f"{large['places_written']} places and edges, {large['statements']} statements"
    for name, key in (("merge two villages", "merge_ms"), ("undo it", "undo_ms"), ("preview it", "preview_ms")):
        ours, limit = f"{large[key]:.0f} ms at {rows:,} rows", f"{small[key]:.0f} ms at {small['rows']:,}"
        yield Result(f"{name} ({what})" if key == "merge_ms" else name, ours, limit, large[key] / small[key])


def mart(folder: Path, rows: int) -> Iterator[Result]:
    found = job("mart", folder / "large", timeout=3600)
    plain, signed = (
        f"{found[f'{name}_ms']:.0f} ms (CPU {found[f'{name}_cpu_ms']:.0f})" for name in ("fresh", "signed")
    )
    ours = f"{plain}, signed {signed}; first copy {found['copy_s']:.1f} s"
    yield Result("figure after one row changed", ours, "50 ms", found["fresh_cpu_ms"] / 50, found["peak_mib"])
    limit = f"{found['limit_ms']:.0f} ms raw DuckDB"
    yield Result(
        "sum by village × month", f"{found['grouped_ms']:.0f} ms", limit, found["grouped_ms"] / found["limit_ms"]
    )
    now, was = found["now_ms"], found["was_ms"]
    yield Result("villages after a merger, as they are now", f"{now:.0f} ms", f"{was:.0f} ms as they were", now / was)


def checks(folder: Path, rows: int) -> Iterator[Result]:
    found = job("checks", folder / "checks", rows)
    five, took = found["five"], found["reconcile"]
    limit = f"{five['limit_ms']:.0f} ms raw DuckDB"
    ours = f"{five['ours_ms']:.0f} ms ({five['found']:,} found)"
    yield Result(
        f"five checks, {rows:,} × {rows * 91 // 100:,}",
        ours,
        limit,
        five["ours_ms"] / five["limit_ms"],
        found["peak_mib"],
    )
    said = f"new {took['new']:.2f} s, same {took['same']:.2f}, other words {took['words']:.2f}, half of them new {took['half']:.2f}"
    yield Result("reconcile 10,000 findings", said, "1 s")


def idno(folder: Path, rows: int) -> Iterator[Result]:
    found = job("idno", "check")
    ours = f"CPU {found['cpu']:.3f} s"
    limit = f"CPU {found['limit_cpu']:.3f} s plain numpy, {found['digit_cpu']:.3f} of it the check digit"
    yield Result(f"check {found['count']:,} ID numbers", ours, limit, found["cpu"] / found["limit_cpu"])


def register(folder: Path, rows: int) -> Iterator[Result]:
    """A register of so many persons with their families, beside reading its cells and inserting them into one plain table."""
    sheet, instance = folder / "register.xlsx", folder / "register"
    persons = min(rows, SHEET)
    job("register", "roster", sheet, persons)
    job("register", "make", instance)
    bare = job("importing", "limit", sheet, folder)
    ours = job("register", "ours", sheet, instance, timeout=1800)
    key = "seconds" if SERVER else "cpu"
    took = ours["first" if SERVER else "first_cpu"]
    said = f"{ours['first']:.2f} s (CPU {ours['first_cpu']:.2f}), {2 * ours['persons'] + ours['households']:,} rows"
    limit = f"{bare['seconds']:.2f} s (CPU {bare['cpu']:.2f}) one plain table"
    yield Result(
        f"register of {ours['persons']:,} persons in families", said, limit, took / bare[key], ours["peak_mib"]
    )
    found = job("register", "picker", instance, timeout=1800)["ms"]
    slowest = max(found, key=found.__getitem__)
    yield Result("find a person by any of 13 ways", f"at most {found[slowest]:.1f} ms ({slowest})")


JOBS: dict[str, Callable[[Path, int], Iterator[Result]]] = {
    "import": importing, "one-row": one_row, "list": listing, "export": export, "audit": audit, "merge": merge,
    "mart": mart, "checks": checks, "idno": idno, "register": register,
}  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--json", action="store_true", help="print the results as JSON")
    asked.add_argument(
        "--only", choices=[name for name in JOBS if name != "import"], action="append", help="besides import"
    )
    said = asked.parse_args()
    wanted = ["import", *(said.only or [name for name in JOBS if name != "import"])]
    console = Console(stderr=True)
    folder = Path(tempfile.mkdtemp(prefix="zhenwu-bench-"))
    results: list[Result] = []
    try:
        for name in wanted:
            with console.status(f"{name} …"):
                results += JOBS[name](folder, said.rows)
    finally:
        if SERVER:
            drop_databases(folder)
        shutil.rmtree(folder, ignore_errors=True)
    if said.json:
        print(json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=2))
        return 0
    table = Table("job", "ours", "bare limit", "ratio", "peak MiB", title=f"{said.rows:,} rows, {_DATABASE}")
    for one in results:
        ratio = "" if one.ratio is None else f"{one.ratio:.1f} ×"
        table.add_row(one.job, one.ours, one.limit, ratio, str(one.peak_mib or ""))
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
