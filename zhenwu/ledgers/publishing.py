"""The sheet that is put up as a public notice: the public fields of approved rows, names masked, numbers left out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.audit import took_out
from zhenwu.changes.models import Review
from zhenwu.ledgers.cells import columns_of
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.exporting import XLSX_ROWS, Out, out_of, values_of
from zhenwu.ledgers.listing import ListQuery, filtered, ordered
from zhenwu.ledgers.queries import scope_in, shown_values, target_ledger
from zhenwu.lib.masking import Level, mask_name
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType
from zhenwu.packs.types.links import HouseholdLink, PersonLink

_OPEN = ("S0", "S1")  # what is more sensitive is never put up, whatever a pack says


def public_fields(ledger: Ledger, scope: Scope) -> list[FieldType]:
    """What a notice shows: fields that the pack calls public. Numbers of persons and files never are."""
    return [
        kind
        for kind in shown_values(ledger, scope).values()
        if kind.spec.public and kind.spec.privacy in _OPEN and not kind.is_sealed and kind.widget != "file"
    ]


def publish(ledger: Ledger, user: User, path: Path, query: ListQuery | None = None) -> int:
    """Write the notice as .xlsx; returns the number of rows. Only approved rows of what the user may see, voided ones never;
    that it was taken out is kept in the audit log. Raises LedgerError where the ledger has nothing public."""
    scope = scope_in(user, ledger)
    if not scope.read:
        raise NotAllowed("你没有这本台账的权限。")
    fields = public_fields(ledger, scope)
    if not fields:
        raise LedgerError(
            f"“{ledger.label}”没有可以公示的字段，不能导出公示表。确需公示的，请在台账声明里把相应字段标为公示（public = true）。"
        )
    query = replace(query or ListQuery(), voided=False)
    rows = filtered(ledger, scope, query, user=user).filter(review__in=(Review.APPROVED, Review.LOCKED))
    if (count := rows.count()) > XLSX_ROWS:
        raise LedgerError(f"有{count:,}行，超过一张 Excel 表能放的行数。请先筛选。")
    place = ledger.spec.place != "town"
    out = [Out(SheetColumn(ledger.spec.place_label), ("division__name",), str)] if place else []
    out += [_masked(kind) for kind in fields]
    values = values_of(ordered(rows, columns_of(ledger, scope), query.sort), out)
    columns = [SheetColumn("序号", "integer", width=6), *(one.column for one in out)]
    with BookWriter(path, constant_memory=True) as book:
        book.add_sheet(
            "公示表", columns, ([at, *row] for at, row in enumerate(values, 1)), heading=f"{ledger.label}公示表"
        )
    took_out(f"“{ledger.label}”公示表{count}行", by=user, ledger=ledger.code)
    return count


def _masked(kind: FieldType) -> Out:
    out = out_of(kind)
    return replace(out, value=_with_stars(out.value)) if names_a_person(kind) else out


def names_a_person(kind: FieldType) -> bool:
    """Whether the text of a field may be somebody's name: a link to a person, or words of class S1."""
    if isinstance(kind, PersonLink | HouseholdLink):
        return True
    if code := target_ledger(kind):
        target = runtime.ledger(code)
        return any(names_a_person(target.types[one]) for one in target.title[:1] if one in target.types)
    return kind.spec.privacy != "S0" and kind.name in ("text", "name", "longtext")


def _with_stars(shown: Callable[..., Any]) -> Callable[..., Any]:
    def value(*stored: Any) -> Any:
        said = shown(*stored)
        return mask_name(said, Level.PRINTS) if said else said

    return value
