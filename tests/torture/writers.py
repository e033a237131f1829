"""Two processes that write at once: into the same ledger, into the same row, into different ledgers."""

from collections.abc import Callable
from typing import Any

from tests.torture import cast
from tests.torture.harness import audit_problems, in_child, side_by_side

_ROUNDS = 25


def run(wanted: int, seed: int) -> dict[str, Any]:
    in_child(lambda: bool(cast.add("共用的点位")))
    said = side_by_side([_writer("甲"), _writer("乙")])
    return in_child(lambda: _judge(said))


def _writer(name: str) -> Callable[[], dict[str, Any]]:
    def write() -> dict[str, Any]:
        """Each round: rows of its own, a change of the shared row (again after a conflict), a row of another ledger."""
        from zhenwu.changes.actions import Source
        from zhenwu.changes.models import SourceKind
        from zhenwu.ledgers.actions import commit
        from zhenwu.ledgers.errors import Conflict
        from zhenwu.ledgers.operations import Add, Draft, Edit

        by, place = cast.clerk(), cast.village().pk
        source = Source(SourceKind.FORM)
        edits, conflicts = 0, 0
        for number in range(_ROUNDS):
            cast.add(*(f"{name}{number}之{one}" for one in range(5)), by=by)
            while True:
                shared = cast.rows().get(name="共用的点位")
                edit = Edit(shared.pk, shared.version, {"duty_name": f"{name}{number}"})
                try:
                    commit(Draft(cast.LEDGER, by, [edit], source, today=cast.TODAY))
                    edits += 1
                    break
                except Conflict:
                    conflicts += 1
            year = 2000 + number if name == "甲" else 2040 + number
            none = {"sector": "消防", "for_year": year, "signer": name, "signed_on": cast.TODAY}
            commit(Draft("site_none", by, [Add(none, place)], source, today=cast.TODAY))
        return {"edits": edits, "conflicts": conflicts}

    return write


def _judge(said: list[dict[str, Any]]) -> dict[str, Any]:
    from zhenwu.changes.models import History
    from zhenwu.packs import runtime

    problems = audit_problems()
    added = cast.rows().exclude(name="共用的点位").count()
    if added != 2 * 5 * _ROUNDS:
        problems.append(f"{added} rows of {2 * 5 * _ROUNDS}")
    shared = cast.rows().get(name="共用的点位")
    edits = sum(one["edits"] for one in said)
    if shared.version != 1 + edits:
        problems.append(f"{edits} changes of the shared row were confirmed, it is in version {shared.version}")
    others = runtime.ledger("site_none").rows("audit").count()
    if others != 2 * _ROUNDS:
        problems.append(f"{others} rows of {2 * _ROUNDS} in the other ledger")
    names = {f"{name}{number}" for name in "甲乙" for number in range(_ROUNDS)}
    kept = History.objects.filter(row=shared.pk).values_list("values", flat=True)
    problems += [f"{name} is lost" for name in names if not any(f'"{name}"' in one for one in kept)]
    return {"problems": problems, "conflicts": sum(one["conflicts"] for one in said), "edits": edits}
