"""What pages and the API show of a figure to a person: what may be asked, and what of the answer is hidden."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.asking import Asked
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.queries import Compared, by_place, compared, parts, spec_of
from zhenwu.indicators.seeing import sees_small, settled_day, text_for, texts
from zhenwu.ledgers.days import working_day


def asked_by(user: User, code: str, said: Mapping[str, str]) -> Asked:
    """What an address asks of a figure, as far as this user may ask it. Of a protected figure the whole year alone, by village or
    by part but not by both: differences and crossings would tell of single persons."""
    asked = Asked.from_params(said).answered_by(spec_of(code))
    if sees_small(user, code):
        return asked
    settled = asked.settled(settled_day(min(asked.as_of, date(asked.year, 12, 31)), working_day()))
    return replace(settled, place=None) if "." in code else settled


def shown_text(user: User, code: str, asked: Asked, found: Figure) -> str:
    """Its text, hidden where the others beside it would give it away."""
    if sees_small(user, code):
        return found.text
    beside: dict[str, Figure] = {}
    if found.place:
        beside = by_place(code, as_of=asked.as_of, year=asked.year)
    elif "." in code:
        beside = {
            f"{code.partition('.')[0]}.{one}": part
            for one, part in parts(code.partition(".")[0], **asked.question()).items()
        }
    own = found.place or code
    return texts(beside, all_shown=False).get(own) or text_for(user, found)


def last_year_for(user: User, code: str, asked: Asked, found: Figure) -> Compared | None:
    """The figure beside the same period last year. None where nothing may be said: places as they were cannot be held against
    each other, and a protected figure is told of whole years of the whole township."""
    if (asked.boundary == "was" and asked.place) or shown_text(user, code, asked, found) != found.text:
        return None
    if asked.is_settled and (asked.place or "." in code or asked.as_of.month != 12):
        return None
    said = compared(code, now=found, **asked.question())
    return None if said.before is not None and text_for(user, said.before) != said.before.text else said


def last_year_said(said: Compared) -> dict[str, Any]:
    """For JSON. `percent` only where one can be said; the words always say how the two compare."""
    before, growth = said.before, said.growth
    return {
        "as_of": before.as_of.isoformat() if before else None,
        "value": str(before.value) if before and before.value is not None else None,
        "text": before.text if before else None, "growth": growth.text,
        "difference": None if growth.difference is None else str(growth.difference),
        "percent": None if growth.percent is None else str(growth.percent),
    }  # fmt: skip
