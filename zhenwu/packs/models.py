from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class Applied(models.Model):
    """What the tables are now: the applied packs as JSON. The newest one is in force; older ones are the record.
    `last_change` is the newest change before it: what changes up to that one wrote has the codes and types of before."""

    at = models.DateTimeField(auto_now_add=True)
    hash = models.CharField(max_length=64)
    dump = models.JSONField()
    last_change = models.BigIntegerField(default=0)
    plan = models.JSONField(default=list)  # what this application did, in words

    class Meta:
        verbose_name = "已生效的台账声明"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.hash[:12]}"


class Tombstone(models.Model):
    """A field or ledger that was removed: its id and code are never given out again, its column stays until purged."""

    ledger = models.CharField(max_length=60)
    field_id = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=60)
    column = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "已停用"

    def __str__(self) -> str:
        return f"{self.ledger}.{self.code}"


class DesignDraft(models.Model):
    """A township's own ledger being designed: made from a sample, an existing ledger or a pack file, edited on a page, applied
    by an administrator. The sample lies in `imports/design-<id>` until its rows are imported."""

    class Status(models.TextChoices):
        EDITING = "editing", "编辑中"
        SENT = "sent", "待启用"
        APPLIED = "applied", "已启用"
        DROPPED = "dropped", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.EDITING)
    ledger = models.CharField(max_length=60, blank=True)  # the existing ledger that is changed; "" for a new one
    before = models.TextField(blank=True)  # the pack file it started from
    said = models.JSONField(default=dict)  # designing.design.Design
    file_name = models.CharField("样表", max_length=300, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    pack_hash = models.CharField(max_length=64, blank=True)  # the packs that its application put in force
    job = models.UUIDField(null=True)  # the import of the sample's rows

    class Meta:
        verbose_name = "自建台账"
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return str(self.said.get("label") or self.file_name)
