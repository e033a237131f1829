"""One row changed, the whole ledger exported, the whole history verified: on an instance that holds the roster."""

import argparse
import statistics
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench.measure import peak_mib, report
from tests.bench.township import LEDGER, SERVER, bench_user, start

_TIMES = 40
_now = time.perf_counter if SERVER else time.process_time  # a server's work is not in our processor seconds


def one_row(folder: Path) -> dict[str, Any]:
    """Median milliseconds to add a row and to edit one, each a change of its own."""
    start(folder)
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.divisions.queries import villages
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft, Edit
    from zhenwu.packs import runtime

    by, day = bench_user(), date(2020, 6, 1)
    place = villages(day)[0].pk
    source, model = Source(SourceKind.FORM), runtime.model_for(LEDGER)
    adds, edits = [], []
    for number in range(_TIMES):
        values = {
            "head_name": "陈一", "plot_name": f"测速{number}", "signed_on": day, "crop": "茶叶", "area": Decimal("1.5"),
        }  # fmt: skip
        begun = _now()
        change = commit(Draft(LEDGER, by, [Add(values, place)], source, today=day))
        added = _now()
        row = model.objects.unscoped("test").get(change=change)
        read = _now()
        commit(Draft(LEDGER, by, [Edit(row.pk, 1, {"area": Decimal("2.5")})], source, today=day))
        adds.append(added - begun)
        edits.append(_now() - read)
    return {
        "rows": model.objects.unscoped("test").count(),
        "add_ms": 1000 * statistics.median(adds),
        "edit_ms": 1000 * statistics.median(edits),
    }


def export(folder: Path) -> dict[str, Any]:
    """Seconds to export all rows as xlsx, and for XlsxWriter alone to write as many cells."""
    start(folder)
    import openpyxl
    import xlsxwriter

    from zhenwu.ledgers.exporting import export as export_rows
    from zhenwu.packs import runtime

    path = folder / "export.xlsx"
    begun = _now()
    count = export_rows(runtime.ledger(LEDGER), bench_user(), path)
    took = _now() - begun
    peak = peak_mib()
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    begun = _now()
    with xlsxwriter.Workbook(str(folder / "limit.xlsx"), {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(at, column, value)
                elif value is not None and not hasattr(value, "year"):
                    page.write_number(at, column, value)
                elif value is not None:
                    page.write_datetime(at, column, value)
    return {"seconds": took, "rows": count, "limit": _now() - begun, "peak_mib": peak}


def audit(folder: Path) -> dict[str, Any]:
    start(folder)
    from zhenwu.changes.queries import ledger_seq
    from zhenwu.ledgers.audit import verify

    begun = _now()
    breaks = list(verify(LEDGER))
    took = _now() - begun
    assert breaks == [], breaks[:3]
    return {"seconds": took, "versions": ledger_seq(LEDGER)}


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("what", choices=["one_row", "export", "audit"])
    asked.add_argument("folder", type=Path)
    said = asked.parse_args()
    report({"one_row": one_row, "export": export, "audit": audit}[said.what](said.folder))
