"""暂缓销毁: a case under way, an audit, a dispute. Whoever manages a ledger may keep rows back, with a reason; it takes a second
person to let go of them."""

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.models import Hold
from zhenwu.ledgers.retention.orders import may_see
from zhenwu.packs.runtime import Ledger


@transaction.atomic
def place_hold(
    ledger: Ledger, reason: str, *, by: User, no: str = "", year: int | None = None, until: date | None = None,
    address: str = "",
) -> Hold:  # fmt: skip
    """Keep back one row (`no`), the rows whose life ended in a year, or all of the ledger. Raises NotAllowed, LedgerError."""
    if not may_see(by, ledger):
        raise NotAllowed("你没有暂缓销毁这本台账记录的权限。")
    if len(reason.strip()) < 2:
        raise LedgerError("请写明暂缓销毁的原因，至少两个字，如“县纪委调阅”。")
    row = _row(ledger, no.strip()) if no.strip() else None
    made = Hold.objects.create(
        ledger=ledger.code, row=row, no=no.strip() if row else "", year=year, until=until, reason=reason.strip()[:500],
        by=by, at=timezone.now(),
    )  # fmt: skip
    record(
        Watched.ERASURE,
        f"暂缓销毁{what(made, ledger)}：{made.reason}",
        by=by,
        ledger=ledger.code,
        row=row,
        address=address,
    )
    return made


@transaction.atomic
def lift_hold(hold: Hold, ledger: Ledger, why: str, *, by: User, address: str = "") -> Hold:
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if not may_see(by, ledger):
        raise NotAllowed("你没有解除暂缓的权限。")
    if hold.lifted_at is not None:
        raise LedgerError("这项暂缓已经解除。")
    if hold.by_id == by.pk:
        raise NotAllowed("暂缓是你登记的，请由另一人解除。")
    if len(why.strip()) < 2:
        raise LedgerError("请写明解除的原因，至少两个字。")
    hold.lifted_by, hold.lifted_at, hold.lifted_why = by, timezone.now(), why.strip()[:500]
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    said = f"解除暂缓销毁{what(hold, ledger)}：{hold.lifted_why}"
    record(Watched.ERASURE, said, by=by, ledger=ledger.code, row=hold.row, address=address)
    return hold


def what(hold: Hold, ledger: Ledger) -> str:
    which = hold.no or (f"{hold.year}年的记录" if hold.year else "全部记录")
    return f"“{ledger.label}”{which}"


def _row(ledger: Ledger, no: str) -> uuid.UUID:
    found = ledger.rows("erasure").filter(no=no).values_list("pk", flat=True).first()
    if found is None:
        raise LedgerError(f"“{ledger.label}”里没有编号为“{no}”的记录，请核对。")
    return found
