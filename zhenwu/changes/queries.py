import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Max

from zhenwu.changes.models import ChainHead, History

_CHUNK = 500


def ledger_seq(ledger: str) -> int:
    """How many row versions the ledger has seen; a copy made at this number is current until it grows."""
    return ChainHead.objects.filter(ledger=ledger).values_list("seq", flat=True).first() or 0


def ledger_seqs() -> dict[str, int]:
    return dict(ChainHead.objects.values_list("ledger", "seq"))


def newest_versions(ledger: str | None, rows: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """{row: its newest version in history}, of any ledger when none is named; rows that came without one are absent."""
    found: dict[uuid.UUID, int] = {}
    wanted = list(rows)
    kept = History.objects.filter(ledger=ledger) if ledger else History.objects.all()
    for start in range(0, len(wanted), _CHUNK):
        some = kept.filter(row__in=wanted[start : start + _CHUNK]).order_by().values_list("row")
        found |= dict(some.annotate(newest=Max("version")))
    return found


def last_said(ledger: str) -> dict[uuid.UUID, tuple[str, str]]:
    """{row: (act, values as JSON)} of the newest version of every row that history holds."""
    said = History.objects.filter(ledger=ledger).order_by("seq").values_list("row", "act", "values")
    return {row: (act, values) for row, act, values in said}  # the last one stays


def read_version(values: str) -> dict[str, Any]:
    """What a version says. Whoever rewrote it may have written anything: the chain itself tells that."""
    try:
        said = json.loads(values)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
