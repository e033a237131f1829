"""Who and what the campaigns write: a user who enters and reviews every line, and rows of `hazard_site`."""

from datetime import date
from typing import Any

LEDGER = "hazard_site"
TODAY = date(2020, 6, 1)


def clerk() -> Any:
    from zhenwu.accounts.actions import system_user

    return system_user()


def village() -> Any:
    from zhenwu.divisions.models import Division, Level

    return Division.objects.filter(level=Level.VILLAGE).order_by("code").first()


def site(name: str) -> dict[str, Any]:
    """The values of a row."""
    return {
        "sector": "消防", "kind": "商铺", "name": name, "duty_name": "李青", "risk": "黄", "freq": "月",
        "active_from": date(2020, 1, 5),
    }  # fmt: skip


def add(*names: str, by: Any = None) -> Any:
    """A change that adds these rows."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import Review, SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft

    place = village().pk
    operations: list[Any] = [Add(site(name), place, Review.APPROVED) for name in names]
    return commit(Draft(LEDGER, by or clerk(), operations, Source(SourceKind.FORM), today=TODAY))


def rows() -> Any:
    """All rows of the ledger, voided ones too."""
    from zhenwu.packs import runtime

    return runtime.ledger(LEDGER).rows("audit").order_by("no")
