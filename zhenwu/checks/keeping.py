"""The history of findings: each act is an event, and a version in the chain `finding` that says what the finding then was.
`audit verify` compares findings and events with it. Words stand there as keyed digests: they may have to be erased one day,
and the chain stays whole.

What a run says anew each time (message, values, severity, place) is no act, and not in it.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.changes.actions import Break, Source, Version, append, open_change
from zhenwu.changes.bulk import Inserter
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import ChainHead, Change, History, SourceKind
from zhenwu.changes.queries import newest_versions, read_version
from zhenwu.checks.models import EventKind, Finding, FindingEvent

LEDGER = "finding"
ADOPTED, ERASED = "adopt", "erase"  # acts of the platform that are no events: what stood there before; words erased
_CHUNK = 500
_DAYS = ("found_on", "due_on", "accepted_until", "look_on")
_PLAIN = (
    "check_code", "key", "status", "unit", "assigned", "times_reopened", "closed_how", "assignee_id", "explained_by_id", "corrected_by_id",
    "accepted_by_id", "closed_by_id", "verified_by_id",
)  # fmt: skip
_WORDS = ("explanation", "measures")
_EVENT = ("kind", "at", "as_of", "by_id", "stands_for_id", "text")
_LABELS = {
    "found_on": "发现日期", "due_on": "整改期限", "accepted_until": "误报认定有效期", "look_on": "回头看日期", "check_code": "检查",
    "key": "对象", "status": "状态", "unit": "责任站所", "assigned": "整改方", "times_reopened": "反复次数", "closed_how": "销号方式",
    "assignee_id": "责任人", "explained_by_id": "说明人", "corrected_by_id": "改正人", "accepted_by_id": "误报认定人",
    "closed_by_id": "整改人", "verified_by_id": "核实人", "explanation": "情况说明", "measures": "整改措施", "evidence": "佐证",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    finding: uuid.UUID
    kind: str
    text: str
    by: int | None


@transaction.atomic
def keep(
    acts: Sequence[Act], *, by: Any = None, stands_for: Any = None, as_of: date | None = None, reason: str = ""
) -> None:  # fmt: skip
    """Write what happened to findings, in one change. They are stored as the acts left them; `by` None: a run of the checks."""
    if not acts:
        return
    source = Source(SourceKind.SYSTEM if by is None else SourceKind.FORM, "问题清零")
    change = open_change(author=by, reason=reason or "核对", source=source, stands_for=stands_for)
    newest = newest_versions(LEDGER, [one.finding for one in acts])
    _adopt(change, [one.finding for one in acts if one.finding not in newest and one.kind != EventKind.FOUND], newest)
    now, deputy_of = timezone.now(), stands_for.pk if stands_for is not None else None
    columns = ("finding_id", "kind", "text", "by_id")
    Inserter(FindingEvent, columns, {"at": now, "as_of": as_of, "stands_for_id": deputy_of}).insert(len(acts), {
        "finding_id": [one.finding for one in acts], "kind": [str(one.kind) for one in acts], "text": [one.text for one in acts],
        "by_id": [one.by for one in acts],
    })  # fmt: skip
    states = _states([one.finding for one in acts])
    append(change, LEDGER, [
        Version(one.finding, newest.get(one.finding, 0) + 1, str(one.kind), {
            "state": states[one.finding], "event": _said((str(one.kind), now, as_of, one.by, deputy_of, one.text)),
        })
        for one in acts
    ])  # fmt: skip


def keep_erased(findings: Collection[uuid.UUID]) -> None:
    """The words of these findings and of their events are gone, with the rows they were about."""
    if not findings:
        return
    change = open_change(author=None, reason="保管期满，清除问题中的文字", source=Source(SourceKind.SYSTEM, "问题清零"))
    newest, states = newest_versions(LEDGER, findings), _states(findings)
    append(change, LEDGER, [
        Version(one, newest.get(one, 0) + 1, ERASED, {"state": states[one], "events": events})
        for one, events in _events_of(findings).items()
    ])  # fmt: skip


@transaction.atomic
def adopt() -> None:
    """Take the findings that were there before there was a history of them into the chain, once: after an upgrade."""
    if ChainHead.objects.filter(ledger=LEDGER).exists() or not Finding.objects.exists():
        return
    change = open_change(
        author=None, reason="升级：原有的问题开始记入历史", source=Source(SourceKind.SYSTEM, "问题清零")
    )
    _adopt(change, list(Finding.objects.order_by("pk").values_list("pk", flat=True)), {})


def _adopt(change: Change, findings: Sequence[uuid.UUID], newest: dict[uuid.UUID, int]) -> None:
    if findings:
        events, states = _events_of(findings), _states(findings)
        append(
            change,
            LEDGER,
            [Version(one, 1, ADOPTED, {"state": states[one], "events": events[one]}) for one in findings],
        )
        newest |= dict.fromkeys(findings, 1)


def _states(findings: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    found = {}
    for some in _chunks(findings):
        for pk, *values in Finding.objects.filter(pk__in=some).values_list("pk", *_DAYS, *_PLAIN, *_WORDS, "evidence"):
            found[pk] = _state(values)
    return found


def _state(values: Sequence[Any]) -> dict[str, Any]:
    days, plain, words = len(_DAYS), len(_PLAIN), len(_WORDS)
    said: dict[str, Any] = {
        name: value.isoformat() if value else None for name, value in zip(_DAYS, values[:days], strict=True)
    }
    said |= dict(zip(_PLAIN, values[days : days + plain], strict=True))
    said |= {
        name: _digest(value) for name, value in zip(_WORDS, values[days + plain : days + plain + words], strict=True)
    }
    return said | {"evidence": [one["sha256"] for one in values[-1]]}


def _events_of(findings: Collection[uuid.UUID]) -> dict[uuid.UUID, list[list[Any]]]:
    """Of each finding what its events say, in their order."""
    found: dict[uuid.UUID, list[list[Any]]] = {one: [] for one in findings}
    for some in _chunks(findings):
        events = FindingEvent.objects.filter(finding__in=some).order_by("pk")
        for finding, *values in events.values_list("finding_id", *_EVENT):
            found[finding].append(_said(values))
    return found


def _said(values: Sequence[Any]) -> list[Any]:
    """One event: kind, when, business day, who, in whose place, the digest of its words."""
    kind, at, as_of, by, stands_for, text = values
    moment: datetime = at
    return [kind, moment.astimezone(UTC).isoformat(), as_of and as_of.isoformat(), by, stands_for, _digest(text)]


def _digest(words: str) -> str:
    return keyring().index(words, "finding") if words else ""


def _chunks(ids: Collection[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    every = list(ids)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]


def verify() -> Iterator[Break]:
    """Findings and events that say otherwise than the chain, that it does not know, or that are gone."""
    ids = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    for some in _chunks(ids):
        states, events = _states(some), _events_of(some)
        versions: dict[uuid.UUID, list[Mapping[str, Any]]] = {one: [] for one in some}
        history = History.objects.filter(ledger=LEDGER, row__in=some).order_by("row", "version")
        for row, values in history.values_list("row", "values"):
            versions[row].append(read_version(values))
        for one in some:
            for what in _different(states[one], events[one], versions[one]):
                yield Break(LEDGER, 0, f"问题{one.hex}{what}")
    known = set(ids)
    for row in History.objects.filter(ledger=LEDGER).order_by().values_list("row", flat=True).distinct().iterator():
        if row not in known:
            yield Break(LEDGER, 0, f"问题{row.hex}有历史，但已从表中删除。")


def _different(
    state: Mapping[str, Any], events: list[list[Any]], versions: list[Mapping[str, Any]]
) -> Iterator[str]:  # fmt: skip
    if not versions:
        yield "没有历史：不是通过平台登记的。"
        return
    last = versions[-1].get("state", {})
    if labels := [label for name, label in _LABELS.items() if state[name] != last.get(name)]:
        yield f"被绕过平台改动：{'、'.join(labels)}。"
    right: list[Any] = []
    for values in versions:  # an erasure says anew what all events before it say, now without words
        right = values["events"] if "events" in values else [*right, values.get("event")]
    if len(events) != len(right):
        yield f"的办理经过有{len(events)}条，历史记有{len(right)}条。"
    elif changed := [number for number, (one, then) in enumerate(zip(events, right, strict=True), 1) if one != then]:
        yield f"的办理经过第{'、'.join(map(str, changed))}条被改动过。"
