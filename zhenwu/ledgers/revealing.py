"""Opening a personal number: never without a purpose, never without a trace."""

from typing import Any

from django.db import transaction

from zhenwu.accounts.models import User
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.ledgers.models import Reveal
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType


@transaction.atomic
def note_reveal(
    ledger: Ledger, row: Any, kind: FieldType, purpose: str, *, by: User, address: str, where: str = ""
) -> None:
    """Write down who opened what for which purpose, before it is shown. `where`: the field, or the place in a line."""
    Reveal.objects.create(by=by, ledger=ledger.code, row=row.pk, field=(where or kind.code)[:60], purpose=purpose[:200])
    said = f"查看{ledger.label}{row.no}的{kind.label}，用途：{purpose[:200]}"
    record(Watched.REVEAL, said, by=by, ledger=ledger.code, row=row.pk, address=address)
