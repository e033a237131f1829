"""What the API has done in the background."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from zhenwu.api.models import Answer, Delivery
from zhenwu.api.webhooks.sending import send_due
from zhenwu.background.periodic import every, nightly

_KEPT = timedelta(days=30)


@every(minutes=1, label="发送变更通知")
def send_notices() -> str:
    return str(send_due())


@nightly(label="清理过期的接口答复和已处理的通知")
def forget_old() -> str:
    now = timezone.now()
    answers, _ = Answer.objects.filter(at__lt=now - timedelta(days=settings.API["answers_kept_days"])).delete()
    done = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(at__lt=now - _KEPT)
    notices, _ = done.delete()
    return f"清理{answers}个答复、{notices}条通知" if answers or notices else ""
