"""Rows as JSON: from the values of one query, without building a model instance a row."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.queries import rows_in, shown_values
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType, Sealed

_OWN = (
    "pk", "no", "version", "review", "state", "division_id", "division__name", "note", "files", "voided_by_change_id",
    "created_at", "changed_at",
)  # fmt: skip


class Shape:
    """How rows of one ledger look to who sees these privacy classes. `paths` is what the query fetches, in this order."""

    def __init__(self, ledger: Ledger, shown: dict[str, FieldType], *, attachments: bool) -> None:
        self._attachments = attachments
        computed = {code: kind for code, kind in shown.items() if isinstance(kind, Computed)}
        shown = {code: kind for code, kind in shown.items() if code not in computed}
        self._kinds: list[tuple[str, Callable[[Any], Any]]] = [(code, kind.to_json) for code, kind in shown.items()]
        links = [kind for kind in shown.values() if kind.is_link and not kind.spec.many]
        self._links = [kind.code for kind in links]
        self._private = {code: kind for code, kind in shown.items() if isinstance(kind, Sealed)}
        columns = [kind.json_column for kind in shown.values()]
        self.paths = (*_OWN, *columns, *(kind.list_paths()[0] for kind in links))
        self._computed: list[tuple[Computed, slice]] = []
        for kind in computed.values():
            paths = kind.list_paths()
            self._computed.append((kind, slice(len(self.paths), len(self.paths) + len(paths))))
            self.paths += paths

    def json(self, said: tuple[Any, ...], *, masked: bool = False) -> dict[str, Any]:
        """`masked`: personal numbers with their middle hidden, as on the page of a row; else wholly hidden, unopened."""
        pk, no, version, review, state, division, place, note, files, void, created, changed = said[: len(_OWN)]
        at = len(_OWN)
        values: dict[str, Any] = {}
        for code, to_json in self._kinds:
            stored = said[at]
            at += 1
            if masked and code in self._private and stored:
                kind = self._private[code]
                values[code] = kind.show(kind.unseal(stored))
            else:
                values[code] = None if stored is None else to_json(stored)
        texts = {"division": place} if place else {}
        for code in self._links:
            if said[at] is not None:
                texts[code] = str(said[at])
            at += 1
        for one, place in self._computed:
            values[one.code] = one.json_of(one.of_columns(*said[place]))
        return {
            "id": str(pk), "no": no, "version": version, "review": review, "state": state,
            "division": str(division) if division else None, "note": note,
            "files": files if self._attachments else None, "voided": void is not None,
            "created_at": created.isoformat(), "changed_at": changed.isoformat(), "values": values, "texts": texts,
        }  # fmt: skip

    def many(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        return (self.json(one) for one in rows)


def shape_of(ledger: Ledger, scope: Scope) -> Shape:
    return _shape(runtime.pack_hash(), ledger.code, scope.classes)


@lru_cache(maxsize=1000)
def _shape(packs: str, code: str, classes: frozenset[str]) -> Shape:
    ledger = runtime.ledger(code)
    scope = Scope(read=True, classes=classes)
    return Shape(ledger, shown_values(ledger, scope), attachments=scope.shows(ledger.attachments.spec.privacy))


def row_json(ledger: Ledger, scope: Scope, row: uuid.UUID) -> dict[str, Any] | None:
    """One row with its personal numbers masked; None when it is not there for this scope."""
    shape = shape_of(ledger, scope)
    rows = rows_in(ledger, scope, voided=True).filter(pk=row)
    said = rows.values_list(*shape.paths).first()
    if said is None:
        return None
    shown = shape.json(said, masked=True)
    if ledger.children:
        shown["values"] |= _lines_json(ledger, scope, rows.get())
    return shown


def _lines_json(ledger: Ledger, scope: Scope, row: Any) -> dict[str, Any]:
    """{field code: lines} of the child tables that the scope shows; their personal numbers stay closed."""
    found = {}
    for code, table in ledger.children.items():
        if scope.shows(ledger.types[code].spec.privacy):
            kinds = shown_values(table, scope)
            found[code] = [{"id": str(line.pk)} | _values_of(kinds, line) for line in lines_of(ledger, row, code)]
    return found


def _values_of(kinds: dict[str, FieldType], line: Any) -> dict[str, Any]:
    found = {}
    for code, kind in kinds.items():
        if isinstance(kind, Computed):
            found[code] = kind.json_of(kind.from_row(line))
        else:
            stored = getattr(line, kind.json_column)
            found[code] = None if stored is None else kind.to_json(stored)
    return found
