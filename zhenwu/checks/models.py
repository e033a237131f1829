"""Findings: what a check found wrong, from the day it was found to the day someone confirmed that it is put right."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class Severity(models.TextChoices):
    RED = "red", "红"
    YELLOW = "yellow", "黄"
    BLUE = "blue", "蓝"


SEVERITY_LABELS = {Severity.RED: "差错", Severity.YELLOW: "疑点", Severity.BLUE: "提示"}


class Status(models.TextChoices):
    OPEN = "open", "待整改"
    EXPLAINED = "explained", "已说明，待核实"
    GONE = "gone", "数据已改正，待确认"
    REOPENED = "reopened", "再次出现"
    ACCEPTED = "accepted", "已认定误报"
    CLOSED = "closed", "已销号"


UNRESOLVED = (Status.OPEN, Status.REOPENED, Status.EXPLAINED)  # the check still finds it
WAITING = (*UNRESOLVED, Status.GONE)  # someone must still act


class ClosedHow(models.TextChoices):
    DATA = "data", "数据改正"
    EXPLAINED = "explained", "说明属实"


class Assigned(models.TextChoices):
    """Whose work it is to put right. The office of the ledger always sees and confirms it."""

    BOTH = "both", "站所牵头，村（社区）配合"
    UNIT = "unit", "站所"
    VILLAGE = "village", "村（社区）"


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
    assigned = models.CharField("整改方", max_length=8, choices=Assigned, default=Assigned.BOTH)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="责任人"
    )
    year = models.PositiveSmallIntegerField("年度")  # the year the check looked at: it is looked at again until closed
    found_on = models.DateField("发现日期")
    seen_on = models.DateField("最近核对日期")  # the business day of the last run that looked for it
    due_on = models.DateField("整改期限")  # with the extensions that were granted
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN)
    times_reopened = models.PositiveIntegerField("反复次数", default=0)
    explanation = models.TextField("情况说明", blank=True)
    measures = models.TextField("整改措施", blank=True)
    evidence = models.JSONField("佐证", default=list)  # stored files: sha256, name, size, mime
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField(null=True)
    corrected_by = models.ForeignKey(  # whose change made it go away, where one person's did
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_until = models.DateField("误报认定有效至", null=True)  # the last day on which it holds
    accepted_digest = models.CharField(max_length=64, blank=True)  # of the data that was looked at (accepting.py)
    look_on = models.DateField(
        "回头看日期", null=True
    )  # from when on it waits to be looked at again; None when it need not be
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
            models.Index(fields=["check_code", "status"], name="finding_check_status"),
            models.Index(fields=["assignee", "status"], name="finding_assignee_status"),
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
            models.CheckConstraint(
                condition=~models.Q(status="accepted")
                | models.Q(accepted_by__isnull=False, accepted_until__isnull=False),
                name="finding_accepted_by_someone",
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
    ASSIGNED = "assigned", "交办"
    NOTE = "note", "备注"
    EVIDENCE = "evidence", "上传佐证"
    ASKED = "asked", "申请延期"
    GRANTED = "granted", "同意延期"
    DENIED = "denied", "不同意延期"
    ACCEPTED = "accepted", "认定误报"
    LAPSED = "lapsed", "误报认定失效"
    LOOKED = "looked", "回头看"


class FindingEvent(models.Model):
    """What happened to a finding, in order. Acts of the platform have no `by`."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    as_of = models.DateField(null=True)  # the run's business day
    kind = models.CharField("经过", max_length=10, choices=EventKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    stands_for = models.ForeignKey(  # in whose place `by` did it
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = "问题经过"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}".strip()


class Extension(models.Model):
    """A request for more time, and what someone else decided. `due_before` is the day it would have moved."""

    class State(models.TextChoices):
        ASKED = "asked", "待批"
        GRANTED = "granted", "已同意"
        DENIED = "denied", "未同意"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="extensions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_on = models.DateField("申请日期")
    due_before = models.DateField("原期限")
    until = models.DateField("延至")
    reason = models.CharField("原因", max_length=500)
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "延期申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=models.Q(state="asked"), name="extension_one_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("due_before")), name="extension_is_longer"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="extension_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"延至{self.until}"


class AssignmentRule(models.Model):
    """Who puts right what a check finds, where the township says otherwise than the pack."""

    check_code = models.CharField("检查", max_length=90, unique=True)
    unit = models.CharField("责任站所", max_length=60, blank=True)  # "": the ledger's own
    assigned = models.CharField("整改方", max_length=8, choices=Assigned, default=Assigned.BOTH)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="责任人"
    )
    days = models.PositiveSmallIntegerField(
        "整改期限（工作日）", null=True
    )  # None: the pack's, else that of the severity
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "交办规则"

    def __str__(self) -> str:
        return self.check_code


class CheckedUpTo(models.Model):
    """How far each ledger's history has been looked at by the checks that read it."""

    ledger = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.ledger} #{self.seq}"
