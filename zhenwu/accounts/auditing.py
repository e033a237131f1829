"""Reading the audit log: what was asked for, and the log as a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.catalogue import labels
from zhenwu.changes.audit import record
from zhenwu.changes.models import AuditEntry, Watched
from zhenwu.lib.sheets import BookWriter, SheetColumn, write_csv

_HEADS = ("序号", "时间", "事项", "经办人", "登录名", "对象", "台账", "内容", "来源地址", "校验值")
_WIDTHS = (8, 20, 14, 12, 14, 12, 16, 60, 16, 20)


@dataclass(frozen=True)
class LogQuery:
    """What an address asks of the log, cleaned. `since` and `until` are both included."""

    kind: str = ""
    q: str = ""
    ledger: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_params(cls, said: Mapping[str, str]) -> "LogQuery":
        kind = said.get("kind", "")
        return cls(
            kind if kind in Watched.values else "", said.get("q", "").strip()[:60].replace("\x00", ""),
            said.get("ledger", "")[:60], _day(said.get("since")), _day(said.get("until")),
        )  # fmt: skip

    def params(self) -> dict[str, str]:
        said = {"kind": self.kind, "q": self.q, "ledger": self.ledger}
        said |= {"since": str(self.since or ""), "until": str(self.until or "")}
        return {key: value for key, value in said.items() if value}


def entries(query: LogQuery) -> QuerySet[AuditEntry]:
    """Newest first."""
    found = AuditEntry.objects.select_related("by", "about")
    if query.kind:
        found = found.filter(kind=query.kind)
    if query.ledger:
        found = found.filter(ledger=query.ledger)
    if query.q:
        people = (
            Q(by__display_name__icontains=query.q) | Q(by__username=query.q) | Q(about__display_name__icontains=query.q)
        )
        found = found.filter(people | Q(said__icontains=query.q) | Q(address=query.q))
    if query.since:
        found = found.filter(at__gte=_start(query.since))
    if query.until:
        found = found.filter(at__lt=_start(query.until + timedelta(days=1)))
    return found


def export_log(path: Path, query: LogQuery, *, by: Any) -> int:
    """Write the log, oldest first, to .xlsx or .csv; returns how many entries. The export itself is the log's next one."""
    rows = _rows(entries(query).order_by("seq"))
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8", newline="") as target:
            count = write_csv(target, list(_HEADS), rows)
    else:
        columns = [SheetColumn(head, width=width) for head, width in zip(_HEADS, _WIDTHS, strict=True)]
        with BookWriter(path, constant_memory=True) as book:
            count = book.add_sheet("审计日志", columns, rows)
    asked = "，".join(query.params().values())
    record(Watched.AUDIT_EXPORT, f"导出审计日志{count}条" + (f"，条件：{asked}" if asked else ""), by=by)
    return count


def _rows(found: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    names = labels()
    for one in found.iterator(chunk_size=2000):
        at = timezone.localtime(one.at)
        yield [
            str(one.seq), f"{at:%Y-%m-%d %H:%M:%S}", one.get_kind_display(), str(one.by or ""),
            one.by.username if one.by else "", str(one.about or ""), names.get(one.ledger, one.ledger), one.said, one.address,
            one.hash,
        ]  # fmt: skip


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None
