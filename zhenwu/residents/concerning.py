"""Every row of any ledger that concerns a household or its members, as far as the user may see it."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.ledgers.queries import name_of, references_to, rows_in, scope_in
from zhenwu.packs.runtime import Ledger

OWN = frozenset({"person", "household", "household_member", "household_event"})
_MOST = 12


@dataclass(frozen=True)
class Line:
    url: str
    no: str
    title: str
    whose: str
    how: str  # which field leads here: 申请人, 监护人
    state: str


@dataclass(frozen=True)
class Block:
    ledger: Ledger
    lines: list[Line]
    more: bool


def blocks(user: User, persons: Collection[uuid.UUID], households: Collection[uuid.UUID]) -> list[Block]:
    """One for each ledger that has such rows."""
    found: dict[str, Block] = {}
    for target, ids in (("household", households), ("person", persons)):
        for ledger, kind in references_to(target):
            if ledger.code in OWN or not ids:
                continue
            scope = scope_in(user, ledger)
            if not scope.read or not scope.shows(kind.spec.privacy):
                continue
            rows = rows_in(ledger, scope).filter(**{f"{kind.code}__in": list(ids)}).order_by("-no")
            lines = list(_lines(ledger, kind, rows))
            if lines:
                block = found.setdefault(ledger.code, Block(ledger, [], len(lines) > _MOST))
                seen = {one.no for one in block.lines}
                block.lines.extend(one for one in lines[:_MOST] if one.no not in seen)
    return list(found.values())


def _lines(ledger: Ledger, kind: Any, rows: Any) -> Iterator[Line]:
    links = [one.code for one in ledger.stored.values() if one.is_link and one.code in (*ledger.title, kind.code)]
    links = [code for code in links if not ledger.types[code].spec.many]
    for row in rows.select_related(*{kind.code, *links})[: _MOST + 1]:
        target = getattr(row, kind.code)
        yield Line(
            reverse("ledgers:row", args=[ledger.code, row.pk]), row.no, name_of(ledger, row), str(target), kind.label,
            ledger.state_label(row.state) if row.state else row.get_review_display(),
        )  # fmt: skip
