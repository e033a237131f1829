"""What an event leaves to do in other ledgers, as their packs declare it (`[[todo]]`): raised with the effect, in the event."""

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import TodoSpec

_MOST = 60


def todos_of(
    kind: str, what: str, persons: Collection[uuid.UUID], households: Collection[uuid.UUID]
) -> list[dict[str, Any]]:
    """The lines of the event's list, a running row each; rows that the person who confirms may not see are told without
    anything but what is to be done."""
    found = []
    for ledger in runtime.ledgers().values():
        for spec in ledger.pack.todo:
            if kind in spec.kinds:
                found += list(_running(ledger, spec, what, persons, households))
    return found[:_MOST]


def _running(
    ledger: Ledger, spec: TodoSpec, what: str, persons: Collection[uuid.UUID], households: Collection[uuid.UUID]
) -> Iterator[dict[str, Any]]:
    final = [code for code, state in ledger.states.items() if state.final]
    target = ledger.types[spec.link].target  # type: ignore[attr-defined]
    concerned = persons if target == "people.Person" else households
    rows = ledger.rows("effects").filter(voided_by_change=None, **{f"{spec.link}__in": list(concerned)})
    rows = rows.exclude(state__in=final).select_related(spec.link)
    if spec.still:
        rows = rows.filter(**{f"{spec.still}__isnull": True})
    for code, allowed in spec.values.items():
        rows = rows.filter(**{f"{code}__in": allowed})
    for row in rows.order_by("no"):
        said = {"who": getattr(row, spec.link), "what": what, "no": row.no, "name": getattr(row, "name", "") or row.no}
        yield {
            "id": None,
            "what": spec.says.format_map(said)[:300],
            "ledger": ledger.label,
            "row_no": row.no,
            "done": False,
        }
