"""Fields that a reviewer marked when sending a row back: what is still to be put right, and what history shows."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Change, History, Review
from zhenwu.ledgers.errors import CommitRefused, RowProblem
from zhenwu.ledgers.models import ReturnMark
from zhenwu.ledgers.queries import shown_fields
from zhenwu.ledgers.snapshot import canonical_of, said_today
from zhenwu.packs.past import Past
from zhenwu.packs.runtime import Ledger

PLACE = "division"
LONGEST = 200


@dataclass(frozen=True)
class Mark:
    """What a reviewer wrote at one field. `is_done`: the field says something else since."""

    field: str
    label: str
    says: str
    is_done: bool = False


def check_marks(ledger: Ledger, scope: Scope, said: Mapping[str, str]) -> dict[str, str]:
    """The marks, cleaned. Raises CommitRefused for a mark without words, or at a field that the reviewer does not see."""
    labels = markable(ledger, scope)
    problems, found = [], {}
    for code, words in said.items():
        words = words.strip()
        if code not in labels:
            problems.append(RowProblem(0, "", f"没有可以标注的栏“{code}”。"))
        elif not words:
            problems.append(RowProblem(0, code, f"“{labels[code]}”勾选了：请写明哪里不对。"))
        elif len(words) > LONGEST:
            problems.append(RowProblem(0, code, f"“{labels[code]}”的说明最多{LONGEST}个字。"))
        found[code] = words
    if problems:
        raise CommitRefused(problems)
    return found


def markable(ledger: Ledger, scope: Scope) -> dict[str, str]:
    """{field code: label} of what may be marked."""
    fields = {code: kind.label for code, kind in shown_fields(ledger, scope).items()}
    return fields if ledger.spec.place == "town" else {PLACE: ledger.spec.place_label} | fields


def keep_marks(ledger: Ledger, row: uuid.UUID, change: Change, said: Mapping[str, str]) -> None:
    ReturnMark.objects.bulk_create(
        ReturnMark(ledger=ledger.code, row=row, change=change, field=code, says=words) for code, words in said.items()
    )


def marks_of(ledger: Ledger, scope: Scope, row: Any) -> list[Mark]:
    """The marks of the last return, as long as the row has not been handed in again."""
    if row.review != Review.RETURNED:
        return []
    kept = ReturnMark.objects.filter(ledger=ledger.code, row=row.pk).order_by("-change_id", "pk")
    marks = [one for one in kept if one.change_id == kept[0].change_id]
    if not marks:
        return []
    since = History.objects.filter(ledger=ledger.code, row=row.pk, change_id__gte=marks[0].change_id)
    past = Past()
    said = [said_today(ledger, one, past) for one in since.select_related("change").order_by("version")]
    if not said or any(one.get("review") != Review.RETURNED for one in said):
        return []  # handed in since
    then, now, labels = said[0], canonical_of(ledger, row), markable(ledger, scope)
    renamed = past.codes(marks[0].change_id, ledger.code)
    codes = [(renamed.get(one.field, one.field), one.says) for one in marks]
    return [Mark(code, labels[code], says, then.get(code) != now.get(code)) for code, says in codes if code in labels]


def marks_in(ledger: Ledger, scope: Scope, changes: Iterable[int]) -> dict[tuple[int, uuid.UUID], list[Mark]]:
    """{(change, row): marks} that these changes left, for history."""
    labels = markable(ledger, scope)
    found: dict[tuple[int, uuid.UUID], list[Mark]] = defaultdict(list)
    for one in ReturnMark.objects.filter(ledger=ledger.code, change__in=list(changes)).order_by("pk"):
        if one.field in labels:
            found[one.change_id, one.row].append(Mark(one.field, labels[one.field], one.says))
    return found
