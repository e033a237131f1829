"""The business day that pages start from when nobody names one."""

from datetime import date, timedelta
from functools import lru_cache

from django.db.models import Max
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
    """The last main date in any ledger up to today; looked up again after every commit, and no more than needed."""
    last: date | None = None
    for ledger in runtime.ledgers().values():
        code = ledger.spec.main_date
        if not code or ledger.types[code].name != "date" or ledger.spec.model:
            continue
        found = ledger.rows("days").filter(**{f"{code}__lte": today}).aggregate(last=Max(code))["last"]
        if found is not None and (last is None or found > last):
            last = found
            if today - last <= _RECENT:
                break
    return last
