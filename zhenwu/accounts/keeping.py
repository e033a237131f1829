"""The history of users, offices, appointments and grants: each act is a version in its chain and an entry in the audit
log; `zhenwu audit verify` compares the tables with the newest versions."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from zhenwu.accounts.models import Appointment, Delegation, Grant, PostDecision, Unit, User
from zhenwu.changes.actions import Break, Source, Version, append, lock_chain, open_change
from zhenwu.changes.audit import record
from zhenwu.changes.models import ChainHead, Change, History, SourceKind, Watched
from zhenwu.changes.queries import last_said

Kept = User | Unit | Appointment | Grant | Delegation | PostDecision
_UNDONE = "undone"  # the act after which a row is no more


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _hex(value: uuid.UUID | None) -> str | None:
    return value.hex if value else None


def _user(one: User) -> dict[str, Any]:
    return {
        "username": one.username, "name": one.display_name, "is_active": one.is_active, "approved": one.approved,
        "is_staff": one.is_staff, "is_superuser": one.is_superuser,
    }  # fmt: skip


def _unit(one: Unit) -> dict[str, Any]:
    return {"label": one.label, "lines": one.lines}


def _appointment(one: Appointment) -> dict[str, Any]:
    return {
        "user": one.user_id, "unit": one.unit_id, "role": str(one.role), "division": _hex(one.division_id),
        "valid_from": _day(one.valid_from), "valid_to": _day(one.valid_to),
    }  # fmt: skip


def _grant(one: Grant) -> dict[str, Any]:
    return {
        "user": one.user_id, "unit": one.unit_id, "ledger": one.ledger, "verbs": one.verbs, "privacy": one.privacy,
        "division": _hex(one.division_id), "valid_from": _day(one.valid_from), "valid_to": _day(one.valid_to),
        "reason": one.reason,
    }  # fmt: skip


def _delegation(one: Delegation) -> dict[str, Any]:
    return {
        "user": one.user_id, "deputy": one.deputy_id, "valid_from": _day(one.valid_from),
        "valid_to": _day(one.valid_to), "reason": one.reason,
    }  # fmt: skip


def _decision(one: PostDecision) -> dict[str, Any]:
    return {
        "event": _hex(one.event_id), "post": one.post_id, "choice": str(one.choice), "toward": one.toward, "by": one.by_id,
        "reason": one.reason, "done_on": _day(one.done_on), "was_until": _day(one.was_until), "made": one.made_id,
    }  # fmt: skip


_KINDS: dict[str, tuple[type[Kept], Callable[[Any], dict[str, Any]], Watched, str]] = {
    "user": (User, _user, Watched.USER, "账号"),
    "unit": (Unit, _unit, Watched.UNIT, "站所"),
    "appointment": (Appointment, _appointment, Watched.APPOINTMENT, "任职"),
    "grant": (Grant, _grant, Watched.GRANT, "授权"),
    "delegation": (Delegation, _delegation, Watched.APPOINTMENT, "代办"),
    "post_decision": (PostDecision, _decision, Watched.APPOINTMENT, "任职去向"),
}
LEDGERS = frozenset(_KINDS)


def ledger_of(one: Kept) -> str:
    return next(ledger for ledger, (model, *_) in _KINDS.items() if isinstance(one, model))


def row_id(one: Kept) -> uuid.UUID:
    """What names the row in history: numbers of these tables as UUIDs."""
    return one.pk if isinstance(one.pk, uuid.UUID) else uuid.UUID(int=one.pk)


def hold() -> None:
    """One writer of rights at a time: what may stand beside what is judged under this lock."""
    lock_chain("appointment")


def keep(
    one: Kept,
    act: str,
    said: str,
    *,
    by: Any,
    reason: str = "",
    about: User | None = None,
    change: Change | None = None,
) -> Change:
    """Write the version of a row as it is now, and tell the audit log. In the caller's transaction, and in its `change`
    when there is one."""
    change = change or open_change(author=by, reason=reason, source=Source(SourceKind.SYSTEM, "账号与权限"))
    ledger = ledger_of(one)
    version = History.objects.filter(ledger=ledger, row=row_id(one)).count() + 1
    append(change, ledger, [Version(row_id(one), version, act, _KINDS[ledger][1](one))])
    record(_KINDS[ledger][2], f"{said}（{reason}）" if reason else said, by=by, about=about)
    return change


@transaction.atomic
def adopt() -> None:
    """Take what stood in the tables before there was a history of it into the chains, once: after an upgrade."""
    for ledger, (model, values, *_) in _KINDS.items():
        rows: list[Any] = list(model._default_manager.order_by("pk"))
        if rows and not ChainHead.objects.filter(ledger=ledger).exists():
            source = Source(SourceKind.SYSTEM, "账号与权限")
            change = open_change(author=None, reason="升级：原有的账号和任职开始记入历史", source=source)
            append(change, ledger, [Version(row_id(one), 1, "adopt", values(one)) for one in rows])


def forget(one: Kept, said: str, *, by: Any, about: User | None, change: Change) -> None:
    """Take a row out of its table: what made it was undone. Its history stays and says so."""
    keep(one, _UNDONE, said, by=by, about=about, change=change)
    one.delete()


def verify_kept(ledger: str) -> Iterator[Break]:
    """Rows that say otherwise than their newest version, that have none, or that are gone."""
    model, values, _, label = _KINDS[ledger]
    newest = last_said(ledger)
    one: Any
    for one in model._default_manager.order_by("pk"):
        known = newest.pop(row_id(one), None)
        if known is None:
            yield Break(ledger, 0, f"{label}“{one}”没有历史：不是通过平台登记的。")
        elif json.loads(known[1]) != json.loads(json.dumps(values(one))):
            yield Break(ledger, 0, f"{label}“{one}”被绕过平台改动。")
    for row, (act, _) in newest.items():
        if act != _UNDONE:
            yield Break(ledger, 0, f"{label}{row.int if row.int < 1 << 64 else row}有历史，但已从表中删除。")
