"""Spot checks (账实核查): what was drawn from which ledger, and what was found where it differs.

The visits themselves are rows of the ledger `spot_check`; here stands what that ledger must not show to all its readers."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class Method(models.TextChoices):
    BY_PLACE = "by_place", "按村分层随机"
    RANDOM = "random", "全镇随机"
    TARGETED = "targeted", "针对核对发现的问题"


class SpotPlan(models.Model):
    """One draw. With seed and `seq` it can be drawn again (`drawing.frame_at`, `drawing.draw`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField("名称", max_length=100)
    ledger = models.CharField("台账", max_length=60, db_index=True)
    method = models.CharField("抽取方式", max_length=10, choices=Method)
    check_code = models.CharField("针对的核对", max_length=90, blank=True)
    division = models.ForeignKey("divisions.Division", on_delete=models.PROTECT, null=True, related_name="+")
    seed = models.BigIntegerField("种子")
    seq = models.BigIntegerField()  # the point of the ledger's history that was drawn from
    size = models.PositiveIntegerField("抽取行数")
    frame_size = models.PositiveIntegerField("当时共有行数")
    frame_digest = models.CharField(max_length=64)
    strata = models.JSONField(default=list)  # [place, rows there, rows drawn]
    fields = models.JSONField("核查的栏", default=list)
    drawn_on = models.DateField("抽取日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "核查方案"
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.title


class Found(models.Model):
    """What a visit found in one field. Its words are shown only to who may see that field of that row."""

    class Result(models.TextChoices):
        SAME = "same", "相符"
        DIFFERENT = "different", "不符"
        MISSING = "missing", "查不到"

    visit = models.UUIDField(db_index=True)  # row of the ledger spot_check
    plan = models.ForeignKey(SpotPlan, on_delete=models.CASCADE, related_name="found")
    field = models.CharField(max_length=60)
    result = models.CharField("结果", max_length=10, choices=Result)
    said = models.CharField("台账填的", max_length=500, blank=True)  # what the ledger showed on the day of the visit
    value = models.CharField("实际是", max_length=500, blank=True)
    change = models.ForeignKey(
        "changes.Change", on_delete=models.PROTECT, null=True, related_name="+"
    )  # that corrected it

    class Meta:
        verbose_name = "核查结果"
        constraints = [models.UniqueConstraint(fields=["visit", "field"], name="found_field_once")]

    def __str__(self) -> str:
        return f"{self.field} {self.get_result_display()}"
