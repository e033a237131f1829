"""Campaign that must fail: it confirms what it has not written, and writes a change in two steps. It shows
that the harness sees such things."""

import time

from tests.torture import cast
from tests.torture.harness import Confirm


def prepare() -> None:
    pass


def act(confirm: Confirm, attempt: int) -> None:
    from django.utils import timezone

    from zhenwu.changes.models import Change

    for _ in range(10):
        confirm("a change")
        time.sleep(0.02)
        change = Change.objects.create(author=cast.clerk(), at=timezone.now(), source_kind="form", ledgers={"x": 1})
        time.sleep(0.02)
        Change.objects.filter(pk=change.pk).update(ledgers={})


def check(confirmed: list[str]) -> list[str]:
    from zhenwu.changes.models import Change

    there = Change.objects.filter(source_kind="form").count()
    return [f"{len(confirmed)} confirmed, {there} there"] if there < len(confirmed) else []
