"""Exports that leave the office with personal values: asked for with a purpose, approved by another person, fetched a few
times until a day, then destroyed. Every step stands in the audit log."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.audit import record
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import Watched
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.exporting import counted, sensitive_labels, write_export
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.models import ExportRequest, Purpose
from zhenwu.ledgers.queries import scope_in
from zhenwu.lib import sealedfiles
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

State = ExportRequest.State
_LEAST = 2


def path_of(one: ExportRequest) -> Path:
    return Path(settings.INSTANCE) / "exports" / one.pk.hex


@transaction.atomic
def ask(
    ledger: Ledger, query: str, kind: str, *, by: User, purpose: str, basis: str, receiver: str = "", full: bool = False,
    address: str = "",
) -> ExportRequest:  # fmt: skip
    """Ask for an export. Raises NotAllowed, LedgerError with what is missing."""
    scope = scope_in(by, ledger)
    if not scope.read:
        raise NotAllowed("你没有这本台账的权限。")
    if purpose not in Purpose.values:
        raise LedgerError("请选择用途。")
    if len(basis.strip()) < _LEAST:
        raise LedgerError("请写明事由和依据，至少两个字，如“2020年12月低保金发放”。")
    columns = sensitive_labels(ledger, scope)
    if not columns:
        raise LedgerError("这本台账没有你能看的敏感内容，直接导出即可，不用申请。")
    count = counted(ledger, by, scope, _query(ledger, scope, query))
    one = ExportRequest.objects.create(
        ledger=ledger.code, kind=kind, query=query, full=full, columns=columns, count=count, purpose=purpose,
        basis=basis.strip()[:300], receiver=receiver.strip()[:200], by=by, at=timezone.now(),
    )  # fmt: skip
    record(Watched.EXPORT, f"申请{_words(one, ledger)}", by=by, ledger=ledger.code, address=address)
    return one


def may_decide(one: ExportRequest, ledger: Ledger, user: User) -> bool:
    """Who approves in the ledger, in their own name, and did not ask."""
    return one.by_id != user.pk and rights_of(user).standing_in_for(None).scope_in(ledger.realm).approve


@transaction.atomic
def decide(
    one: ExportRequest, ledger: Ledger, *, agree: bool, note: str = "", by: User, on: date, address: str = ""
) -> ExportRequest:
    """Approve, from that day for a few days, or refuse with a reason. The file is made afterwards (`make`)."""
    one = _locked(one, State.WAITING)
    if one.by_id == by.pk:
        raise NotAllowed("导出是你申请的，请由另一人审批。")
    if not may_decide(one, ledger, by):
        raise NotAllowed("你没有审批这本台账导出的权限。")
    if not agree and len(note.strip()) < _LEAST:
        raise LedgerError("不同意请写明原因，至少两个字。")
    one.state = State.APPROVED if agree else State.REFUSED
    one.decided_by, one.decided_at, one.decision = by, timezone.now(), note.strip()[:300]
    if agree:
        one.expires_on = on + timedelta(days=_parameter("privacy.export_days", on))
        one.most = _parameter("privacy.export_downloads", on)
    one.save()
    until = f"，{one.expires_on:%Y-%m-%d}前可下载{one.most}次" if agree else f"：{one.decision}"
    said = f"{'同意' if agree else '不同意'}{one.by}{_words(one, ledger)}{until}"
    record(Watched.EXPORT, said, by=by, about=one.by, ledger=ledger.code, address=address)
    return one


@transaction.atomic
def withdraw(one: ExportRequest, *, by: User) -> ExportRequest:
    one = _locked(one, State.WAITING)
    if one.by_id != by.pk:
        raise NotAllowed("只有申请人能撤回。")
    one.state = State.WITHDRAWN
    one.save(update_fields=["state"])
    return one


def make(one: ExportRequest) -> None:
    """Write the file under the rights that its author has now; what may not be written is said on the request."""
    ledger = runtime.ledger(one.ledger)
    scope = scope_in(one.by, ledger)
    draft = path_of(one).with_suffix(f".{one.kind}")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.touch(mode=0o600)
    try:
        count = write_export(ledger, one.by, draft, _query(ledger, scope, one.query), scope=scope, full=one.full)
        with draft.open("rb") as source:
            sealedfiles.seal_file(keyring(), iter(lambda: source.read(1 << 20), b""), path_of(one))
    except LedgerError as refused:
        ExportRequest.objects.filter(pk=one.pk).update(problem=str(refused)[:300])
    else:
        ExportRequest.objects.filter(pk=one.pk).update(made_at=timezone.now(), count=count, problem="")
    finally:
        draft.unlink(missing_ok=True)


def fetch(one: ExportRequest, ledger: Ledger, *, by: User, on: date, address: str = "") -> Iterator[bytes]:
    """The file, counted and noted before a byte of it leaves. Raises NotAllowed, LedgerError."""
    with transaction.atomic():
        if one.by_id != by.pk:
            raise NotAllowed("只有申请人能下载。")
        if not scope_in(by, ledger).read:
            raise NotAllowed("你没有这本台账的权限。")
        ready = Q(
            state=State.APPROVED, made_at__isnull=False, expires_on__gte=on, fetched__lt=F("most"), destroyed_on=None
        )
        if not ExportRequest.objects.filter(ready, pk=one.pk).update(fetched=F("fetched") + 1):
            raise LedgerError("这份导出还没有生成、已经到期、已登记销毁，或下载次数已用完。还需要的，请重新申请。")
        one.refresh_from_db()
        said = f"下载{_words(one, ledger)}，第{one.fetched}次，{one.decided_by}批准，{one.expires_on:%Y-%m-%d}前销毁"
        record(Watched.EXPORT, said, by=by, ledger=ledger.code, address=address)
    return sealedfiles.chunks_of(keyring(), path_of(one))


@transaction.atomic
def note_destroyed(one: ExportRequest, ledger: Ledger, *, by: User, on: date, address: str = "") -> ExportRequest:
    """Its author says that no copy of what was taken out is left."""
    one = ExportRequest.objects.select_for_update().get(pk=one.pk)
    if one.by_id != by.pk:
        raise NotAllowed("只有申请人能登记销毁。")
    if not one.fetched or one.destroyed_on:
        raise LedgerError("没有下载过，或已经登记过销毁。")
    one.destroyed_on = on
    one.save(update_fields=["destroyed_on"])
    record(Watched.EXPORT, f"登记已销毁：{_words(one, ledger)}", by=by, ledger=ledger.code, address=address)
    return one


def end_expired(on: date) -> int:
    """Delete the files whose last day is over; how many there were."""
    over = list(ExportRequest.objects.filter(state=State.APPROVED, expires_on__lt=on))
    _end(over)
    return len(over)


def end_all_of(ledger: str) -> None:
    """Rows of the ledger were erased: no file from before stays."""
    _end(list(ExportRequest.objects.filter(state=State.APPROVED, ledger=ledger)))


def overdue(on: date) -> QuerySet[ExportRequest]:
    """Exports that were fetched, and of which nobody said that the copies are gone, though their day is over."""
    return ExportRequest.objects.filter(fetched__gt=0, expires_on__lt=on, destroyed_on=None)


def _end(some: list[ExportRequest]) -> None:
    for one in some:
        sealedfiles.remove(path_of(one))
    ExportRequest.objects.filter(pk__in=[one.pk for one in some]).update(state=State.ENDED)


def _query(ledger: Ledger, scope: Scope, query: str) -> ListQuery:
    return ListQuery.from_params(ledger, scope, QueryDict(query))


def _parameter(code: str, on: date) -> int:
    return int(runtime.param(code, on=on))


def _words(one: ExportRequest, ledger: Ledger) -> str:
    full = "，号码完整显示" if one.full else ""
    to = f"，接收方：{one.receiver}" if one.receiver else ""
    return (
        f"导出“{ledger.label}”{one.count}行（{one.kind}{full}），含{'、'.join(one.columns)[:120]}，"
        f"用途：{one.get_purpose_display()}（{one.basis[:100]}）{to}"
    )


def _locked(one: ExportRequest, state: str) -> ExportRequest:
    found = ExportRequest.objects.select_for_update(of=("self",)).select_related("by").get(pk=one.pk)
    if found.state != state:
        raise LedgerError(f"这份申请现在是“{found.get_state_display()}”，不能这样办理。请刷新页面。")
    return found
