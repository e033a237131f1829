"""Writes what was prepared: new rows, new versions of rows, and the history of both."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from zhenwu.changes.actions import Appender, Version, next_numbers
from zhenwu.changes.bulk import Inserter, Updater
from zhenwu.changes.models import ChainHead, Change
from zhenwu.ledgers.errors import Conflict
from zhenwu.ledgers.lines import LineWriter, canonical, sealed_of_lines
from zhenwu.ledgers.operations import NewRows
from zhenwu.ledgers.prepare import Prepared
from zhenwu.ledgers.snapshot import RowEncoder, sealed_of
from zhenwu.lib.columns import mapped
from zhenwu.lib.ids import uuid7_hexes
from zhenwu.packs.runtime import Ledger


class Writer:
    """Writes one change into one ledger, batch by batch; `close` ends it. `head` is the end of its chain, locked."""

    def __init__(self, ledger: Ledger, change: Change, head: ChainHead, this_year: int) -> None:
        self.ledger, self.change, self.this_year = ledger, change, this_year
        self._history = Appender(change, head)
        self._updaters: dict[tuple[str, ...], Updater] = {}
        self._lines = {code: LineWriter(table) for code, table in ledger.children.items()}
        self._private = [code for code, kind in ledger.stored.items() if kind.is_sealed]

    def add(self, new: NewRows) -> None:
        count = len(new)
        ids = self._ids(new)
        reviews, files = mapped(new.reviews, str), new.files or [None] * count
        columns = self._encoder.columns_of(new.values, count) | {
            "id": ids, "no": self._numbers(new), "division_id": new.divisions, "review": reviews,
            "state": new.states, "note": new.notes, "files": files, "source": [said[:300] for said in new.sources],
        }  # fmt: skip
        self._inserter.insert(count, columns)
        lines = {code: [some.get(code, []) for some in new.lines] for code in self._lines}
        for code, writer in self._lines.items():
            writer.replace(list(zip(ids, lines[code], strict=True)), fresh=True)
        texts = self._encoder.texts_of(new.values, {
            "no": columns["no"], "division": mapped(new.divisions, _hex), "review": reviews, "state": new.states,
            "note": new.notes, "files": files, "void": [False] * count,
            **{code: [canonical(one) for one in some] for code, some in lines.items()},
        })  # fmt: skip
        self._history.add_columns(ids, [1] * count, ["add"] * count, texts, self._sealed(columns, new))

    def change_stored(self, prepared: Sequence[Prepared], stored: dict[uuid.UUID, Any]) -> None:
        """`stored` are the rows of which new versions are written, as they were."""
        if prepared:
            self._history.add(list(self._versions(prepared, stored)))

    def close(self) -> Change:
        self._history.close()
        return self.change

    @cached_property
    def _encoder(self) -> RowEncoder:
        return RowEncoder(self.ledger)

    @cached_property
    def _inserter(self) -> Inserter:
        change = self.change
        return Inserter(self.ledger.model, self._encoder.columns, {
            "version": 1, "created_by_id": change.author_id, "created_at": change.at,
            "changed_by_id": change.author_id, "changed_at": change.at, "change_id": change.pk,
        })  # fmt: skip

    def _ids(self, new: NewRows) -> list[str]:
        fresh = uuid7_hexes(len(new))
        return [given.hex if given else made for given, made in zip(new.ids, fresh, strict=True)] if new.ids else fresh

    def _sealed(self, columns: Mapping[str, Sequence[Any]], new: NewRows) -> list[dict[str, str] | None]:
        if not self._private and not self._lines:
            return [None] * len(new)
        found: list[dict[str, str]] = [{} for _ in range(len(new))]
        for code in self._private:
            for kept, token in zip(found, columns[code], strict=True):
                if token:
                    kept[code] = token
        for kept, lines in zip(found, new.lines, strict=False):
            kept |= sealed_of_lines(self.ledger, None, lines)
        return [kept or None for kept in found]

    def _numbers(self, new: NewRows) -> list[str]:
        """The readable number holds the year of the main date; a registry counts by the year of entry."""
        spec = self.ledger.spec
        dates = new.values.get(spec.main_date) if spec.main_date and not spec.model else None
        years = [year or self.this_year for year in mapped(dates, _year)] if dates else [self.this_year] * len(new)
        free = {
            year: iter(next_numbers(f"{spec.prefix}-{year}", count)) for year, count in sorted(Counter(years).items())
        }
        return [f"{spec.prefix}-{year}-{next(free[year]):05d}" for year in years]

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


def _hex(value: uuid.UUID) -> str:
    return value.hex


def _year(value: Any) -> int:
    return value.year if isinstance(value, date) else int(str(value)[:4])  # a month is "2020-03"
