"""Opening a personal number: never without a purpose, never without a trace."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from zhenwu.accounts.models import User
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.models import Purpose, Reveal
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType


@transaction.atomic
def note_reveal(
    ledger: Ledger, row: Any, kind: FieldType, purpose: str, *, by: User, address: str, note: str = "", where: str = ""
) -> Reveal:
    """Write down who opened what for which purpose, before it is shown. `where`: the field, or the place in a line. Raises
    LedgerError for what is no purpose."""
    if purpose not in Purpose.values:
        raise LedgerError("请选择用途。")
    one = Reveal.objects.create(
        by=by, ledger=ledger.code, row=row.pk, field=(where or kind.code)[:60], purpose=purpose, note=note.strip()[:200]
    )
    said = f"查看{ledger.label}{row.no}的{kind.label}，用途：{one.why}"
    record(Watched.REVEAL, said, by=by, ledger=ledger.code, row=row.pk, address=address)
    return one


class Looked(NamedTuple):
    """One opening of a personal number, as who may read the audit trail of a ledger sees it."""

    at: datetime
    who: str
    label: str
    purpose: str


def reveals_of(ledger: Ledger, row: uuid.UUID, most: int) -> Iterator[Looked]:
    """Who opened which personal number of a row and what for, newest first."""
    for one in Reveal.objects.filter(ledger=ledger.code, row=row).select_related("by")[:most]:
        yield Looked(one.at, str(one.by), _label(ledger, one.field), one.why)


def _label(ledger: Ledger, where: str) -> str:
    """`where` as `note_reveal` kept it: a field, or <table>.<line>.<column>; the field may be gone since."""
    field, *within = where.split(".")
    if not within:
        return ledger.types[field].label if field in ledger.types else "已停用的字段"
    table, column = ledger.children.get(field), within[-1]
    if table is None or column not in table.types:
        return "已停用的字段"
    return f"{ledger.types[field].label}第{within[0]}行的{table.types[column].label}"
