from django.db import models


class Applied(models.Model):
    """What the tables are now: the applied packs as JSON. The newest one is in force; older ones are the record."""

    at = models.DateTimeField(auto_now_add=True)
    hash = models.CharField(max_length=64)
    dump = models.JSONField()
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
