"""Findings: what a check found wrong, from the day it was found to the day someone confirmed that it is put right."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class Severity(models.TextChoices):
    RED = "red", "红"
    YELLOW = "yellow", "黄"
    BLUE = "blue", "蓝"


class Status(models.TextChoices):
    OPEN = "open", "待整改"
    EXPLAINED = "explained", "已说明，待核实"
    GONE = "gone", "数据已改正，待确认"
    REOPENED = "reopened", "再次出现"
    CLOSED = "closed", "已销号"


UNRESOLVED = (Status.OPEN, Status.REOPENED, Status.EXPLAINED)  # the check still finds it
WAITING = (*UNRESOLVED, Status.GONE)  # someone must still act


class ClosedHow(models.TextChoices):
    DATA = "data", "数据改正"
    EXPLAINED = "explained", "说明属实"


class Finding(models.Model):
    """Its identity is the check and the subject; message, values and severity are those of the last run that found it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    check_code = models.CharField("检查", max_length=90, db_index=True)  # hazard.HZ-05
    ledger = models.CharField("台账", max_length=60)
    label = models.CharField("问题", max_length=200)
    subject = models.TextField("对象")  # JSON list of the subject's values, in the pack's order
    key = models.CharField(max_length=64, unique=True)
    severity = models.CharField("级别", max_length=6, choices=Severity)
    message = models.TextField("情况")
    values = models.JSONField(default=dict)  # as shown to people
    row = models.UUIDField(null=True, db_index=True)
    row_ledger = models.CharField(max_length=60, blank=True)  # the ledger `row` lies in
    division = models.ForeignKey("divisions.Division", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.CharField("责任站所", max_length=60, blank=True)
    year = models.PositiveSmallIntegerField("年度")  # the year the check looked at: it is looked at again until closed
    found_on = models.DateField("发现日期")
    seen_on = models.DateField("最近核对日期")  # the business day of the last run that looked for it
    due_on = models.DateField("整改期限")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN)
    times_reopened = models.PositiveIntegerField("反复次数", default=0)
    explanation = models.TextField("情况说明", blank=True)
    measures = models.TextField("整改措施", blank=True)
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("销号时间", null=True)
    closed_how = models.CharField("销号方式", max_length=10, choices=ClosedHow, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "问题"
        ordering = ["found_on", "check_code"]
        indexes = [
            models.Index(fields=["status", "severity"], name="finding_status_severity"),
            models.Index(fields=["ledger", "status"], name="finding_ledger_status"),
            models.Index(fields=["division", "status"], name="finding_place_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="closed") | models.Q(verified_by__isnull=False),
                name="finding_closed_verified",
            ),
            models.CheckConstraint(
                condition=~models.Q(severity="red", status="closed", closed_how="explained"),
                name="finding_red_not_waived",
            ),
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def is_overdue(self) -> bool:
        return self.status in UNRESOLVED and self.due_on < self.seen_on


class EventKind(models.TextChoices):
    FOUND = "found", "发现"
    GONE = "gone", "数据已改正"
    REOPENED = "reopened", "再次出现"
    EXPLAINED = "explained", "作出说明"
    CLOSED = "closed", "确认销号"
    SENT_BACK = "sent_back", "退回整改"


class FindingEvent(models.Model):
    """What happened to a finding, in order. Acts of the platform have no `by`."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    as_of = models.DateField(null=True)  # the run's business day
    kind = models.CharField("经过", max_length=10, choices=EventKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = "问题经过"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}".strip()
