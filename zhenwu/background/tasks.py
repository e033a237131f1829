"""The room's own nightly work."""

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from zhenwu.background.periodic import nightly

_KEPT = timedelta(days=14)


@nightly(label="清理两周前的后台工作记录")
def forget_finished_tasks() -> str:
    count, _ = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - _KEPT).delete()
    return f"清理{count}条" if count else ""
