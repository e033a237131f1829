"""What the mart has done in the background: new copies while nobody waits for them."""

from pathlib import Path

from django.conf import settings

from zhenwu.background.periodic import every
from zhenwu.mart.copying import START, Unit, heads, is_far_behind, make_copy, newest_copy
from zhenwu.mart.files import Shelf
from zhenwu.mart.store import running_schema


@every(minutes=5, label="整理数据集市")
def renew_copies() -> str:
    """A ledger that has a copy gets a new one when much was written since. One that nobody asks has none, and needs none."""
    shelf, schema, now = Shelf(Path(settings.INSTANCE) / "mart"), running_schema(), heads()
    count = 0
    for code in schema.units:
        unit = Unit.of(schema, code)
        head = now.get(unit.ledger, START)
        copy = newest_copy(shelf, unit, head)
        if copy is not None and is_far_behind(copy, head, at_rest=True):
            make_copy(shelf, unit, unless=copy.made)
            count += 1
    return f"整理{count}本台账" if count else ""
