"""A report and the rows that stood behind each of its figures when it was written."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhenwu.lib.ids import uuid7
from zhenwu.reports.tree import Tree


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    FROZEN = "frozen", "已定稿"


class Report(models.Model):
    """An annual report. `body` is the tree (tree.py) that page and document show; it is written once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("标题", max_length=120)
    issuer = models.CharField("落款单位", max_length=120)
    as_of = models.DateField("数据截至")
    boundary = models.CharField("区划口径", max_length=3, choices=[("now", "按现行区划"), ("was", "按当时区划")])
    state = models.CharField("状态", max_length=6, choices=State, default=State.DRAFT)
    plan = models.ForeignKey("plans.AnnualPlan", on_delete=models.PROTECT, null=True, related_name="+")
    body = models.JSONField(default=dict)
    pack_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("生成时间")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField("定稿时间", null=True)

    class Meta:
        verbose_name = "总结报告"
        ordering = ["-year", "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", frozen_at__isnull=True) | Q(state="frozen", frozen_at__isnull=False),
                name="report_frozen_has_day",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("reports:report", args=[self.pk])

    @cached_property
    def tree(self) -> Tree:
        return Tree.from_json(self.body)

    @property
    def is_frozen(self) -> bool:
        return self.state == State.FROZEN


class FigureRows(models.Model):
    """The rows behind one figure of a report. Apart from the body, so that showing a report does not read them."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="figure_rows")
    code = models.CharField(max_length=120)
    rows = models.JSONField(default=dict)  # ledger → sorted row ids (hex); "" holds lines that come from no single row

    class Meta:
        verbose_name = "数据来源"
        constraints = [models.UniqueConstraint(fields=["report", "code"], name="figure_rows_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.code}"
