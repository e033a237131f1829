"""Random lives of a ledger: packs edited and applied, rows entered through the door in between, applies that fail in the
middle. After each step the database is what plain Python says it must be."""

import itertools
import os
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.changes.actions import Source
from zhenwu.changes.models import ChainHead, Change, History, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused
from zhenwu.ledgers.operations import Add, Draft, Edit, Restore, Void
from zhenwu.lib.crypto import KeyRing
from zhenwu.packs import runtime, stored
from zhenwu.packs.apply import applied_hash, applied_packs, apply
from zhenwu.packs.builder import build_model, private_registry, types_of
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Applied, Tombstone
from zhenwu.packs.plan import make_plan
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import PackSpec
from zhenwu.packs.tests.evolution import LOST, OPTIONS, VALUES, Field, Row, Town, targets

FORM = Source(SourceKind.FORM)
EXAMPLES = int(os.environ.get("ZHENWU_EVOLUTION_EXAMPLES", "12"))
_lives = itertools.count(1)


def pack_set(code: str, town: Town, **others: PackSpec) -> PackSet:
    ledger = {
        "code": code, "label": "试验台账", "line": "safety", "prefix": "SY", "one_row": "一处", "unit": "应急办",
        "source": "试验", "place_required": False,
    }  # fmt: skip
    fields = [one.said() for one in town.fields.values()]
    return PackSet({code: PackSpec.model_validate({"ledger": ledger, "field": fields})} | others)


def everything(code: str) -> dict[str, Any]:
    """The schema of the ledger's table, its rows, and all that applying writes."""
    table = f"lg_{code}"
    with connection.cursor() as cursor:
        introspect = connection.introspection
        columns = [str(one) for one in introspect.get_table_description(cursor, table)]
        constraints = introspect.get_constraints(cursor, table)
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
        rows = cursor.fetchall()
        tables = sorted(name for name in introspect.table_names(cursor) if name.startswith("lg_trial"))
    return {
        "tables": tables,
        "columns": columns,
        "constraints": {name: (one["columns"], one["unique"], one["foreign_key"]) for name, one in constraints.items()},
        "rows": rows,
        "applied": applied_hash(),
        "counts": [model.objects.count() for model in (Applied, Tombstone, Change, History)],
        "heads": sorted(ChainHead.objects.values_list("ledger", "seq", "hash")),
    }


