"""Sending what is due. A notice goes out at least once: a process that dies between sending and noting sends it again."""

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from zhenwu.api.access import Reader
from zhenwu.api.feed import entries_of
from zhenwu.api.models import Delivery, Subscription
from zhenwu.api.webhooks.posting import Outcome, post
from zhenwu.api.webhooks.signing import opened, signature
from zhenwu.changes.models import History

WAITS = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 360, 720, 1440))  # after each failure; then it is dead
_LEASE = timedelta(minutes=2)  # longer than one sending takes
_GONE = 410
_ENTRIES = 500
_AT_ONCE = 200


@dataclass
class Sent:
    arrived: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        said = (("送达", self.arrived), ("未送到", self.failed), ("无可通知内容", self.skipped))
        return "，".join(f"{word}{count}条" for word, count in said if count)


def send_due(*, seconds: float = 30.0) -> Sent:
    """Send what is due, for so many seconds. Where one notice did not arrive, the others of its address wait."""
    done, stop, troubled = Sent(), time.monotonic() + seconds, set[uuid.UUID]()
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    for one in due.select_related("subscription__user", "change").order_by("next_at", "pk")[:_AT_ONCE]:
        if time.monotonic() > stop:
            break
        if one.subscription_id in troubled or not _claim(one):
            continue
        match _send(one):
            case Delivery.State.SENT:
                done.arrived += 1
            case Delivery.State.SKIPPED:
                done.skipped += 1
            case _:
                done.failed += 1
                troubled.add(one.subscription_id)
    return done


def again(delivery: Delivery) -> None:
    """Send it once more, from the first try on."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, next_at=timezone.now(), last_problem="", last_status=None
    )


def _claim(one: Delivery) -> bool:
    """Only one process gets it: the time of the next try moves on if it is still what was read."""
    mine = Delivery.objects.filter(pk=one.pk, state=Delivery.State.WAITING, next_at=one.next_at)
    one.attempts += 1
    return mine.update(next_at=timezone.now() + _LEASE, attempts=F("attempts") + 1) == 1


def _send(one: Delivery) -> str:
    subscription = one.subscription
    said = notice_of(one) if subscription.active and subscription.user.is_active else None
    if said is None:
        return _note(one, Delivery.State.SKIPPED, None, timezone.now())
    body = json.dumps(said, ensure_ascii=False).encode()
    at = int(time.time())
    outcome = post(subscription.url, body, {
        "Content-Type": "application/json", "User-Agent": "Zhenwu", "Zhenwu-Event": str(said["event"]),
        "Zhenwu-Delivery": str(one.pk), "Zhenwu-Signature": signature(opened(subscription.secret), at, body),
    })  # fmt: skip
    now = timezone.now()
    if outcome.arrived:
        return _note(one, Delivery.State.SENT, outcome, now)
    if outcome.status == _GONE:
        Subscription.objects.filter(pk=subscription.pk).update(active=False)
        return _note(one, Delivery.State.DEAD, outcome, now)
    if one.attempts > len(WAITS):
        return _note(one, Delivery.State.DEAD, outcome, now)
    return _note(one, Delivery.State.WAITING, outcome, now, now + WAITS[one.attempts - 1])


def _note(one: Delivery, state: str, outcome: Outcome | None, now: datetime, next_at: datetime | None = None) -> str:
    said: dict[str, Any] = {"state": state, "next_at": next_at or now}
    if outcome is not None:
        said |= {"last_status": outcome.status, "last_problem": outcome.problem[:300]}
    if state == Delivery.State.SENT:
        said["sent_at"] = now
    Delivery.objects.filter(pk=one.pk).update(**said)
    return state


def notice_of(one: Delivery) -> dict[str, Any] | None:
    """Ids, numbers and versions of the rows that the subscriber may see today; None when there are none."""
    subscription = one.subscription
    reader = Reader(subscription.user, tuple(subscription.ledgers))
    if one.ledger not in {ledger.code for ledger, _ in reader.ledgers()}:
        return None
    kept = History.objects.filter(change=one.change, ledger=one.ledger).select_related("change").order_by("pk")
    if subscription.acts:
        kept = kept.filter(act__in=subscription.acts)
    found = list(kept.defer("values", "sealed", "hash")[: _ENTRIES + 1])
    entries = entries_of(reader, found[:_ENTRIES])
    if not entries:
        return None
    told = [{name: entry[name] for name in ("row", "no", "version", "act")} for entry in entries]
    return {
        "id": str(one.pk), "event": "rows.changed", "change": one.change_id, "at": one.change.at.isoformat(),
        "kind": one.change.source_kind, "ledger": one.ledger, "entries": told, "more": len(found) > _ENTRIES,
    }  # fmt: skip
