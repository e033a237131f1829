"""Finding rows by a word over all ledgers a person may read: number, title, names. Never by personal numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.ledgers.cells import columns_of, plain_row
from zhenwu.ledgers.listing import ListQuery, filtered
from zhenwu.ledgers.queries import ledgers_for
from zhenwu.packs.runtime import Ledger

_EACH = 5


@dataclass(frozen=True)
class Found:
    """The first rows of one ledger that meet the words: (id, number, the rest in words)."""

    ledger: Ledger
    rows: list[tuple[object, str, str]]
    more: bool


def search_rows(user: User, q: str) -> Iterator[Found]:
    today = timezone.localdate()
    query = ListQuery(q=q)
    for ledger, scope in ledgers_for(user):
        columns = columns_of(ledger, scope)
        paths = [path for column in columns for path in column.paths]
        rows = filtered(ledger, scope, query, user=user, today=today).order_by("-no")
        found = list(rows.values_list("pk", *paths)[: _EACH + 1])
        if found:
            said = [(pk, *_said(plain_row(columns, values))) for pk, *values in found[:_EACH]]
            yield Found(ledger, said, len(found) > _EACH)


def _said(texts: list[str]) -> tuple[str, str]:
    no, *rest = texts
    return no, "　".join(text for text in rest[:6] if text)
