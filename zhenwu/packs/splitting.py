"""One ledger becomes two: fields with `moved_from = "old.field"` take their values along into the rows of a new ledger."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from zhenwu.changes.actions import Appender, Version, lock_chain, next_numbers
from zhenwu.changes.bulk import Inserter
from zhenwu.changes.models import Change
from zhenwu.lib.ids import uuid7
from zhenwu.packs.converting import OldTables, newest_versions
from zhenwu.packs.past import Past
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.types import FieldType, field_type

_IMPLICIT = ("id", "no", "division_id", "review", "state", "source", "voided_by_change_id")


def origin_of(pack: PackSpec) -> str:
    """The ledger that a pack's fields come from; "" when it is none of another's."""
    return next((one.moved_from.partition(".")[0] for one in pack.field if one.moved_from), "")


@dataclass(frozen=True)
class Split:
    """What a new ledger takes from the applied ledger `origin`: the field as it was and as it will be. `links` are the
    fields that will point to the row the values came from; `missing` those whose field is no longer there."""

    origin: PackSpec
    pack: PackSpec
    pairs: tuple[tuple[FieldSpec, FieldSpec], ...]
    links: tuple[str, ...]
    missing: tuple[FieldSpec, ...]

    @property
    def kinds(self) -> list[FieldType]:
        return [field_type(was) for was, _ in self.pairs]


def split_of(applied: PackSet, pack: PackSpec) -> Split | None:
    """None when the pack takes nothing, or the ledger it would take from was never kept here."""
    origin = applied.packs.get(origin_of(pack))
    if origin is None:
        return None
    known = {one.code: one for one in origin.field}
    pairs, links, missing = [], [], []
    for one in pack.field:
        code = one.moved_from.partition(".")[2]
        if code == "id":
            links.append(one.code)
        elif code in known:
            pairs.append((known[code], one))
        elif code:
            missing.append(one)
    return Split(origin, pack, tuple(pairs), tuple(links), tuple(missing))


def splits_in(applied: PackSet, wanted: PackSet) -> list[Split]:
    """Those of the ledgers that are new."""
    fresh = (pack for code, pack in wanted.packs.items() if code not in applied.packs)
    return [split for pack in fresh if (split := split_of(applied, pack))]


def move_rows(tables: OldTables, split: Split, model: type[models.Model], change: Change) -> None:
    """A new row for each row in which one of the fields says something, voided ones too (they arrive voided). Raises
    ApplyRefused when a row is not what history says."""
    code, label = split.pack.ledger.code, split.origin.ledger.label
    kinds = [(field_type(was), field_type(now)) for was, now in split.pairs]
    names = [(_attnames(was), _attnames(now)) for was, now in kinds]
    columns = [*_IMPLICIT, *(name for _, new in names for name in new), *(f"{one}_id" for one in split.links)]
    said_by: dict[str, Any] = {
        "created_by_id": change.author_id,
        "changed_by_id": change.author_id,
        "change_id": change.pk,
    }
    said_by |= {"created_at": change.at, "changed_at": change.at, "version": 1}
    inserter = Inserter(model, columns, said_by)
    history, past = Appender(change, lock_chain(code)), Past()
    state = split.pack.lifecycle.initial if split.pack.lifecycle else ""
    nothing = {one.code: None for one in split.pack.field if field_type(one).stored}
    for rows in tables.batches(split.origin.ledger.code, split.kinds):
        newest_versions(split.origin.ledger.code, rows, past, [(was, was.code) for was, _ in kinds])
        ids, numbers = [uuid7() for _ in rows], _numbers(split, rows, change)
        made: dict[str, Sequence[Any]] = {
            "id": ids, "no": numbers, "state": [state] * len(rows),
            "division_id": [row.division_id for row in rows], "review": [row.review for row in rows],
            "source": [f"{label} {row.no}"[:300] for row in rows],
            "voided_by_change_id": [change.pk if row.voided_by_change_id else None for row in rows],
        }  # fmt: skip
        made |= {f"{one}_id": [row.pk for row in rows] for one in split.links}
        for old, new in names:
            made |= {now: [getattr(row, was) for row in rows] for was, now in zip(old, new, strict=True)}
        inserter.insert(len(rows), made)
        versions = []
        for pk, no, row in zip(ids, numbers, rows, strict=True):
            values = nothing | {now.code: was.canonical_of_row(row) for was, now in kinds}
            values |= dict.fromkeys(split.links, row.pk.hex)
            versions.append(Version(pk, 1, "move", values | _implicit(row, no, state), _sealed(kinds, row)))
        history.add(versions)
    history.close()


def _implicit(row: Any, no: str, state: str) -> dict[str, Any]:
    return {
        "no": no, "division": row.division_id.hex if row.division_id else None, "review": row.review, "state": state,
        "note": None, "files": None, "void": row.voided_by_change_id is not None,
    }  # fmt: skip


def _sealed(kinds: Sequence[tuple[FieldType, FieldType]], row: Any) -> dict[str, str]:
    return {now.code: getattr(row, was.code) for was, now in kinds if was.is_sealed and getattr(row, was.code)}


def _attnames(kind: FieldType) -> list[str]:
    return [f"{name}_id" if isinstance(column, models.ForeignKey) else name for name, column in kind.columns().items()]


def _numbers(split: Split, rows: Sequence[Any], change: Change) -> list[str]:
    """Readable numbers with the year of the new ledger's main date, else that of the change."""
    main = next((was for was, now in split.pairs if now.code == split.pack.ledger.main_date), None)
    said = [str(getattr(row, main.code) or "")[:4] if main else "" for row in rows]  # a date or "2020-03"
    years = [year or str(change.at.year) for year in said]
    prefix = split.pack.ledger.prefix
    free = {year: iter(next_numbers(f"{prefix}-{year}", count)) for year, count in sorted(Counter(years).items())}
    return [f"{prefix}-{year}-{next(free[year]):05d}" for year in years]
