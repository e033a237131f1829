"""Two villages with their groups merged, previewed and undone, on an instance that holds the roster."""

import argparse
import statistics
import time
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.measure import report
from tests.bench.township import LEDGER, SERVER, bench_user, start

_TIMES, _GROUPS = 9, 10
_now = time.perf_counter if SERVER else time.process_time


def merge(folder: Path) -> dict[str, Any]:
    """Median milliseconds to put a merger of two villages into effect, to preview and to undo it; rows that it wrote."""
    start(folder)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from zhenwu.divisions.actions import create_divisions
    from zhenwu.divisions.effect import enter_event, undo
    from zhenwu.divisions.models import Division, Edge, Level
    from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan, draft
    from zhenwu.divisions.previewing import preview
    from zhenwu.divisions.queries import villages
    from zhenwu.divisions.steps import drop
    from zhenwu.packs import runtime

    by, day = bench_user(), date(2020, 7, 1)
    pair = list(villages(day)[:2])
    if not Division.objects.filter(level=Level.GROUP).exists():
        create_divisions(
            [
                Division(code=f"{one.code}{n:02d}", name=f"{n}组", level=Level.GROUP, parent=one, valid_from=one.valid_from)
                for one in pair
                for n in range(1, _GROUPS + 1)
            ],
            by=by, reason="测速",
        )  # fmt: skip
    plan = EventPlan("merge_new", "测速", day, [UnitPlan(name="测速村")], [FlowPlan(one, 0) for one in pair])
    planned = draft(plan, by=by)
    begun = _now()
    seen = preview(planned)
    previewed = _now() - begun
    drop(planned, by=by, reason="测速")
    effects, undos, statements = [], [], 0
    for at in range(_TIMES):
        begun = _now()
        if at:
            event = enter_event(plan, by=by)
        else:
            with CaptureQueriesContext(connection) as asked:
                event = enter_event(plan, by=by)
            statements = len(asked)
        done = _now()
        written = Edge.objects.filter(event=event).count() + event.born.count() + event.ended.count()
        undoing = _now()
        undo(event, by=by, reason="测速")
        ended = _now()
        drop(event, by=by, reason="测速")
        if at:
            effects.append(done - begun)
            undos.append(ended - undoing)
    return {
        "rows": runtime.model_for(LEDGER).objects.unscoped("test").count(), "merge_ms": 1000 * statistics.median(effects),
        "undo_ms": 1000 * statistics.median(undos), "preview_ms": 1000 * previewed, "places_written": written,
        "rows_written": seen.rows_written, "statements": statements,
    }  # fmt: skip


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("what", choices=["merge"])
    asked.add_argument("folder", type=Path)
    report(merge(asked.parse_args().folder))
