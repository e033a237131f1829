"""What the ledgers room stores beside the ledgers themselves: imports under way and stored files."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class ImportJob(models.Model):
    """One uploaded sheet: staged, looked at, then applied as one change or dropped. The file lies in `imports/<id>`."""

    class Status(models.TextChoices):
        STAGED = "staged", "待确认"
        APPLIED = "applied", "已导入"
        DROPPED = "dropped", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ledger = models.CharField(max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField("文件", max_length=300)
    file_hash = models.CharField(max_length=64)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)  # names of the visible sheets, in order
    mapping = models.JSONField(default=dict)  # column index → target, as corrected by a person
    status = models.CharField(max_length=10, choices=Status, default=Status.STAGED)
    digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "导入"
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.file_name


class StoredFile(models.Model):
    """A file kept under its hash in `files/ab/abcdef…`. Rows name it by hash; who may see the row may see the file."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "文件"

    def __str__(self) -> str:
        return self.name


class Reveal(models.Model):
    """Who opened which personal value of which row, when and for what purpose. Append-only; read by audit."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    field = models.CharField(max_length=60)
    purpose = models.CharField("用途", max_length=200)

    class Meta:
        verbose_name = "个人信息查看记录"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.by} {self.ledger}.{self.field}"
