"""False alarms: accepted with a reason and an end, looked at again when the data changes that was looked at.

The data of a finding is the versions of all rows that its values name, its severity, and, where the statement does not
depend on the day, its values themselves ("overdue by 12 days" changes every day and says nothing new). Sums of declared
checks are always part of it: they change with rows that no value names, and not with the day.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from zhenwu.changes.queries import newest_versions
from zhenwu.checks.acting import keep_events, locked, refuse
from zhenwu.checks.errors import FindingsRefused, UnknownCheck
from zhenwu.checks.models import UNRESOLVED, EventKind, Finding, Status
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.checks.registry import registry
from zhenwu.mart.errors import SqlBroken
from zhenwu.packs import runtime

_ID = re.compile(r"[0-9a-f]{32}")
_SUMS = frozenset({"agree", "control", "outlier"})
_BY_DAY = frozenset({"as_of", "year", "from", "to"})
_LONGEST = 180


@dataclass(frozen=True)
class Looked:
    severity: str
    values: Mapping[str, str]


@transaction.atomic
def accept(
    findings: Iterable[Finding], *, by: Any, reason: str, until: date, on: date, stands_for: Any = None
) -> list[Finding]:
    """Take findings as false alarms until a day, included. Raises FindingsRefused."""
    said = reason.strip()
    limit = runtime.param("finding.accept_days", on=on)
    last = on + timedelta(days=_LONGEST if limit is None else int(limit))
    problems = [] if len(said) >= 5 else ["请写明认定误报的理由，至少5个字。"]
    if until <= on:
        problems.append(f"有效期填的是{until}：应晚于{on}。")
    elif until > last:
        problems.append(f"有效期填的是{until}：最长到{last}，到期后重新核对。")
    if problems:
        raise FindingsRefused(problems)
    chosen = locked(findings)
    refuse(chosen, lambda one: "" if one.status in UNRESOLVED else f"现为“{one.get_status_display()}”，不能认定误报。")
    refuse(chosen, lambda one: "" if by.pk != one.explained_by_id else "说明人不能认定自己的说明，请由另一人认定。")
    digests = _digests(chosen)
    for one in chosen:
        one.status, one.accepted_by, one.accepted_until = Status.ACCEPTED, by, until
        one.accepted_digest = digests[one.key]
    Finding.objects.bulk_update(chosen, ["status", "accepted_by", "accepted_until", "accepted_digest"], batch_size=1000)
    keep_events(chosen, EventKind.ACCEPTED, by, f"有效至{until}。{said}", stands_for=stands_for)
    return chosen


def digests_of(check: PreparedCheck | None, looked: Mapping[str, Looked]) -> dict[str, str]:
    """{key: digest}; one query for all of them."""
    named = {key: sorted({uuid.UUID(hit) for value in one.values.values() for hit in _ID.findall(value)})
             for key, one in looked.items()}  # fmt: skip
    versions = newest_versions(None, sorted({row for rows in named.values() for row in rows}))
    by_day = check is None or (check.kind not in _SUMS and bool(check.bad.params & _BY_DAY))
    found = {}
    for key, one in looked.items():
        rows = [(row.hex, versions[row]) for row in named[key] if row in versions]
        said = [one.severity, rows, {} if by_day else dict(one.values)]
        found[key] = hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return found


def _digests(findings: Iterable[Finding]) -> dict[str, str]:
    by_check: dict[str, dict[str, Looked]] = {}
    for one in findings:
        by_check.setdefault(one.check_code, {})[one.key] = Looked(one.severity, one.values)
    found: dict[str, str] = {}
    for code, looked in by_check.items():
        try:
            found |= digests_of(registry().prepared(code), looked)
        except (UnknownCheck, SqlBroken):  # its check is gone: nothing will look at it again before the end
            found |= digests_of(None, looked)
    return found
