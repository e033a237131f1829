"""Campaign: a clerk who adds, changes, voids and undoes without pause, cut off in the middle."""

import random

from tests.torture import cast
from tests.torture.harness import Confirm

_ACTS = 12


def prepare() -> None:
    cast.add(*(f"旧点位{number}" for number in range(200)))


def act(confirm: Confirm, attempt: int) -> None:
    """Confirms `row version` of what each commit wrote, once it has returned."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import History, SourceKind
    from zhenwu.ledgers.actions import commit, undo
    from zhenwu.ledgers.operations import Draft, Edit, Void

    chance = random.Random(attempt)
    by = cast.clerk()
    for step in range(_ACTS):
        live = list(cast.rows().filter(voided_by_change=None).values_list("pk", "version")[:200])
        some = chance.sample(live, min(len(live), 30))
        match step % 4:
            case 0:
                change = cast.add(*(f"点位{attempt}之{step}之{number}" for number in range(30)), by=by)
            case 1:
                edits = [Edit(pk, version, {"duty_name": f"王{attempt}之{step}"}) for pk, version in some]
                change = commit(Draft(cast.LEDGER, by, edits, Source(SourceKind.FORM), today=cast.TODAY))
            case 2:
                voids = [Void(pk, version) for pk, version in some[:3]]
                change = commit(Draft(cast.LEDGER, by, voids, Source(SourceKind.FORM), "已拆除", cast.TODAY))
            case _:
                [change] = undo(change, by=by, reason="作废错了")
        for row, version in History.objects.filter(change=change).values_list("row", "version"):
            confirm(f"{row} {version}")


def check(confirmed: list[str]) -> list[str]:
    stored = {str(pk): version for pk, version in cast.rows().values_list("pk", "version")}
    said = [one.split() for one in confirmed]
    return [
        f"row {row} was confirmed in version {version}, there is {stored.get(row)}"
        for row, version in said
        if stored.get(row, 0) < int(version)
    ]
