"""A row as values, as canonical JSON, and back from history."""

import json
from typing import Any

from zhenwu.changes.models import History
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType


class _Sealed:
    """Stands for a personal value that is there and was not opened."""

    def __repr__(self) -> str:
        return "●●●●"


SEALED = _Sealed()
_SEALED_COLUMNS = ("review", "state", "note")


class RowEncoder:
    """Values to columns and to canonical JSON, with what each field type needs worked out once for many rows."""

    def __init__(self, ledger: Ledger) -> None:
        self._kinds = [
            (code, kind, type(kind).to_columns is FieldType.to_columns, type(kind).canonical is FieldType.canonical)
            for code, kind in ledger.stored.items()
        ]

    def encode(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """(columns of what is not None, canonical values of every field)."""
        columns: dict[str, Any] = {}
        canonical: dict[str, Any] = {}
        for code, kind, is_plain_column, is_plain_json in self._kinds:
            value = values.get(code)
            if value is None:
                canonical[code] = None
                continue
            canonical[code] = value if is_plain_json else kind.canonical(value)
            if is_plain_column:
                columns[code] = value
            else:
                columns.update(kind.to_columns(value))
        return columns, canonical


def values_of(ledger: Ledger, row: Any) -> dict[str, Any]:
    """{field code: value}; personal values stay closed."""
    return {
        code: (SEALED if getattr(row, code) else None) if kind.always_private else kind.from_row(row)
        for code, kind in ledger.stored.items()
    }


def canonical_of(ledger: Ledger, row: Any) -> dict[str, Any]:
    """The row as history keeps it; what `audit verify` compares with the newest version."""
    said = {code: kind.canonical_of_row(row) for code, kind in ledger.stored.items()}
    return said | {
        "division": row.division_id.hex if row.division_id else None,
        "review": row.review,
        "state": row.state,
        "note": row.note,
        "void": row.is_void,
    }


def sealed_of(ledger: Ledger, columns: dict[str, Any]) -> dict[str, str]:
    """The ciphertexts among these columns."""
    return {code: columns[code] for code, kind in ledger.stored.items() if kind.always_private and columns.get(code)}


def restored(ledger: Ledger, old: History) -> tuple[dict[str, Any], dict[str, Any]]:
    """(columns, canonical values) of a version in history; a field added since is empty in it."""
    said: dict[str, Any] = json.loads(old.values)
    columns: dict[str, Any] = {}
    for code, kind in ledger.stored.items():
        if kind.always_private:
            token = (old.sealed or {}).get(code)
            columns |= kind.to_columns(kind.unseal(token))  # type: ignore[attr-defined]
        else:
            columns |= kind.to_columns(kind.from_canonical(said.get(code)))
    canonical = {code: said.get(code) for code in ledger.stored} | {
        name: said.get(name) for name in ("division", "review", "state", "note", "void")
    }
    columns |= {name: said.get(name) for name in _SEALED_COLUMNS}
    columns["division_id"] = said.get("division")
    columns["void"] = bool(said.get("void"))
    return columns, canonical
