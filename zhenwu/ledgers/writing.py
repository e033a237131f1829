"""Writes what was prepared: new rows, new versions of rows, and the history of both."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from zhenwu.changes.actions import Appender, Version, next_numbers
from zhenwu.changes.bulk import Inserter, Updater
from zhenwu.changes.models import Change
from zhenwu.ledgers.errors import Conflict
from zhenwu.ledgers.prepare import Prepared
from zhenwu.ledgers.snapshot import sealed_of
from zhenwu.lib.ids import uuid7_batch
from zhenwu.packs.runtime import Ledger


class Writer:
    """Writes one change into one ledger, batch by batch; `close` ends it."""

    def __init__(self, ledger: Ledger, change: Change, this_year: int) -> None:
        self.ledger, self.change, self.this_year = ledger, change, this_year
        author, at = change.author_id, change.at
        self._inserter = Inserter(ledger.model, {
            "version": 1, "created_by_id": author, "created_at": at, "changed_by_id": author, "changed_at": at,
            "change_id": change.pk,
        })  # fmt: skip
        self._updaters: dict[tuple[str, ...], Updater] = {}
        self._history = Appender(change, ledger.code)
        self._private = [code for code, kind in ledger.stored.items() if kind.always_private]

    def write(self, prepared: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> None:
        """`stored` are the rows of which new versions are written, as they were."""
        self._new([one for one in prepared if one.is_new])
        self._versions([one for one in prepared if not one.is_new], stored)
        self._history.add(self._said(prepared, stored))

    def close(self) -> Change:
        self._history.close()
        return self.change

    def _new(self, new: Sequence[Prepared]) -> None:
        if not new:
            return
        prefix = self.ledger.spec.prefix
        years = [self._year_of(one) for one in new]
        numbers = {year: iter(next_numbers(f"{prefix}-{year}", years.count(year))) for year in sorted(set(years))}
        for one, year, fresh in zip(new, years, uuid7_batch(len(new)), strict=True):
            if one.row.int == 0:
                one.row = fresh
            no = f"{prefix}-{year}-{next(numbers[year]):04d}"
            one.columns["id"], one.columns["no"], one.canonical["no"] = one.row, no, no
        self._inserter.insert([one.columns for one in new])

    def _year_of(self, one: Prepared) -> int:
        """The year in the readable number: that of the main date; a registry counts by the year of entry."""
        spec = self.ledger.spec
        value = one.values.get(spec.main_date) if spec.main_date and not spec.model else None
        return value.year if hasattr(value, "year") else int(str(value)[:4]) if value else self.this_year

    def _versions(self, versions: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> None:
        change = self.change
        by_columns: dict[tuple[str, ...], list[tuple[uuid.UUID, int, dict[str, Any]]]] = defaultdict(list)
        for one in versions:
            columns = one.columns
            if "void" in columns:
                columns["voided_by_change_id"] = change.pk if columns.pop("void") else None
            columns |= {"version": one.version, "changed_by_id": change.author_id, "changed_at": change.at}
            columns["change_id"] = change.pk
            by_columns[tuple(columns)].append((one.row, one.version - 1, columns))
            one.canonical["no"] = stored[one.row].no
        for names, rows in by_columns.items():
            if names not in self._updaters:
                self._updaters[names] = Updater(self.ledger.model, names)
            if self._updaters[names].update(rows) != len(rows):
                raise Conflict([row for row, _, _ in rows], "这条记录刚刚被他人改过，请刷新后再试。")

    def _said(self, prepared: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> Iterator[Version]:
        for one in prepared:
            sealed = {}
            if self._private:
                row = stored.get(one.row)
                kept = {code: getattr(row, code) for code in self._private} if row is not None else {}
                sealed = sealed_of(self.ledger, kept | one.columns)
            yield Version(one.row, one.version, one.act, one.canonical, sealed)
