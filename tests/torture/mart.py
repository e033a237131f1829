"""Campaign: rows are written and figures asked, copies made and laid over, and the process is cut off in the middle of it."""

import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.torture import cast
from tests.torture.harness import Confirm

_STEPS = 6
_SQL = "SELECT id, version, duty_name FROM hazard_site ORDER BY id"
_STATES = "SELECT row, void FROM hazard_site__state WHERE next_change IS NULL ORDER BY row"


def prepare() -> None:
    cast.add(*(f"旧点位{number}" for number in range(300)))
    _check_one(_mart())


def act(confirm: Confirm, attempt: int) -> None:
    """Confirms how many rows a figure counted, each time it was right; a wrong one ends the campaign."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Draft, Edit, Void
    from zhenwu.mart import copying, tasks

    copying._FEW = copying._FEW_AT_REST = 40  # so that copies are made often
    copying._SHARE = copying._SHARE_AT_REST = 1000
    chance, by, mart = random.Random(attempt), cast.clerk(), _mart()
    for step in range(_STEPS):
        cast.add(*(f"点位{attempt}之{step}之{number}" for number in range(10)), by=by)
        live = list(cast.rows().filter(voided_by_change=None).values_list("pk", "version"))
        some = chance.sample(live, 20)
        edits: list[Any] = [Edit(pk, version, {"duty_name": f"王{attempt}之{step}"}) for pk, version in some[:10]]
        edits += [Void(pk, version) for pk, version in some[10:]]
        commit(Draft(cast.LEDGER, by, edits, Source(SourceKind.FORM), "试验", cast.TODAY))
        confirm(f"{_check_one(mart)}")
        if step % 3 == 2:
            tasks.renew_copies()


def check(confirmed: list[str]) -> list[str]:
    """The copies that are left, taken up by a fresh process, say the same as the database and as copies from nothing."""
    from zhenwu.mart.status import rebuild

    problems = []
    left = _mart()
    try:
        _check_one(left)
    except AssertionError as wrong:
        problems.append(f"with the copies left behind: {wrong}")
    with tempfile.TemporaryDirectory() as folder:
        nothing = _mart(Path(folder))
        if _answers(nothing) != _answers(left):
            problems.append("copies from nothing say otherwise")
    if len(confirmed) % 7 == 0:  # an operator who begins anew, now and then
        list(rebuild([cast.LEDGER]))
        _check_one(left)
    return problems


def _mart(folder: Path | None = None) -> Any:
    from django.conf import settings

    from zhenwu.mart.store import Mart, running_schema

    return Mart(folder or Path(settings.INSTANCE) / "mart", running_schema())


def _answers(mart: Any) -> list[list[dict[str, Any]]]:
    from datetime import date

    from zhenwu.mart.engine import window
    from zhenwu.mart.statements import Preparer
    from zhenwu.packs import runtime

    preparer = Preparer(mart.schema, runtime.packs().packs[cast.LEDGER])
    return [
        mart.query(preparer.prepare(sql, "torture"), window(date(2020, 12, 31))).to_pylist() for sql in (_SQL, _STATES)
    ]


def _counted(mart: Any) -> Counter[str]:
    """Rows by name, asked in parts: of the copy, less its old ones, plus the new."""
    from datetime import date

    from zhenwu.mart.engine import window
    from zhenwu.mart.statements import Preparer
    from zhenwu.packs import runtime

    prepared = Preparer(mart.schema, runtime.packs().packs[cast.LEDGER]).prepare(
        _SQL.rpartition(" ORDER")[0], "torture"
    )
    assert prepared.adds_up == {cast.LEDGER}
    parts = mart.query_parts(
        prepared, window(date(2020, 12, 31)), "SELECT duty_name, count(*) AS n FROM {} GROUP BY ALL"
    )
    found: Counter[str] = Counter()
    for times, part in ((1, parts.base), (-1, parts.old), (1, parts.new)):
        for row in part.to_pylist() if part is not None else ():
            found[row["duty_name"]] += times * row["n"]
    return +found


def _check_one(mart: Any) -> int:
    """Ask, and compare with the database; returns how many rows there are."""
    stored = sorted(
        (pk.hex, version, name)
        for pk, version, name in cast.rows().filter(voided_by_change=None).values_list("pk", "version", "duty_name")
    )
    rows, states = _answers(mart)
    assert [tuple(row.values()) for row in rows] == stored, f"{len(rows)} rows of {len(stored)}, or other values"
    assert [row["row"] for row in states if not row["void"]] == [one[0] for one in stored], "other states"
    assert _counted(mart) == Counter(name for _, _, name in stored), "a sum of parts is not that of the whole"
    return len(rows)
