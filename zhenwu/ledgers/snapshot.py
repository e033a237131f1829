"""A row as values, as canonical JSON, and back from history."""

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring as _quoted
from types import NoneType
from typing import Any

from django.db.models import ForeignKey

from zhenwu.changes import erasing as graves
from zhenwu.changes.actions import canonical_json
from zhenwu.changes.bulk import digits_reader, reader
from zhenwu.changes.models import History
from zhenwu.ledgers.lines import Line, canonical_of_lines, restored_lines, values_of_lines
from zhenwu.lib.columns import by_value, mapped, types_in
from zhenwu.packs.past import Past, carried_over
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import SEALED, FieldProblem, FieldType, Sealed

_PLAIN_COLUMNS = ("review", "state", "note", "files")
_SAID = ("division", "files", "no", "note", "review", "state", "void")  # of the implicit columns, in canonical JSON
# the implicit columns that differ by row
_GIVEN = ("id", "no", "division_id", "review", "state", "note", "files", "source")


class RowEncoder:
    """Many new rows of one ledger to columns and to canonical JSON, field by field."""

    def __init__(self, ledger: Ledger) -> None:
        self._kinds = ledger.stored
        self.columns = (*(name for kind in ledger.stored.values() for name in _attnames(kind)), *_GIVEN)
        self._order = sorted([*ledger.stored, *ledger.children, *_SAID])
        self._shape = "{" + ",".join(f"{_quoted(code)}:%s" for code in self._order) + "}"  # codes hold no percent sign

    def columns_of(self, values: Mapping[str, Sequence[Any]], count: int) -> dict[str, Sequence[Any]]:
        """Table columns of the values of `count` rows; a field whose column is missing is empty."""
        found: dict[str, Sequence[Any]] = {}
        nothing = [None] * count
        for code, kind in self._kinds.items():
            column = values.get(code)
            names = _attnames(kind)
            if column is None:
                found |= dict.fromkeys(names, nothing)
            elif kind.is_sealed:  # a ciphertext for each: equal ones would tell who shares a number
                parts = [kind.to_columns(value) for value in column]
                found |= {name: [part[name] for part in parts] for name in names}
            elif type(kind).to_columns is FieldType.to_columns:
                found[code] = mapped(column, kind.to_column) if _changes(kind, "to_column") else column
            else:
                parts = mapped(column, kind.to_columns)
                found |= {name: [part and part[name] for part in parts] for name in names}
        return found

    def texts_of(self, values: Mapping[str, Sequence[Any]], said: dict[str, Sequence[Any]]) -> list[str]:
        """What `canonical_json` gives for each row; `said` are the implicit columns (see `_SAID`) and the canonical lines
        of child tables."""
        found = {code: _json_of(column) for code, column in said.items()}
        for code, kind in self._kinds.items():
            if code in values:
                canonical = _changes(kind, "canonical")
                found[code] = _json_of(mapped(values[code], kind.canonical) if canonical else values[code])
        return self.filled(found, len(said["no"]))

    def filled(self, parts: Mapping[str, Sequence[str]], count: int) -> list[str]:
        """The texts of `count` rows, from the JSON of each column; a column that is missing is null."""
        columns = [parts.get(code) or ["null"] * count for code in self._order]
        return list(map(self._shape.__mod__, zip(*columns, strict=True)))


def _changes(kind: FieldType, what: str) -> bool:
    """Whether this type does more in a step than to take the value as it is."""
    return getattr(type(kind), what) is not getattr(FieldType, what)


def _json_of(column: Sequence[Any]) -> Sequence[str]:
    """canonical_json of each canonical value of a column, the usual ones told without it."""
    kinds = types_in(column) - {NoneType}
    if kinds <= {str}:
        return ["null" if one is None else _quoted(one) for one in column]
    if kinds == {int}:
        return ["null" if one is None else str(one) for one in column]
    return mapped(column, canonical_json, "null")


def _attnames(kind: FieldType) -> list[str]:
    return [f"{name}_id" if isinstance(column, ForeignKey) else name for name, column in kind.columns().items()]


class StoredColumn:
    """One field as its table keeps it, read for many rows without an object for each (see changes.bulk.raw_batches)."""

    def __init__(self, ledger: Ledger, code: str) -> None:
        kind = ledger.types.get(code)
        private = kind is not None and kind.is_sealed
        field: Any = ledger.model._meta.get_field(f"{code}_hash" if private else code)
        self.name = str(field.attname)
        self._read = reader(field)
        self._say: Callable[[Any], Any] | None = None
        if private:
            self._say = "hmac:{}".format
        elif kind is not None and kind.says_digits:
            self._read = digits_reader(field)
        elif kind is not None and _changes(kind, "canonical"):
            self._say = kind.canonical

    def canonical(self, column: Sequence[Any]) -> Sequence[Any]:
        """The canonical values of raw ones."""
        read, say = self._read, self._say
        if read and say:
            return by_value(column, lambda value: say(read(value)))
        return by_value(column, step) if (step := read or say) else column

    def json(self, column: Sequence[Any]) -> Sequence[str]:
        """The same as JSON."""
        return _json_of(self.canonical(column))


