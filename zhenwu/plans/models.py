"""What the township promised for a year: the plan as its document says it, in tasks with owners, days and targets."""

from django.conf import settings
from django.db import models

from zhenwu.lib.amounts import show_decimal
from zhenwu.lib.ids import uuid7
from zhenwu.packs.spec import LINE_LABELS


class AnnualPlan(models.Model):
    """One year's plan. A draft may be corrected by hand; a published one is what people are held to."""

    class State(models.TextChoices):
        DRAFT = "draft", "待核对"
        PUBLISHED = "published", "已发布"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("标题", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    source_name = models.CharField("文件", max_length=300)
    source_hash = models.CharField(max_length=64)
    outline = models.JSONField("提纲")  # as `zhenwu outline --json` prints it
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "年度计划"
        ordering = ["-year", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=models.Q(state="published"), name="plan_published_once_a_year"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Task(models.Model):
    """One piece of the plan: a point of the document, or a paragraph where it has no points."""

    class Status(models.TextChoices):
        OPEN = "open", "进行中"
        DONE = "done", "已完成"
        DROPPED = "dropped", "已取消"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="tasks")
    order = models.PositiveIntegerField()
    part = models.CharField("部分", max_length=300, blank=True)
    section = models.CharField("小节", max_length=300, blank=True)
    text = models.TextField("内容")
    line = models.CharField("条线", max_length=20, blank=True)  # a line of work, "" = not decided
    lead = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead_said = models.CharField("责任单位（原文）", max_length=200, blank=True)
    assisting = models.JSONField("配合单位", default=list)
    person = models.CharField("责任人", max_length=60, blank=True)
    due = models.DateField("完成时限", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN)
    done_on = models.DateField("完成日期", null=True, blank=True)

    class Meta:
        verbose_name = "任务"
        ordering = ["plan", "order"]
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="task_order_once")]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def line_label(self) -> str:
        return LINE_LABELS.get(self.line, "")


class Target(models.Model):
    """A measurable promise of a task. With an indicator its progress is computed; without one it is stated by people."""

    class Op(models.TextChoices):
        AT_LEAST = ">=", "不低于"
        AT_MOST = "<=", "不高于"
        EXACTLY = "=", "等于"

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="targets")
    label = models.CharField("指标", max_length=200)
    indicator = models.CharField("指标代码", max_length=80, blank=True)
    op = models.CharField("要求", max_length=2, choices=Op, default=Op.AT_LEAST)
    value = models.DecimalField("目标值", max_digits=20, decimal_places=4)
    unit = models.CharField("单位", max_length=20)
    said = models.CharField("原文", max_length=300, blank=True)

    class Meta:
        verbose_name = "目标"
        ordering = ["task", "id"]

    def __str__(self) -> str:
        return f"{self.label}{self.get_op_display()}{self.amount}"

    @property
    def amount(self) -> str:
        """The value as people write it: 1400万元, not 14000000元."""
        if self.unit == "元" and abs(self.value) >= 10_000:
            return f"{show_decimal(self.value / 10_000)}万元"
        return f"{show_decimal(self.value)}{self.unit}"


class Statement(models.Model):
    """What someone said on a day about a task that no indicator measures."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="statements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    said_on = models.DateField("日期")
    percent = models.PositiveSmallIntegerField("进度（%）", null=True, blank=True)
    text = models.TextField("进展情况")

    class Meta:
        verbose_name = "进展"
        ordering = ["-said_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__lte=100), name="statement_percent"
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
