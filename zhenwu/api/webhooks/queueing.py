"""The outbox: a notice is there with its change, or neither is."""

from django.utils import timezone

from zhenwu.api.models import Delivery, Subscription
from zhenwu.changes.models import Change


def queue_deliveries(change: Change, ledger: str) -> None:
    """Called in the transaction of the change. Whether there is anything to tell is judged when it is sent."""
    now = timezone.now()
    wanted = [one for one in Subscription.objects.filter(active=True) if not one.ledgers or ledger in one.ledgers]
    if wanted:
        Delivery.objects.bulk_create(
            [Delivery(subscription=one, change=change, ledger=ledger, next_at=now) for one in wanted]
        )
