"""The table `<ledger>__state`: when each row was in which state, as recorded, so that a past figure can be counted again."""

# ruff: noqa: S608  names come from models, ids are UUIDs

import uuid
from collections.abc import Sequence

import pyarrow as pa
from django.db import connection

from zhenwu.changes.models import Change, History
from zhenwu.mart.raw import Column, ids_in, read
from zhenwu.mart.schema import STATES

_AT_ONCE = 900


def state_rows(ledger: str, ids: Sequence[uuid.UUID] | None = None) -> pa.Table:
    """All rows of the ledger (voided ones too), or those of the ids. A version that changed neither review, state nor void
    is left out; `valid_to` and `next_change` are those of the following one, NULL for the last."""
    columns = [Column(name, kind, name, name == "row") for name, kind in STATES.items()]
    if ids is None:
        return read(columns, _spans(ledger, ""))
    found = [
        read(columns, _spans(ledger, f" AND h.{_quoted('row')} IN ({ids_in(ids[at : at + _AT_ONCE])})"))
        for at in range(0, len(ids), _AT_ONCE) or (0,)
    ]
    return pa.concat_tables(found)


def _spans(ledger: str, also: str) -> str:
    said = ", ".join(f"{_said(name)} AS {name}" for name in ("review", "state", "void"))
    versions = (
        f"SELECT h.{_quoted('row')} AS {_quoted('row')}, h.version, {said}, h.change_id AS change, c.at "
        f"FROM {_quoted(History._meta.db_table)} AS h JOIN {_quoted(Change._meta.db_table)} AS c ON c.id = h.change_id "
        f"WHERE h.ledger = '{ledger}'{also}"
    )
    by_row = f"(PARTITION BY {_quoted('row')} ORDER BY version)"
    same = "coalesce(review, ''), coalesce(state, ''), coalesce(void, '')".replace("), ", ") || '|' || ")
    marked = f"SELECT v.*, {same} AS said, lag({same}) OVER {by_row} AS before FROM ({versions}) AS v"
    spans = (
        f"SELECT {_quoted('row')}, review, state, {_truth('void')} AS void, change, lead(change) OVER {by_row} AS next_change, "
        f"at AS valid_from, lead(at) OVER {by_row} AS valid_to FROM ({marked}) AS m WHERE before IS NULL OR before <> said"
    )
    return f"FROM ({spans}) AS s ORDER BY {_quoted('row')}, change"


def _said(name: str) -> str:
    """A value of the version's JSON, as text."""
    values = f"h.{_quoted('values')}"
    if connection.vendor == "postgresql":
        return f"(({values})::json ->> '{name}')"
    return f"CAST(json_extract({values}, '$.{name}') AS TEXT)"


def _truth(name: str) -> str:
    return f"coalesce({name} = 'true', false)" if connection.vendor == "postgresql" else f"coalesce({name} = '1', 0)"


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
