"""The business day that pages start from when nobody names one."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from django.utils import timezone

from zhenwu.changes.queries import ledger_seqs
from zhenwu.packs import runtime

_RECENT = timedelta(days=92)


def working_day(today: date | None = None) -> date:
    """Today, as long as the ledgers are being kept. When nothing in them is younger than a quarter (an archived year, the
    demo), the 31 December of the last year they hold: asked of today, every figure of the year would be 0."""
    today = today or timezone.localdate()
    last = _last_day(today, tuple(sorted(ledger_seqs().items())))
    return today if last is None or today - last <= _RECENT else min(today, date(last.year, 12, 31))


@lru_cache(maxsize=4)
def _last_day(today: date, seqs: tuple[tuple[str, int], ...]) -> date | None:
    """A main date of the last quarter in any ledger; else the day until which the ledgers were kept. In each that is the last that
    two rows reach, for one alone may be a slip of the pen. Looked up again after every commit, and no more than needed."""
    reached: list[date] = []
    alone: list[date] = []
    for ledger in runtime.ledgers().values():
        code = ledger.spec.main_date
        if not code or ledger.types[code].name != "date" or ledger.spec.model:
            continue
        newest = ledger.rows("days").filter(**{f"{code}__lte": today}).order_by(f"-{code}")
        days = list(newest.values_list(code, flat=True)[:2])
        if days and today - days[0] <= _RECENT:
            return days[0]
        reached += days[1:]
        alone += days[:1]
    return kept_until(reached or alone)


def kept_until(last_days: Iterable[date]) -> date | None:
    """The day that a quarter of the ledgers reach: some hold plans for years to come."""
    newest = sorted(last_days, reverse=True)
    return newest[(len(newest) - 1) // 4] if newest else None
