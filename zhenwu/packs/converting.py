"""Reads the stored values of fields that change their type, and carries them over: new values, and new versions of the
rows in history, batch by batch."""

import json
import uuid
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import numpy as np
from django.apps.registry import Apps
from django.db import models
from django.utils import timezone

from zhenwu.changes.actions import Appender, Version, lock_chain
from zhenwu.changes.bulk import Updater
from zhenwu.changes.models import Change, History
from zhenwu.packs import stored
from zhenwu.packs.altering import Moved
from zhenwu.packs.builder import build_model, private_registry
from zhenwu.packs.conversion import Conversion, Day
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.past import Past
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldProblem, FieldType, field_type

_BATCH = 2000
_EXAMPLES = 10
_HIDDEN = "●●●●"
_IMPLICIT = ("pk", "no", "version", "division_id", "review", "voided_by_change_id")


@dataclass(frozen=True, slots=True)
class Unconverted:
    """A value that has no place in the new type. Of personal fields only the row is named."""

    no: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a conversion would do: rows with a value, of which `lost` have none in the new type; `twice` values would be
    in several rows. Of `remarked` ones reading had something to say (约12亩 is 12)."""

    rows: int
    lost: int
    examples: tuple[Unconverted, ...]
    twice: int
    remarked: int


class OldTables:
    """The tables as the applied packs know them, read without running those packs. After columns were moved, `moved`
    says where they are now."""

    def __init__(self, applied: PackSet, moved: Sequence[Moved] = ()) -> None:
        self._applied, self._moved = applied, moved

    @cached_property
    def _models(self) -> Mapping[str, type[models.Model]]:
        registry: Apps = private_registry()
        made = {
            code: build_model(pack, registry=registry)
            for code, pack in self._applied.packs.items()
            if not pack.ledger.model
        }
        names = {(one.ledger, one.was): one.now for one in self._moved}
        for code, model in made.items():
            for field in model._meta.local_fields:
                field.column = names.get((code, str(field.column)), field.column)
        return made

    def model(self, ledger: str) -> type[models.Model]:
        return self._models[ledger]

    def batches(self, ledger: str, kinds: Sequence[FieldType]) -> Iterator[list[Any]]:
        """Rows in which one of the fields says something, by id: with the fields' columns and those of `_IMPLICIT`."""
        model = self.model(ledger)
        main = self._applied.packs[ledger].ledger.main_date
        names = {name for kind in kinds for name in _attnames(model, kind)} | {*_IMPLICIT} | ({main} if main else set())
        asked = self._filled(ledger, kinds).order_by("pk")
        last = uuid.UUID(int=0)
        while rows := list(asked.filter(pk__gt=last).values(*sorted(names))[:_BATCH]):
            last = rows[-1]["pk"]
            yield [SimpleNamespace(**row) for row in rows]

    def longer_than(self, ledger: str, spec: FieldSpec, length: int) -> int:
        """Rows whose text has more characters; what is sealed is opened to be measured."""
        kind = field_type(spec)
        if not kind.is_sealed:
            return stored.longer_than(ledger, spec, length)
        return sum(len(kind.from_row(row)) > length for rows in self.batches(ledger, [kind]) for row in rows)

    def count(self, ledger: str, kinds: Sequence[FieldType]) -> int:
        """Rows in which one of the fields says something."""
        return self._filled(ledger, kinds).count()

    def _filled(self, ledger: str, kinds: Sequence[FieldType]) -> models.QuerySet[Any]:
        filled = models.Q()
        for kind in kinds:
            filled |= models.Q(**{f"{next(iter(kind.columns()))}__isnull": False})
        return self.model(ledger)._default_manager.unscoped("packs").filter(filled)  # type: ignore[attr-defined]

    def day_of(self, ledger: str, row: Any, today: date) -> Day:
        main = self._applied.packs[ledger].ledger.main_date
        on = getattr(row, main) if main else None
        return Day(on if isinstance(on, date) else today, today)


def _attnames(model: type[models.Model], kind: FieldType) -> list[str]:
    return [model._meta.get_field(name).attname for name in kind.columns()]  # type: ignore[union-attr]


def is_hidden(one: Conversion) -> bool:
    """Whether its values stay out of plans: what is personal before or after."""
    return any(kind.is_sealed or kind.spec.privacy in ("S2", "S3") for kind in (one.was, one.now))


def scan(tables: OldTables, ledger: str, conversion: Conversion) -> Scanned:
    """One pass over the rows. Of unique values eight bytes each are held, of the others nothing."""
    rows = lost = remarked = 0
    examples: list[Unconverted] = []
    digests = array("Q")
    for row, value, problem, day in _tried(tables, ledger, conversion):
        rows += 1
        remarked += bool(day.remarks and problem is None)
        if problem is not None:
            lost += 1
            if len(examples) < _EXAMPLES:
                examples.append(Unconverted(row.no, _HIDDEN, "") if is_hidden(conversion) else problem)
        elif conversion.now.spec.unique and row.voided_by_change_id is None:
            said = json.dumps(conversion.now.canonical(value), ensure_ascii=False).encode()
            digests.append(int.from_bytes(blake2b(said, digest_size=8).digest(), "little"))
    _, counts = np.unique(np.array(digests, dtype=np.uint64), return_counts=True)
    return Scanned(rows, lost, tuple(examples), int((counts > 1).sum()), remarked)


