"""`commit`: the one door for writing ledger rows."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.scope import rights_of
from zhenwu.changes.actions import Source, Version, append, lock_chain, next_numbers, open_change
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers import bulk
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError, NotAllowed, RowProblem
from zhenwu.ledgers.operations import Add, Draft, Restore
from zhenwu.ledgers.prepare import Prepared, Preparer
from zhenwu.ledgers.snapshot import sealed_of
from zhenwu.lib.ids import uuid7_batch
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_CHUNK = 5000
_MANY = 200  # from here on a change is written with executemany


@transaction.atomic
def commit(draft: Draft) -> Change:
    """Write a change: all of its rows with their history, or nothing.

    Raises CommitRefused with every problem of every row, Conflict when a row changed meanwhile, NotAllowed, or
    RestartNeeded when newer packs were applied.
    """
    if not draft.operations:
        raise LedgerError("没有要保存的内容。")
    runtime.ensure_current()
    ledger = runtime.ledger(draft.ledger)
    scope = rights_of(draft.by).scope(ledger.spec.line, ledger.spec.privacy)
    if not scope.read:
        raise NotAllowed("你没有这本台账的权限。")
    lock_chain(ledger.code)
    today = draft.today or timezone.localdate()
    stored = _stored(ledger, [one.row for one in draft.operations if not isinstance(one, Add)])
    preparer = Preparer(ledger, scope, draft.by, today=today, reason=draft.reason, stored=stored)
    prepared = preparer.run(draft.operations)
    problems = preparer.problems + list(_duplicates(ledger, prepared))
    if problems:
        raise CommitRefused(problems)
    change = open_change(
        author=draft.by, reason=draft.reason, source=draft.source, pack_hash=runtime.pack_hash(), undoes=draft.undoes
    )
    _write_new(ledger, [one for one in prepared if one.is_new], change, today.year)
    for one in prepared:
        if not one.is_new:
            _write_version(ledger, one, change, stored[one.row])
    append(change, ledger.code, (_history(ledger, one, stored.get(one.row)) for one in prepared))
    return change


def undo(change: Change, *, by: Any, reason: str) -> list[Change]:
    """Undo a change as a whole. Refused when a later change builds on one of its rows."""
    if change.undone_by.exists():
        raise LedgerError("这次变更已经撤销过了。")
    done: list[Change] = []
    with transaction.atomic():
        for code in change.ledgers:
            if code not in runtime.ledgers():
                raise LedgerError("这次变更不是台账变更，不能在这里撤销。")
            lock_chain(code)
            versions = list(History.objects.filter(change=change, ledger=code).values_list("row", "version"))
            current = _current_versions(runtime.ledger(code), [row for row, _ in versions])
            later = [row for row, version in versions if current.get(row) != version]
            if later:
                raise Conflict(later, f"有{len(later)}行在这之后又改过，不能整体撤销。请逐行更正。")
            operations: list[Any] = [Restore(row, version, version - 1) for row, version in versions]
            source = Source(SourceKind.UNDO, f"撤销变更{change.pk}")
            done.append(commit(Draft(code, by, operations, source, reason, undoes=change)))
    return done


def _stored(ledger: Ledger, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    found: dict[uuid.UUID, Any] = {}
    for start in range(0, len(rows), _CHUNK):
        chunk = ledger.model._default_manager.select_for_update(of=("self",)).select_related("changed_by")
        found |= {row.pk: row for row in chunk.filter(pk__in=rows[start : start + _CHUNK])}
    return found


def _current_versions(ledger: Ledger, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    found: dict[uuid.UUID, int] = {}
    for start in range(0, len(rows), _CHUNK):
        chunk = ledger.model._default_manager.filter(pk__in=rows[start : start + _CHUNK])
        found |= dict(chunk.values_list("pk", "version"))
    return found


def _duplicates(ledger: Ledger, prepared: Sequence[Prepared]) -> Iterable[RowProblem]:
    """Values of unique fields that another row, stored or in this change, already has."""
    for code, kind in ledger.stored.items():
        if not kind.spec.unique:
            continue
        column = next((name for name in kind.columns() if name.endswith("_hash")), code)
        seen: dict[Any, Prepared] = {}
        for one in prepared:
            value = one.columns.get(column)
            if value is None:
                continue
            if value in seen:
                yield RowProblem(one.at, code, f"“{kind.label}”与本次的另一行相同：同一个号码只能登记一次，请核对。")
            seen[value] = one
        values = list(seen)
        for start in range(0, len(values), _CHUNK):
            live = ledger.model._default_manager.filter(voided_by_change=None)
            taken = live.filter(**{f"{column}__in": values[start : start + _CHUNK]})
            for value, row, no in taken.values_list(column, "pk", "no"):
                if seen[value].row != row:
                    yield RowProblem(
                        seen[value].at, code, f"“{kind.label}”与已有记录{no}相同：请改那一条，不要重复登记。"
                    )


def _write_new(ledger: Ledger, new: Sequence[Prepared], change: Change, this_year: int) -> None:
    if not new:
        return
    years = [_year_of(ledger, one, this_year) for one in new]
    numbers = {
        year: iter(next_numbers(f"{ledger.spec.prefix}-{year}", years.count(year))) for year in sorted(set(years))
    }
    author, at = change.author_id, change.at
    ids = uuid7_batch(len(new))
    rows = []
    for one, year, fresh in zip(new, years, ids, strict=True):
        if one.row.int == 0:
            one.row = fresh
        implicit = {
            "id": one.row, "no": f"{ledger.spec.prefix}-{year}-{next(numbers[year]):04d}", "version": 1,
            "created_by_id": author, "created_at": at, "changed_by_id": author, "changed_at": at, "change_id": change.pk,
        }  # fmt: skip
        one.canonical["no"] = implicit["no"]
        rows.append(one.columns | implicit)
    if len(rows) >= _MANY:
        bulk.insert(ledger.model, rows)
    else:
        ledger.model._default_manager.bulk_create([ledger.model(**row) for row in rows])


def _write_version(ledger: Ledger, one: Prepared, change: Change, row: Any) -> None:
    columns = dict(one.columns)
    if "void" in columns:
        columns["voided_by_change_id"] = change.pk if columns.pop("void") else None
    columns |= {
        "version": one.version,
        "changed_by_id": change.author_id,
        "changed_at": change.at,
        "change_id": change.pk,
    }
    changed = ledger.model._default_manager.filter(pk=one.row, version=one.version - 1).update(**columns)
    if changed != 1:
        raise Conflict([one.row], "这条记录刚刚被他人改过，请刷新后再试。")
    one.canonical["no"] = row.no


def _history(ledger: Ledger, one: Prepared, row: Any) -> Version:
    columns = {code: getattr(row, code) for code, kind in ledger.stored.items() if row and kind.always_private}
    return Version(one.row, one.version, one.act, one.canonical, sealed_of(ledger, columns | one.columns))


def _year_of(ledger: Ledger, one: Prepared, this_year: int) -> int:
    """The year in the readable number: that of the main date; a registry counts by the year of entry."""
    value = one.keys.get(ledger.spec.main_date) if ledger.spec.main_date and not ledger.spec.model else None
    return getattr(value, "year", this_year)
