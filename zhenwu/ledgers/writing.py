"""Writes what was prepared: new rows, new versions of rows, and the history of both."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from zhenwu.changes.actions import Appender, Version, next_numbers
from zhenwu.changes.bulk import Inserter, Updater
from zhenwu.changes.models import Change
from zhenwu.ledgers.errors import Conflict
from zhenwu.ledgers.lines import LineWriter, canonical, sealed_of_lines
from zhenwu.ledgers.prepare import Prepared
from zhenwu.ledgers.snapshot import RowEncoder, sealed_of
from zhenwu.lib.ids import uuid7_batch
from zhenwu.packs.runtime import Ledger


class Writer:
    """Writes one change into one ledger, batch by batch; `close` ends it."""

    def __init__(self, ledger: Ledger, change: Change, this_year: int) -> None:
        self.ledger, self.change, self.this_year = ledger, change, this_year
        author, at = change.author_id, change.at
        self._encoder = RowEncoder(ledger)
        self._inserter = Inserter(ledger.model, self._encoder.columns, {
            "version": 1, "created_by_id": author, "created_at": at, "changed_by_id": author, "changed_at": at,
            "change_id": change.pk,
        })  # fmt: skip
        self._updaters: dict[tuple[str, ...], Updater] = {}
        self._history = Appender(change, ledger.code)
        self._lines = {code: LineWriter(table) for code, table in ledger.children.items()}
        self._private = [code for code, kind in ledger.stored.items() if kind.always_private]

    def write(self, prepared: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> None:
        """`stored` are the rows of which new versions are written, as they were."""
        self._history.add(self._new([one for one in prepared if one.is_new]))
        self._history.add(self._versions([one for one in prepared if not one.is_new], stored))

    def close(self) -> Change:
        self._history.close()
        return self.change

    def _new(self, new: Sequence[Prepared]) -> Iterator[Version]:
        if not new:
            return
        numbers = self._numbers([self._year_of(one) for one in new])
        fresh = uuid7_batch(len(new))
        ids = [one.row if one.row.int else made for one, made in zip(new, fresh, strict=True)]
        values = [one.values for one in new]
        columns = self._encoder.columns_of(values) | {"id": ids, "no": numbers}
        for name in ("division_id", "review", "state", "note", "source"):
            columns[name] = [one.columns[name] for one in new]
        self._inserter.insert(len(new), columns)
        lines = {code: [one.lines.get(code, []) for one in new] for code in self._lines}
        for code, writer in self._lines.items():
            writer.replace(list(zip(ids, lines[code], strict=True)), fresh=True)
        places = [place.hex if place else None for place in columns["division_id"]]
        said: dict[str, Sequence[Any]] = {name: columns[name] for name in ("no", "review", "state", "note")}
        said |= {code: [canonical(one) for one in some] for code, some in lines.items()}
        texts = self._encoder.texts_of(values, said | {"division": places, "void": [False] * len(new)})
        sealed = {code: columns[code] for code in self._private}
        for at, (pk, text) in enumerate(zip(ids, texts, strict=True)):
            kept = {code: tokens[at] for code, tokens in sealed.items() if tokens[at]} if sealed else {}
            if self._lines:
                kept |= sealed_of_lines(self.ledger, None, new[at].lines)
            yield Version(pk, 1, "add", {}, kept, text)

    def _numbers(self, years: Sequence[int]) -> list[str]:
        prefix = self.ledger.spec.prefix
        free = {year: iter(next_numbers(f"{prefix}-{year}", years.count(year))) for year in sorted(set(years))}
        return [f"{prefix}-{year}-{next(free[year]):05d}" for year in years]

    def _year_of(self, one: Prepared) -> int:
        """The year in the readable number: that of the main date; a registry counts by the year of entry."""
        spec = self.ledger.spec
        value = one.values.get(spec.main_date) if spec.main_date and not spec.model else None
        if value is None:
            return self.this_year
        return value.year if isinstance(value, date) else int(str(value)[:4])  # a month is "2020-03"

    def _versions(self, versions: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> Iterator[Version]:
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
        for code, writer in self._lines.items():
            writer.replace([(one.row, one.lines[code]) for one in versions if code in one.lines])
        for one in versions:
            kept = {code: getattr(stored[one.row], code) for code in self._private}
            sealed = sealed_of(self.ledger, kept | one.columns)
            if self._lines:
                sealed |= sealed_of_lines(self.ledger, stored[one.row], one.lines)
            yield Version(one.row, one.version, one.act, one.canonical, sealed)