def unconverted(tables: OldTables, ledger: str, conversion: Conversion) -> Iterator[Unconverted]:
    """Every value that has no place in the new type, as it stands: for a person who may read the database."""
    return (problem for _, _, problem, _ in _tried(tables, ledger, conversion) if problem is not None)


def _tried(
    tables: OldTables, ledger: str, conversion: Conversion
) -> Iterator[tuple[Any, Any, Unconverted | None, Day]]:
    """(row, new value, None, …) or (row, None, why there is none, …), and the day that heard the remarks."""
    today = timezone.localdate()
    for rows in tables.batches(ledger, [conversion.was]):
        for row in rows:
            old, day = conversion.was.from_row(row), tables.day_of(ledger, row, today)
            try:
                yield row, conversion.value(old, day), None, day
            except FieldProblem as problem:
                yield row, None, Unconverted(row.no, conversion.was.as_said(old), str(problem)), day


def newest_versions(
    ledger: str, rows: Sequence[Any], past: Past, kinds: Sequence[tuple[FieldType, str]]
) -> dict[uuid.UUID, tuple[dict[str, Any], dict[str, str]]]:
    """{row: (values, ciphertexts)} of each row's newest version. Raises ApplyRefused when a row does not say what that
    does in one of the fields, given with their codes in `past`: what is carried on from here would cover that up."""
    found = {}
    by_version = defaultdict(list)
    for row in rows:
        by_version[row.version].append(row.pk)
    for version, ids in by_version.items():
        told = History.objects.filter(ledger=ledger, version=version, row__in=ids)
        for pk, change, values, sealed in told.values_list("row", "change_id", "values", "sealed"):
            found[pk] = past.now(json.loads(values), change, ledger), past.now(sealed or {}, change, ledger)
    for row in rows:
        said = found.get(row.pk, ({}, {}))[0]
        for kind, code in kinds:
            if kind.canonical_of_row(row) != said.get(code):
                raise ApplyRefused(
                    f"未做任何改动：{row.no}的“{kind.label}”与历史不一致，可能被绕过平台改动。"
                    "请先用 zhenwu audit verify 查明并更正。"
                )
    return found


class Carrier:
    """Carries the values of one ledger over, once its new columns are there. `past` knows what is being applied."""

    def __init__(
        self, tables: OldTables, ledger: str, model: type[models.Model], conversions: Sequence[Conversion],
        past: Past, change: Change,
    ) -> None:  # fmt: skip
        self._tables, self._ledger, self._model, self._past = tables, ledger, model, past
        self._conversions, self._change = conversions, change
        self._today = timezone.localdate()

    def run(self) -> None:
        """Raises ApplyRefused when a row is not what history says: a conversion would cover that up."""
        history = Appender(self._change, lock_chain(self._ledger))
        codes = [(one.was, one.now.code) for one in self._conversions]
        for rows in self._tables.batches(self._ledger, [one.was for one in self._conversions]):
            newest = newest_versions(self._ledger, rows, self._past, codes)
            history.add([self._version(row, *newest[row.pk]) for row in rows])
            self._hide(rows)
            for names, said in self._pending.items():
                Updater(self._model, names).update(said)
            self._pending.clear()
        history.close()

    @cached_property
    def _pending(self) -> dict[tuple[str, ...], list[tuple[uuid.UUID, int, dict[str, Any]]]]:
        return defaultdict(list)

    def _version(self, row: Any, said: dict[str, Any], sealed: dict[str, str]) -> Version:
        columns: dict[str, Any] = {}
        for one in self._conversions:
            old = one.was.from_row(row)
            if old is None:
                continue
            try:
                new = one.value(old, self._tables.day_of(self._ledger, row, self._today))
            except FieldProblem:
                new = None  # the plan named it, and its old column stays
            made = one.now.to_columns(new)
            columns |= made
            said[one.now.code] = one.now.canonical(new)
            sealed.pop(one.now.code, None)
            if one.now.is_sealed and new is not None:
                sealed[one.now.code] = made[one.now.code]
        change = self._change
        columns |= {"version": row.version + 1, "changed_by_id": change.author_id, "changed_at": change.at}
        columns["change_id"] = change.pk
        self._pending[tuple(columns)].append((row.pk, row.version, columns))
        return Version(row.pk, row.version + 1, "convert", said, sealed)

    def _hide(self, rows: Sequence[Any]) -> None:
        """What is encrypted now does not stay readable in the column that was set aside."""
        for one in self._conversions:
            if not one.now.is_sealed or one.was.is_sealed:
                continue
            model = self._tables.model(self._ledger)
            names = _attnames(model, one.was)
            nothing = dict.fromkeys(names)
            converted = [
                (pk, version, nothing)
                for said in self._pending.values()
                for pk, version, columns in said
                if columns.get(one.now.code) is not None
            ]
            Updater(model, names).update(converted)
