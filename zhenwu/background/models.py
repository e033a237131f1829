from django.db import models


class PeriodicRun(models.Model):
    """The last run of one periodic job. `runner` is the worker that is at it now; "" when nobody is."""

    name = models.CharField(primary_key=True, max_length=100)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    runner = models.CharField(max_length=64, blank=True)
    said = models.TextField(blank=True)  # what it did, in words
    error = models.TextField(blank=True)  # why the last run failed; "" when it did not

    class Meta:
        verbose_name = "定时工作"

    def __str__(self) -> str:
        return self.name