class Life:
    """One ledger through its changes, with its model beside it."""

    def __init__(self, data: Any, by: Any, monkeypatch: Any) -> None:
        self.data, self.by, self.monkeypatch = data, by, monkeypatch
        self.code = f"trial_{next(_lives)}"
        self.codes, self.ids = (f"f{n}" for n in itertools.count(1)), itertools.count(1)
        self.town = Town({})
        first = self.new_field()
        self.town, _ = self.town.edited({first.id: first})
        Applied.objects.all().delete()
        Applied.objects.create(hash="", dump=PackSet().dump())
        apply(pack_set(self.code, self.town))
        self.run()

    def draw(self, strategy: Any, label: str = "") -> Any:
        return self.data.draw(strategy, label)

    def pick(self, some: Any, label: str = "") -> Any:
        return self.draw(st.sampled_from(list(some)), label)

    def run(self) -> None:
        """As a worker that was started anew."""
        packs = applied_packs()
        pack = packs.packs[self.code]
        ledger = runtime.Ledger(pack, build_model(pack, registry=private_registry()), types_of(pack))
        self.monkeypatch.setattr(runtime, "_running", runtime.Running(packs, applied_hash(), {self.code: ledger}))

    # rows
    def write(self) -> None:
        live = [row for row in self.town.rows if not row.is_void]
        act = self.pick(["add", "add", "edit", "void", "restore", "restore"] if live else ["add"], "rows")
        getattr(self, f"_{act}")(live)

    def _values(self) -> dict[int, Any]:
        found = {}
        for number, one in self.town.fields.items():
            known = [value for value in VALUES[one.type] if one.type != "choice" or value in one.options]
            known = [value for value in known if one.type != "text" or len(value) <= one.length]
            value = self.pick([None, *known], f"{one.code}")
            found[number] = None if one.unique and value in self.town.live(number) else value
        return found

    def _commit(self, operation: Any) -> Change:
        return commit(Draft(self.code, self.by, [operation], FORM, "试", date(2020, 6, 1)))

    def _said(self, values: dict[int, Any]) -> dict[str, Any]:
        return {self.town.fields[number].code: value for number, value in values.items()}

    def _add(self, live: list[Row]) -> None:
        values = self._values()
        change = self._commit(Add(self._said(values)))
        self.town.rows.append(Row(History.objects.get(change=change).row, values))
        self.town.rows[-1].keep()

    def _edit(self, live: list[Row]) -> None:
        row, values = self.pick(live), self._values()
        self._commit(Edit(row.id, row.version, self._said(values)))
        row.values, row.version = values, row.version + 1
        row.keep()

    def _void(self, live: list[Row]) -> None:
        row = self.pick(live)
        self._commit(Void(row.id, row.version))
        row.is_void, row.version = True, row.version + 1
        row.keep()

    def _restore(self, live: list[Row]) -> None:
        row = self.pick(live)
        version = self.pick(row.past, "version")
        values, is_void = row.past[version]
        others = [one for one in live if one is not row]
        for number, one in self.town.fields.items():
            value = values[number]
            if value is LOST or (one.unique and value is not None and value in [o.values[number] for o in others]):
                with pytest.raises(CommitRefused):
                    self._commit(Restore(row.id, row.version, version))
                return
            if (one.type == "choice" and value not in (None, *one.options)) or len(str(value)) > one.length:
                return  # it may stand again, and the next plan finds it; the model does not follow there
        self._commit(Restore(row.id, row.version, version))
        row.values, row.is_void, row.version = dict(values), is_void, row.version + 1
        row.keep()

    # packs
    def new_field(self) -> Field:
        return Field(next(self.ids), next(self.codes), self.pick(VALUES, "type"), unique=self.draw(st.booleans()))

    def edited(self) -> dict[int, Field]:
        wanted = dict(self.town.fields)
        for _ in range(self.draw(st.integers(1, 2))):
            one = wanted[self.pick(wanted)]
            edit = self.pick([
                "add", "relabel", "rename", "swap", "retire", "retype", "retype", "retype", "unique", "length", "options",
                "revive", "order", "seal", "seal",
            ], "edit")  # fmt: skip
            match edit:
                case "add":
                    fresh = self.new_field()
                    wanted[fresh.id] = fresh
                case "relabel":
                    wanted[one.id] = replace(one, label=f"{one.label}新")
                case "rename":
                    wanted[one.id] = replace(one, code=next(self.codes))
                case "swap":
                    other = wanted[self.pick(wanted)]
                    wanted |= {one.id: replace(one, code=other.code), other.id: replace(other, code=one.code)}
                    if one is other:
                        wanted[one.id] = one
                case "retire" if len(wanted) > 1:
                    wanted.pop(one.id)
                case "retype" if one.id in self.town.fields and one.type == self.town.fields[one.id].type:
                    wanted[one.id] = replace(one, type=self.pick(targets(one.type)), sealed=False)
                case "seal" if (
                    one.type == "text" and one.id in self.town.fields and self.town.fields[one.id].type == "text"
                ):
                    wanted[one.id] = replace(one, sealed=not one.sealed)
                case "unique":
                    wanted[one.id] = replace(one, unique=not one.unique)
                case "length":
                    wanted[one.id] = replace(one, length=self.pick([4, 10, 50, 200]))
                case "options":
                    wanted[one.id] = replace(one, options=self.pick([OPTIONS, OPTIONS[:1], OPTIONS[1:]]))
                case "revive" if self.town.retired:
                    old = self.town.retired[self.pick(self.town.retired)]
                    code = self.pick([old.code, next(self.codes)])
                    number = self.pick([old.id, next(self.ids)])
                    wanted[number] = replace(old, id=number, code=code)
                case "order":
                    wanted = dict(reversed(wanted.items()))
        codes = [one.code for one in wanted.values()]
        return wanted if len(codes) == len(set(codes)) else dict(self.town.fields)

    def evolve(self) -> None:
        fields = self.edited()
        after, outcome = self.town.edited(fields)
        wanted, before = pack_set(self.code, after), everything(self.code)
        steps = make_plan(applied_packs(), wanted)
        assert everything(self.code) == before
        assert any(step.kind == "refuse" for step in steps) == outcome.refused, [step.message for step in steps]
        assert any(step.loses for step in steps if step.kind != "refuse") == outcome.loses or outcome.refused
        if outcome.refused or outcome.loses:
            with pytest.raises(ApplyRefused):
                apply(wanted)
            assert everything(self.code) == before
        if outcome.refused:
            with pytest.raises(ApplyRefused):
                apply(wanted, agreed=True)
            assert everything(self.code) == before
            return
        if not self.draw(st.booleans(), "fails") or self.fail(wanted, before):
            assert apply(wanted, agreed=True) == steps
        self.town = after
        self.run()
        assert make_plan(applied_packs(), wanted) == []
        assert apply(wanted) == []

    def fail(self, wanted: PackSet, before: dict[str, Any]) -> bool:
        """The database gives up at some statement of the apply. False when all was done before that statement came."""
        left = self.draw(st.integers(0, 60), "statement")

        def give_up(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise OperationalError("disk full")
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(give_up):
                apply(wanted, agreed=True)
        except OperationalError:
            assert everything(self.code) == before
            return True
        return False

    def look(self) -> None:
        ledger = runtime.ledger(self.code)
        rows = {row.pk: row for row in ledger.rows("test")}
        assert {pk: (row.version, row.is_void) for pk, row in rows.items()} == {
            row.id: (row.version, row.is_void) for row in self.town.rows
        }
        for row in self.town.rows:
            said = {code: kind.from_row(rows[row.id]) for code, kind in ledger.stored.items()}
            assert said == self._said(row.values)
        assert list(verify(self.code)) == []
        columns = stored.columns(self.code)
        with connection.cursor() as cursor:
            for one in (one for one in self.town.fields.values() if one.sealed):
                cursor.execute(f'SELECT "{one.code}" FROM "lg_{self.code}" WHERE "{one.code}" IS NOT NULL')
                assert all(KeyRing.is_token(said) for (said,) in cursor.fetchall())
        for tomb in Tombstone.objects.filter(ledger=self.code):
            assert tomb.column in columns


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_ledger_lives_through_any_edits_as_plain_python_says(data, applying, lin, monkeypatch):
    with monkeypatch.context() as patch:
        life = Life(data, lin, patch)
        for _ in range(data.draw(st.integers(2, 10), "steps")):
            for _ in range(data.draw(st.integers(0, 3), "writes")):
                life.write()
            life.evolve()
            life.look()
