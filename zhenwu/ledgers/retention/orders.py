"""Orders of destruction (销毁清册): proposed by one person, decided by another, carried out, closed when old backups are gone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.actions import next_numbers
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.models import ErasureItem, ErasureOrder
from zhenwu.ledgers.retention.due import free_rows, holds_personal
from zhenwu.packs.runtime import Ledger

State = ErasureOrder.State
_DECIDERS = frozenset({Role.LEADER, Role.HEAD})
_LEAST = 2  # characters of a reason
_MOST = 200_000  # rows of one order


def own_scope(user: User, ledger: Ledger) -> Scope:
    """What is destroyed is destroyed in one's own name: standing in for someone does not count."""
    return rights_of(user).standing_in_for(None).scope_in(ledger.realm)


def may_see(user: User, ledger: Ledger) -> bool:
    scope = own_scope(user, ledger)
    return holds_personal(ledger) and scope.read and scope.manage and scope.places is None


def may_decide(user: User, ledger: Ledger) -> bool:
    """Leaders decide; of a ledger that is closed to them, whoever manages it."""
    roles = rights_of(user).standing_in_for(None).roles
    closed = ledger.spec.rights.roles and not _DECIDERS & {Role(one) for one in ledger.spec.rights.roles}
    return may_see(user, ledger) and bool(roles & _DECIDERS or closed)


@transaction.atomic
def propose(
    ledger: Ledger, years: Sequence[int], reason: str, *, by: User, on: date, address: str = ""
) -> ErasureOrder:
    """Name the rows of these years that are free to be destroyed on that day. Raises NotAllowed, LedgerError."""
    if not may_see(by, ledger):
        raise NotAllowed("你没有提出销毁这本台账记录的权限。")
    if len(reason.strip()) < _LEAST:
        raise LedgerError("请写明依据或原因，至少两个字，如“保管期满，经鉴定无继续保存价值”。")
    found = free_rows(ledger, on).filter(ended_in__in=years).order_by("ended_in", "no")
    rows = list(found.values_list("pk", "no", "version", "ended_in")[: _MOST + 1])
    if not rows:
        raise LedgerError("所选年度没有可以销毁的记录：可能暂缓销毁、仍被引用，或已列入另一份清册。")
    if len(rows) > _MOST:
        raise LedgerError(f"一份清册最多{_MOST:,}条，请少选几个年度。")
    number = next_numbers(f"XH-{on.year}", 1)[0]
    order = ErasureOrder.objects.create(
        no=f"XH-{on.year}-{number:03d}", ledger=ledger.code, years=sorted({year for *_, year in rows}), count=len(rows),
        reason=reason.strip()[:500], proposed_by=by, proposed_at=timezone.now(),
    )  # fmt: skip
    ErasureItem.objects.bulk_create(
        [ErasureItem(order=order, ledger=ledger.code, row=pk, no=no, version=version, year=year)
         for pk, no, version, year in rows], batch_size=2000,
    )  # fmt: skip
    said = f"提出销毁“{ledger.label}”{len(rows)}条（{_years(order.years)}），清册{order.no}：{order.reason}"
    record(Watched.ERASURE, said, by=by, ledger=ledger.code, address=address)
    return order


@transaction.atomic
def decide(order: ErasureOrder, ledger: Ledger, *, agree: bool, note: str, by: User, address: str = "") -> ErasureOrder:
    """Agree, so that the order can be carried out, or refuse with a reason. Never by who proposed it."""
    order = _locked(order, State.PROPOSED)
    if not may_decide(by, ledger):
        raise NotAllowed("销毁要由分管领导或主要领导审批。")
    if order.proposed_by_id == by.pk:
        raise NotAllowed("清册是你提出的，请由另一人审批。")
    if not agree and len(note.strip()) < _LEAST:
        raise LedgerError("不同意请写明原因，至少两个字。")
    order.state = State.CONFIRMED if agree else State.REFUSED
    order.decided_by, order.decided_at, order.decision = by, timezone.now(), note.strip()[:500]
    order.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    said = f"{'同意' if agree else '不同意'}销毁清册{order.no}（“{ledger.label}”{order.count}条）"
    record(
        Watched.ERASURE,
        f"{said}：{order.decision}" if note.strip() else said,
        by=by,
        ledger=ledger.code,
        address=address,
    )
    return order


@transaction.atomic
def withdraw(order: ErasureOrder, ledger: Ledger, *, by: User, address: str = "") -> ErasureOrder:
    order = _locked(order, State.PROPOSED)
    if order.proposed_by_id != by.pk:
        raise NotAllowed("只有提出人能撤回清册。")
    order.state = State.WITHDRAWN
    order.save(update_fields=["state"])
    record(Watched.ERASURE, f"撤回销毁清册{order.no}（“{ledger.label}”）", by=by, ledger=ledger.code, address=address)
    return order


@transaction.atomic
def note_backups(order: ErasureOrder, ledger: Ledger, note: str, *, by: User, address: str = "") -> ErasureOrder:
    """Someone states what became of the backups from before: until then the order stays open."""
    order = _locked(order, State.ERASED)
    if not may_see(by, ledger):
        raise NotAllowed("你没有办理这份清册的权限。")
    if order.keys_destroyed_at is None:
        raise LedgerError("旧密钥还没有销毁完，请稍后再登记。")
    if len(note.strip()) < _LEAST:
        raise LedgerError("请写明旧备份怎样处理，如“2026年3月1日以前的数据库和密钥备份已覆盖”。")
    order.state, order.backups = State.CLOSED, note.strip()[:500]
    order.backups_by, order.backups_at = by, timezone.now()
    order.save(update_fields=["state", "backups", "backups_by", "backups_at"])
    record(Watched.ERASURE, f"销毁清册{order.no}的旧备份：{order.backups}", by=by, ledger=ledger.code, address=address)
    return order


def _locked(order: ErasureOrder, state: str) -> ErasureOrder:
    found = ErasureOrder.objects.select_for_update().get(pk=order.pk)
    if found.state != state:
        raise LedgerError(f"清册{found.no}现在是“{found.get_state_display()}”，不能这样办理。请刷新页面。")
    return found


def _years(years: Sequence[int]) -> str:
    return "、".join(f"{year}年" for year in years)


def waiting_for(user: User, ledgers: dict[str, Any]) -> list[ErasureOrder]:
    """Orders that this user may decide."""
    found = ErasureOrder.objects.filter(state=State.PROPOSED, ledger__in=ledgers).exclude(proposed_by=user)
    return [one for one in found if may_decide(user, ledgers[one.ledger])]
