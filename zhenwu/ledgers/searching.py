"""Finding rows by words over all ledgers a person may read: number, texts, names. Never by personal numbers."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers import search_index
from zhenwu.ledgers.cells import columns_of, plain_row
from zhenwu.ledgers.listing import ListQuery, filtered
from zhenwu.ledgers.queries import ledgers_for, rows_in
from zhenwu.packs.runtime import Ledger

_EACH = 5
_MOST = 20_000  # the newest hits that are looked at


@dataclass(frozen=True)
class Found:
    """The first rows of one ledger that meet the words: (id, number, the rest in words)."""

    ledger: Ledger
    rows: list[tuple[object, str, str]]
    more: bool


def search_rows(user: User, q: str) -> Iterator[Found]:
    """Ledger by ledger, the newest rows first; by the index where it has come as far as the ledger, else row by row."""
    known = list(ledgers_for(user))
    ready = search_index.complete()
    hits = _hits([one for one in known if one[0].code in ready], q.split()[:5])
    for ledger, scope in known:
        if ledger.code not in ready:
            rows = filtered(ledger, scope, ListQuery(q=q), user=user, today=timezone.localdate())
        elif hits.get(ledger.code):
            rows = rows_in(ledger, scope).filter(pk__in=hits[ledger.code])
        else:
            continue
        columns = columns_of(ledger, scope)
        paths = [path for column in columns for path in column.paths]
        if found := list(rows.order_by("-no").values_list("pk", *paths)[: _EACH + 1]):
            said = [(pk, *_said(plain_row(columns, values))) for pk, *values in found[:_EACH]]
            yield Found(ledger, said, len(found) > _EACH)


def _hits(known: Sequence[tuple[Ledger, Scope]], words: Sequence[str]) -> dict[str, list[uuid.UUID]]:
    """{ledger: its newest rows that the scope sees}; one more than is shown tells that there are more."""
    scopes = {ledger.code: scope for ledger, scope in known}
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    for code, row, place in islice(search_index.hits(words), _MOST):
        if code in scopes and scopes[code].covers(place) and len(found[code]) <= _EACH:
            found[code].append(row)
    return found


def _said(texts: list[str]) -> tuple[str, str]:
    no, *rest = texts
    return no, "　".join(text for text in rest[:6] if text)
