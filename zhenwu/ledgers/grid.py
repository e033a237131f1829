"""A grid of rows to type and paste into: what it shows, and what was changed in it as one change.

What is typed goes the way of an imported sheet (read, match, check), so that a paste and a file mean the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.cells import columns_of, unit_of
from zhenwu.ledgers.errors import CommitRefused, Conflict, NotAllowed, RowProblem
from zhenwu.ledgers.filters import choices_of, villages_for
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.stage import StagedRow, stage_rows
from zhenwu.ledgers.listing import ListQuery, filtered, ordered
from zhenwu.ledgers.operations import KEEP, Add, Draft, Edit, Operation
from zhenwu.ledgers.queries import shown_fields
from zhenwu.lib.sheets import Column, DataRow, Table
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

MOST = 500  # rows of a grid; more are filtered first, or imported
_PLACE, _NOTE = "division", "note"
_NOT_IN_CELLS = ("file", "rows")  # widgets that no cell can hold


@dataclass(frozen=True)
class GridColumn:
    """One column. `options` are what may be chosen; other words are read as an import reads them."""

    code: str
    label: str
    width: int
    required: bool = False
    right: bool = False
    help: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedRow:
    """What was typed into one row: only the changed cells. `no` "" is a new row; `key` is how the page calls it."""

    key: str
    no: str
    version: int
    cells: dict[str, str]


@dataclass
class Saved:
    """What came of saving: a change, or every problem as (key of the row, field, message)."""

    change: Change | None = None
    problems: list[tuple[str, str, str]] = field(default_factory=list)


def fields_of(ledger: Ledger, scope: Scope) -> dict[str, FieldType]:
    return {
        code: kind
        for code, kind in shown_fields(ledger, scope).items()
        if kind.writable and kind.widget not in _NOT_IN_CELLS
    }


def grid_columns(ledger: Ledger, scope: Scope, *, today: date) -> list[GridColumn]:
    found = []
    if ledger.spec.place != "town":
        places = tuple(name for _, name in villages_for(scope, today))
        found.append(GridColumn(_PLACE, ledger.spec.place_label, 130, ledger.spec.place_required, options=places))
    for code, kind in fields_of(ledger, scope).items():
        label = f"{kind.label}（{unit}）" if (unit := unit_of(kind)) else kind.label
        options = () if kind.widget == "multiselect" else tuple(shown for _, shown in choices_of(kind))
        width = min(max(90, 18 * len(label) + 24, 240 if kind.name == "longtext" else 0), 260)
        found.append(
            GridColumn(code, label, width, kind.spec.required is True, kind.align_right, kind.spec.help, options)
        )
    return [*found, GridColumn(_NOTE, "备注", 160)]


def grid_rows(
    ledger: Ledger, scope: Scope, query: ListQuery, *, user: User, today: date
) -> tuple[list[dict[str, Any]], bool]:
    """(the first MOST rows of a filtered list as texts, whether there are more)."""
    fields = fields_of(ledger, scope)
    paths = [path for kind in fields.values() for path in kind.list_paths()]
    rows = ordered(filtered(ledger, scope, query, user=user, today=today), columns_of(ledger, scope), query.sort)
    known = ("pk", "no", "version", "review", "voided_by_change_id", "division_id", "division__name", "note")
    found = []
    values = list(rows.values_list(*known, *paths)[: MOST + 1])
    for pk, no, version, review, void, place, place_name, note, *rest in values[:MOST]:
        cells, at = {_PLACE: place_name or "", _NOTE: note or ""}, 0
        for code, kind in fields.items():
            width = len(kind.list_paths())
            cells[code] = kind.cell(*rest[at : at + width])
            at += width
        open_ = void is None and review != Review.LOCKED and scope.changes(place)
        open_ = open_ and (scope.review or review in (Review.DRAFT, Review.RETURNED))
        found.append({"key": str(pk), "no": no, "version": version, "review": str(Review(review).label),
                      "open": open_, "cells": cells})  # fmt: skip
    return found, len(values) > MOST


def save_grid(ledger: Ledger, scope: Scope, typed: Sequence[TypedRow], *, user: User, today: date) -> Saved:
    """Commit everything typed as one change, or nothing: then every problem, each at its row and field."""
    if not scope.enter and not scope.review:
        raise NotAllowed("你没有在这本台账登记的权限。")
    if not typed:
        return Saved()
    staged = _staged(ledger, scope, typed, user=user, today=today)
    problems = [problem for one in staged for problem in one.problems]
    operations: list[Operation] = []
    for one, said in zip(staged, typed, strict=True):
        problems += _unfit(one, said)
        if not one.problems:
            operations += _operations(ledger, one, said)
    if not problems:
        if not operations:
            return Saved()
        try:
            draft = Draft(ledger.code, user, operations, Source(SourceKind.FORM, "表格"), today=today)
            return Saved(commit(draft))
        except CommitRefused as refused:
            problems = refused.problems
        except Conflict as conflict:
            problems = [RowProblem(one.number, "", str(conflict)) for one in staged if one.row in conflict.rows]
    keys = {number: said.key for number, said in enumerate(typed, 1)}
    found = [(keys.get(one.at, ""), one.field, one.message.removeprefix(f"第 {one.at} 行")) for one in problems]
    return Saved(problems=list(dict.fromkeys(found)))


def typed_rows(said: Any, allowed: Mapping[str, Any]) -> list[TypedRow]:
    """The posted rows. Raises ValueError for anything that this page does not send."""
    if not isinstance(said, list) or len(said) > 4 * MOST:
        raise ValueError("rows")
    found = []
    for one in said:
        cells = {str(code): str(text)[:20_000] for code, text in dict(one["cells"]).items() if code in allowed}
        found.append(TypedRow(str(one["key"])[:60], str(one["no"])[:60], int(one["version"]), cells))
    return [one for one in found if one.cells]


def _staged(ledger: Ledger, scope: Scope, typed: Sequence[TypedRow], *, user: User, today: date) -> list[StagedRow]:
    codes = list(dict.fromkeys(code for one in typed for code in one.cells))
    columns = [Column(at, (code,), code, _unit(ledger, code)) for at, code in enumerate(["no", *codes])]
    rows = [
        DataRow(number, [one.no, *(one.cells.get(code, "").strip() for code in codes)])
        for number, one in enumerate(typed, 1)
    ]
    mapping = [Mapped(column, column.label, "chosen") for column in columns]
    table = Table("表格", (0,), columns, rows, [])
    return list(stage_rows(ledger, mapping, table, scope=scope, review=Review.DRAFT, today=today, by=user))


def _unit(ledger: Ledger, code: str) -> str | None:
    """The unit in the grid's header, which a bare number is in."""
    kind = ledger.types.get(code)
    return (unit_of(kind) or None) if kind is not None and kind.is_number else None


def _unfit(one: StagedRow, said: TypedRow) -> list[RowProblem]:
    """What an import would take and a grid does not."""
    if said.no and one.row is not None and one.version != said.version:
        return [RowProblem(one.number, "", f"{said.no}刚刚被他人改过：请刷新页面，看过新的内容再改。")]
    if not said.no and one.row is not None and not one.problems:
        return [RowProblem(one.number, "", "台账里已有这条记录：请直接修改那一行，或删去这一行。")]
    return []


def _operations(ledger: Ledger, one: StagedRow, said: TypedRow) -> list[Operation]:
    if one.row is None:
        return [Add(one.values, one.division, Review.DRAFT, note=one.note, at=one.number)]
    values = dict(one.values)
    emptied = {code for code, text in said.cells.items() if not text.strip()}
    values |= {code: None for code in emptied if code in ledger.stored}
    note: Any = None if _NOTE in emptied else one.note if _NOTE in said.cells else KEEP
    division: uuid.UUID | Any = None if _PLACE in emptied else one.division if _PLACE in said.cells else KEEP
    return [Edit(one.row, said.version, values, division, note, one.number)]
