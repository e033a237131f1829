"""ID numbers that a spreadsheet has rounded: who they most likely were. Told beside the problem, never taken for the answer.

Only persons of the same name and place are looked at, and only for who may see both them and their numbers; the words name the
person, not the number.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.finding_people import PERSON, detail_of_person
from zhenwu.ledgers.importing.staged import StagedRows
from zhenwu.ledgers.queries import live
from zhenwu.lib.idno import kept_digits
from zhenwu.lib.text import name_key
from zhenwu.packs.runtime import Ledger
from zhenwu.people.models import Person

_MOST = 500  # rows of one sheet that are looked up; a column lost as a whole is put right as a column


def propose(
    ledger: Ledger, staged: StagedRows, cells_of: Callable[[str], Sequence[Any] | None], scope: Scope | None
) -> None:
    """Add to each problem of a lost number who is registered under what is left of it. `cells_of`: the cells of a column."""
    if ledger.spec.model != PERSON or not staged.problems or "name" not in staged.values:
        return
    cells = cells_of("idno")
    if cells is None:
        return
    kind: Any = ledger.types["idno"]
    if scope is not None and not scope.shows(kind.spec.privacy):
        return
    lost: dict[int, str] = {}
    for at, problems in staged.problems.items():
        if len(lost) < _MOST and any(one.field == kind.code for one in problems) and (kept := kept_digits(cells[at])):
            lost[at] = kept
    if not lost:
        return
    names = {str(name) for at in lost if (name := staged.values["name"][at])}
    rows = Person.objects.unscoped("matching") if scope is None else Person.objects.seen_by(scope)
    places = {place for at in lost if (place := staged.divisions[at])}
    known = rows.filter(live(), name__in=names, division__in=places, idno__isnull=False)
    by_name: dict[tuple[str, Any], list[Person]] = defaultdict(list)
    for one in known.select_related("division", "hukou_group").order_by("no"):
        by_name[name_key(one.name or ""), one.division_id].append(one)
    for at, kept in lost.items():
        namesakes = by_name.get((name_key(staged.values["name"][at] or ""), staged.divisions[at]), [])
        for digits in (len(kept), 14):
            found = [one for one in namesakes if (kind.unseal(one.idno) or "").startswith(kept[:digits])]
            if len(found) == 1:
                who = f"{found[0].name}（{detail_of_person(found[0])}，前{digits}位相同）"
                said = f"最像已登记的{who}：对照原件，确认是同一人再填完整号码。"
                staged.problems[at] = [
                    replace(one, message=one.message + said) if one.field == kind.code else one
                    for one in staged.problems[at]
                ]
                break
