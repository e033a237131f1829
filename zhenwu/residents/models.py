"""What people decided about pairs that looked alike."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class NotSame(models.Model):
    """Two persons who look alike and are two: not proposed again. `low` is the smaller id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    low = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    high = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=200)

    class Meta:
        verbose_name = "不是同一人"
        constraints = [models.UniqueConstraint(fields=["low", "high"], name="not_same_once")]

    def __str__(self) -> str:
        return f"{self.low}≠{self.high}"
