"""Changes as people look for them: by ledger, person, period and where they came from; and what undoing one would do."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers.actions import undo
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.queries import ledgers_for, rows_in
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger


@dataclass(frozen=True)
class ChangeQuery:
    """What the address of the list of changes asks for, cleaned: what is unknown is dropped, not an error."""

    ledger: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None
    kind: str = ""
    before: int | None = None

    @classmethod
    def from_params(cls, said: Mapping[str, str], ledger: str = "") -> "ChangeQuery":
        code, kind, before = ledger or said.get("ledger", ""), said.get("kind", ""), said.get("before", "")
        return cls(
            ledger=code if code in runtime.ledgers() else "",
            who=said.get("who", "").strip()[:30],
            since=_day(said.get("since")),
            until=_day(said.get("until")),
            kind=kind if kind in SourceKind.values else "",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
        )

    def url(self, **changed: Any) -> str:
        asked = replace(self, **changed)
        said: dict[str, Any] = {"ledger": asked.ledger, "who": asked.who, "since": asked.since, "until": asked.until}
        said |= {"kind": asked.kind, "before": asked.before}
        return "?" + urlencode({key: str(value) for key, value in said.items() if value})

    @property
    def is_plain(self) -> bool:
        return not (self.who or self.since or self.until or self.kind)


def changes_seen(user: User, query: ChangeQuery) -> QuerySet[Change]:
    """The changes that this person may know of, newest first: all of the ledgers read for the whole township, the own ones of
    the others."""
    whole, part = list[str](), list[str]()
    for ledger, scope in ledgers_for(user):
        if query.ledger in ("", ledger.code):
            (part if scope.places is not None else whole).append(ledger.code)
    mine = Q(author=user) | Q(stands_for=user)
    found = Change.objects.filter(
        (Q(ledgers__has_any_keys=whole) if whole else Q(pk__in=()))
        | (Q(ledgers__has_any_keys=part) & mine if part else Q(pk__in=()))
    )
    if query.who:
        found = found.filter(Q(author__display_name__icontains=query.who) | Q(author__username=query.who))
    if query.since:
        found = found.filter(at__gte=_start(query.since))
    if query.until:
        found = found.filter(at__lt=_start(query.until + timedelta(days=1)))
    if query.kind:
        found = found.filter(source_kind=query.kind)
    if query.before:
        found = found.filter(pk__lt=query.before)
    return found.select_related("author", "stands_for").prefetch_related("undone_by").order_by("-pk")


def changed_since(change: Change, ledger: Ledger) -> set[uuid.UUID]:
    """The rows of a change that say something newer by now, so that undoing it would take that back too."""
    versions = dict(History.objects.filter(change=change, ledger=ledger.code).values_list("row", "version"))
    found: set[uuid.UUID] = set()
    ids = list(versions)
    for start in range(0, len(ids), 2000):
        newer = History.objects.filter(ledger=ledger.code, row__in=ids[start : start + 2000]).order_by()
        found |= {row for row, version in newer.values_list("row", "version") if version > versions[row]}
    return found


def why_not_undo(change: Change, user: User) -> list[str]:
    """What would stand in the way of undoing the change now; [] when it can be undone. Writes nothing."""
    try:
        with transaction.atomic():
            undo(change, by=user, reason="（试办）")
            transaction.set_rollback(True)
    except LedgerError as refused:
        return list(dict.fromkeys(str(refused).splitlines()))
    return []


def seen_rows(change: Change, ledger: Ledger, scope: Any) -> QuerySet[Any]:
    """The rows of the change that the scope sees."""
    touched = History.objects.filter(change=change, ledger=ledger.code).values("row")
    return rows_in(ledger, scope, voided=True).filter(pk__in=touched)


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None
