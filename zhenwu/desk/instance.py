"""What the administrator sees: whether the instance is well, and who has which appointment. No log-in statistics."""

import shutil
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.models import Change
from zhenwu.changes.queries import ledger_seqs
from zhenwu.packs import runtime
from zhenwu.packs.errors import RestartNeeded


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


def users(on: date) -> list[dict[str, Any]]:
    """Everyone with what they are appointed to on the day, by name."""
    in_force = Appointment.objects.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    by_user: dict[int, list[str]] = {}
    for one in in_force.select_related("unit", "division"):
        where = one.unit.label if one.unit else one.division.name if one.division else "全镇"
        by_user.setdefault(one.user_id, []).append(f"{where} {one.get_role_display()}")
    known = User.objects.exclude(username="system").order_by("display_name", "username")
    return [
        {"name": str(user), "username": user.username, "is_active": user.is_active, "held": by_user.get(user.pk, [])}
        for user in known
    ]


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
