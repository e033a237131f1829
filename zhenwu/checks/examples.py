"""Some of what a check finds as of a day, for the page that explains it. Nothing is kept."""

from datetime import date

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.checks.messages import say
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.mart.engine import window
from zhenwu.mart.store import mart

_SHOWN = 10
_AROUND = "SELECT * FROM {} AS said LIMIT 2000"


def examples_of(user: User, check: PreparedCheck, as_of: date) -> tuple[list[tuple[str, str]], int]:
    """([(place, what is said)], how many there are in the reader's places; counted up to 2,000). Only for readers of the
    check: the words may name persons of every ledger that it reads."""
    rows = mart().query(check.bad, window(as_of), around=_AROUND).to_pylist()
    rights = rights_of(user)
    if not rights.whole_town:
        own = {place.hex for place in rights.village_places}
        rows = [row for row in rows if row.get("place") in own]
    names = mart().places(as_of).divisions
    shown = [
        (str(names[row["place"]]["name"]) if row.get("place") in names else "全镇", say(check.message, row))
        for row in rows[:_SHOWN]
    ]
    return shown, len(rows)
