"""What each administrator's desk shows: whether the instance is well, what waits for approval, what was watched. No log-in
statistics."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from zhenwu.accounts.heirs import posts_of
from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.models import AuditEntry, Change
from zhenwu.changes.queries import ledger_seqs
from zhenwu.divisions.models import Event, EventState
from zhenwu.packs import runtime
from zhenwu.packs.errors import RestartNeeded

_MANY = 20
_SOON = timedelta(days=31)


@dataclass(frozen=True)
class Health:
    label: str
    text: str
    tone: str = "good"
    remedy: str = ""


def health() -> list[Health]:
    found = [_packs(), _disk()]
    seqs = ledger_seqs()
    last = Change.objects.order_by("-pk").values_list("at", flat=True).first()
    found.append(
        Health(
            "历史",
            f"{len(seqs)}条历史链，共{sum(seqs.values())}个版本",
            "plain",
            "逐条核验请在服务器上运行 zhenwu audit verify",
        )
    )
    found.append(Health("最近一次写入", f"{last:%Y-%m-%d}" if last else "还没有", "plain"))
    return found


def waiting_accounts() -> list[User]:
    """Accounts that the system administrator made and nobody has approved yet."""
    never = User.objects.filter(is_active=False, approved=False, last_login=None, appointments=None)
    return list(never.order_by("pk")[:_MANY])


def ending_posts(on: date) -> list[Appointment]:
    """Posts that end within a month: who comes after must be appointed in time."""
    soon = Appointment.objects.filter(valid_to__gt=on, valid_to__lte=on + _SOON, user__is_active=True)
    return list(soon.select_related("user", "unit", "division").order_by("valid_to")[:_MANY])


def events_with_posts() -> list[tuple[Event, int]]:
    """Reorganisations that wait for somebody to say what becomes of posts, and of how many."""
    states = (EventState.VOTED, EventState.APPROVED, EventState.EFFECTIVE)
    found = Event.objects.filter(state__in=states, effective__isnull=False).order_by("effective", "order")[:_MANY]
    return [(one, count) for one in found if (count := len(posts_of(one).open))]


def watched() -> list[AuditEntry]:
    """The newest entries of the audit log."""
    return list(AuditEntry.objects.select_related("by")[:10])


def _packs() -> Health:
    try:
        runtime.ensure_current()
    except RestartNeeded:
        return Health("台账声明", "已更新，本进程待重启", "warn", "请重启服务")
    return Health("台账声明", f"{len(runtime.ledgers())}本台账，均已生效")


def _disk() -> Health:
    free = shutil.disk_usage(settings.INSTANCE).free / 2**30
    if free < 1:
        return Health("磁盘", f"只剩{free:.1f} GB", "bad", "请清理磁盘或扩容，写满后不能保存")
    return Health("磁盘", f"剩余{free:.0f} GB", "warn" if free < 5 else "good")