def values_of(ledger: Ledger, row: Any) -> dict[str, Any]:
    """{field code: value}; personal values stay closed."""
    found = {
        code: (SEALED if getattr(row, code) else None) if kind.is_sealed else kind.from_row(row)
        for code, kind in ledger.stored.items()
    }
    return found | values_of_lines(ledger, row) if ledger.children else found


def canonical_of(ledger: Ledger, row: Any) -> dict[str, Any]:
    """The row as history keeps it; what `audit verify` compares with the newest version."""
    said = {code: kind.canonical_of_row(row) for code, kind in ledger.stored.items()}
    if ledger.children:
        said |= canonical_of_lines(ledger, row)
    return said | {
        "division": row.division_id.hex if row.division_id else None,
        "review": row.review,
        "state": row.state,
        "note": row.note,
        "files": row.files,
        "void": row.is_void,
    }


def sealed_of(ledger: Ledger, columns: dict[str, Any]) -> dict[str, str]:
    """The ciphertexts among these columns."""
    return {code: columns[code] for code, kind in ledger.stored.items() if kind.is_sealed and columns.get(code)}


def said_in(old: History, past: Past) -> dict[str, Any]:
    """The canonical values of a version in history, under the field codes of today; of a field that was converted since,
    under its type of then."""
    said = json.loads(old.values)
    said.pop(graves.KEY, None)
    return past.now(said, old.change_id, old.ledger)


def said_today(ledger: Ledger, old: History, past: Past) -> dict[str, Any]:
    """The canonical values of a version as they would be said today, to compare with what a row says; None for one that
    the type of today cannot hold."""
    said = said_in(old, past)
    for code, since in past.conversions(old.change_id, old.ledger).items():
        try:
            said[code] = ledger.types[code].canonical(
                carried_over(since, value_then(since[0].was, code, old, said, past))
            )
        except FieldProblem:
            said[code] = None
    return said


def value_then(kind: FieldType, code: str, old: History, said: Mapping[str, Any], past: Past) -> Any:
    """A field's value in a version: `kind` is its type of then, `code` and `said` are of today. Opens what is sealed."""
    if not isinstance(kind, Sealed):
        return kind.from_canonical(said.get(code))
    return kind.unseal(past.now(old.sealed or {}, old.change_id, old.ledger).get(code))


def for_formulas(ledger: Ledger, said: Mapping[str, Any]) -> dict[str, Any]:
    """What formulas may use of a version's canonical values, as they would be said today; lines as lists of such values."""
    found: dict[str, Any] = {
        code: _typed(kind, said.get(code)) for code, kind in ledger.stored.items() if kind.formula_kind
    }
    for code, table in ledger.children.items():
        kinds = {name: kind for name, kind in table.stored.items() if kind.formula_kind}
        lines = said.get(code) or ()
        found[code] = [{name: _typed(kind, line.get(name)) for name, kind in kinds.items()} for line in lines]
    return found


def _typed(kind: FieldType, said: Any) -> Any:
    try:
        return None if said is None else kind.from_canonical(said)
    except (ValueError, TypeError, ArithmeticError):
        return None  # recorded under an older pack, in a shape that the type of today does not read


def restored(ledger: Ledger, old: History) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[Line]]]:
    """(columns, canonical values, lines) of a version in history; a field added since is empty in it.

    Raises FieldProblem for a value that the type of today cannot hold.
    """
    past = Past()
    said = said_in(old, past)
    tokens = past.now(old.sealed or {}, old.change_id, old.ledger)
    conversions = past.conversions(old.change_id, old.ledger)
    columns: dict[str, Any] = {}
    for code, kind in ledger.stored.items():
        then = conversions[code][0].was if code in conversions else kind
        value = value_then(then, code, old, said, past)
        if code in conversions:
            value = carried_over(conversions[code], value)
            said[code] = kind.canonical(value)
        columns |= kind.to_columns(value)
    canonical = {code: said.get(code) for code in ledger.stored} | {
        name: said.get(name) for name in ("division", "review", "state", "note", "files", "void")
    }
    columns |= {name: said.get(name) for name in _PLAIN_COLUMNS}
    columns["division_id"] = said.get("division")
    columns["void"] = bool(said.get("void"))
    lines = restored_lines(ledger, said, tokens)
    canonical |= {code: [line.canonical for line in some] or None for code, some in lines.items()}
    return columns, canonical, lines
