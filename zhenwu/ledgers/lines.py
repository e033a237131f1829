"""The lines of child tables: read with their rows, made ready for writing, and brought back from history.

Lines belong to their row: what history keeps of a row holds all of its lines in order, so that one version is the whole
truth. In a row's values the lines are a list of {"id": UUID or None, column code: value}. A line with an id keeps what it
does not name; without an id, or with one that the row does not have, it is new.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhenwu.changes.bulk import Inserter
from zhenwu.lib.ids import uuid7
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import SEALED
from zhenwu.packs.types.rows import KEPT

_CHUNK = 2000
Said = Mapping[str, Any]


@dataclass(slots=True)
class Line:
    """One line as it will be: its table columns, and what history says of it."""

    id: uuid.UUID
    columns: dict[str, Any]
    canonical: dict[str, Any]


# reading
def attach(ledger: Ledger, rows: Sequence[Any], *, named: bool = False) -> None:
    """Read the lines of all these rows, one query a child table; `named` with what their links point to, to show them."""
    if not ledger.children:
        return
    for row in rows:
        setattr(row, KEPT, {code: [] for code in ledger.children})
    by_id = {row.pk: row for row in rows}
    for code, table in ledger.children.items():
        ids = list(by_id)
        for start in range(0, len(ids), _CHUNK):
            lines = table.model._default_manager.filter(parent_id__in=ids[start : start + _CHUNK])
            if named:
                lines = lines.select_related(*_link_paths(table))
            for line in lines.order_by("parent_id", "position"):
                getattr(by_id[line.parent_id], KEPT)[code].append(line)  # type: ignore[attr-defined]


def _link_paths(table: Ledger) -> list[str]:
    links = [kind for kind in table.stored.values() if kind.is_link and not kind.spec.many]
    return ["__".join([kind.code, *kind.label_path.split("__")[:-1]]) for kind in links]  # type: ignore[attr-defined]


def lines_of(ledger: Ledger, row: Any, code: str) -> list[Any]:
    """The stored lines of a row in order; [] of a row not stored yet."""
    if row is None:
        return []
    if not hasattr(row, KEPT):
        attach(ledger, [row])
    found: list[Any] = getattr(row, KEPT)[code]
    return found


def line_values(table: Ledger, line: Any) -> dict[str, Any]:
    """A stored line as a value; personal numbers stay closed."""
    found = {
        code: (SEALED if getattr(line, code) else None) if kind.is_sealed else kind.from_row(line)
        for code, kind in table.stored.items()
    }
    return {"id": line.pk} | found


def values_of_lines(ledger: Ledger, row: Any) -> dict[str, Any]:
    """{field code: lines} of a stored row; None where there is no line."""
    return {
        code: [line_values(table, line) for line in lines_of(ledger, row, code)] or None
        for code, table in ledger.children.items()
    }


def canonical_of_lines(ledger: Ledger, row: Any) -> dict[str, Any]:
    """What history says of the stored lines of a row, by field code."""
    return {
        code: [_canonical_of(table, line) for line in lines_of(ledger, row, code)] or None
        for code, table in ledger.children.items()
    }


def _canonical_of(table: Ledger, line: Any) -> dict[str, Any]:
    return {"id": line.pk.hex} | {code: kind.canonical_of_row(line) for code, kind in table.stored.items()}


def said_canonical(table: Ledger, said: Sequence[Said] | None, stored: Sequence[Any]) -> list[dict[str, Any]] | None:
    """What history would say of these lines, a new one without an id: to compare with what is stored."""
    known = {line.pk: line for line in stored}
    found = []
    for one in said or ():
        line = known.get(one.get("id"))
        made = _canonical_of(table, line) if line is not None else {"id": None} | dict.fromkeys(table.stored)
        for code, kind in table.stored.items():
            if code in one and one[code] is not SEALED:
                made[code] = None if one[code] is None else kind.canonical(one[code])
        found.append(made)
    return found or None


def under_columns(ledger: Ledger, said: Said) -> dict[str, Any]:
    """The lines that a version says, with the columns of today: a retired one left out, a new one empty."""
    return {
        code: [{"id": one["id"]} | {name: one.get(name) for name in table.stored} for one in said.get(code) or ()]
        or None
        for code, table in ledger.children.items()
    }


# before writing
def whole(table: Ledger, said: Sequence[Said] | None, stored: Sequence[Any]) -> list[dict[str, Any]] | None:
    """The lines with every column named: of a stored line the values it keeps, of a new one None."""
    known = {line.pk: line for line in stored}
    found = []
    for one in said or ():
        line = known.get(one.get("id"))
        base = line_values(table, line) if line is not None else {"id": None} | dict.fromkeys(table.stored)
        made = base | {code: one[code] for code in table.stored if code in one}
        for code, kind in table.stored.items():
            if made[code] is SEALED and (line is None or not getattr(line, code)):
                made[code] = None  # closed by mistake: there is nothing behind it
            elif kind.completes and made[code] is not None and made[code] is not SEALED:
                kind.complete(made)
        found.append(made)
    return found or None


def made_ready(table: Ledger, values: Sequence[Said] | None, stored: Sequence[Any]) -> list[Line]:
    """Lines for writing from whole ones (see `whole`); a new line gets its id here."""
    known = {line.pk: line for line in stored}
    found = []
    for one in values or ():
        line = known.pop(one["id"], None)  # an id counts once
        pk = line.pk if line is not None else uuid7()
        columns: dict[str, Any] = {}
        canonical: dict[str, Any] = {"id": pk.hex}
        for code, kind in table.stored.items():
            if one[code] is SEALED and line is not None:
                columns |= {name: getattr(line, name) for name in kind.columns()}
                canonical[code] = kind.canonical_of_row(line)
            else:
                value = None if one[code] is SEALED else one[code]
                columns |= kind.to_columns(value)
                canonical[code] = None if value is None else kind.canonical(value)
        found.append(Line(pk, columns, canonical))
    return found


def canonical(lines: Sequence[Line]) -> list[dict[str, Any]] | None:
    return [line.canonical for line in lines] or None


# personal numbers in history
def sealed_of_lines(ledger: Ledger, row: Any, changed: Mapping[str, Sequence[Line]]) -> dict[str, str]:
    """{"field.line.column": ciphertext} of all lines that the row's version has: the changed ones, and those that stay."""
    found: dict[str, str] = {}
    for code, table in ledger.children.items():
        private = [name for name, kind in table.stored.items() if kind.is_sealed]
        if not private:
            continue
        if code in changed:
            pairs: list[tuple[uuid.UUID, Mapping[str, Any]]] = [(line.id, line.columns) for line in changed[code]]
        else:
            pairs = [(line.pk, vars(line)) for line in lines_of(ledger, row, code)]
        for pk, columns in pairs:
            found |= {f"{code}.{pk.hex}.{name}": columns[name] for name in private if columns.get(name)}
    return found


def restored_lines(ledger: Ledger, said: Said, tokens: Mapping[str, str]) -> dict[str, list[Line]]:
    """The lines of a version in history (`said` under the codes of today), by field code."""
    return {code: [_restored(code, table, one, tokens) for one in said.get(code) or ()]
            for code, table in ledger.children.items()}  # fmt: skip


def _restored(field: str, table: Ledger, said: Said, tokens: Mapping[str, str]) -> Line:
    columns: dict[str, Any] = {}
    for code, kind in table.stored.items():
        if kind.is_sealed:
            columns |= kind.to_columns(kind.unseal(tokens.get(f"{field}.{said['id']}.{code}")))  # type: ignore[attr-defined]
        else:
            columns |= kind.to_columns(kind.from_canonical(said.get(code)))
    return Line(uuid.UUID(said["id"]), columns, {"id": said["id"]} | {code: said.get(code) for code in table.stored})


# writing
class LineWriter:
    """Writes the lines of one child table, for as many batches as there are."""

    def __init__(self, table: Ledger) -> None:
        self._model = table.model
        names = [field.attname for field in table.model._meta.local_concrete_fields]
        self._columns = names
        self._inserter = Inserter(table.model, names, {})

    def replace(self, rows: Sequence[tuple[uuid.UUID | str, Sequence[Line]]], *, fresh: bool = False) -> None:
        """Each row has exactly these lines from now on; `fresh` rows have none yet."""
        ids = [row for row, _ in rows]
        for start in range(0, 0 if fresh else len(ids), _CHUNK):
            self._model._default_manager.filter(parent_id__in=ids[start : start + _CHUNK]).delete()
        columns: dict[str, list[Any]] = defaultdict(list)
        count = 0
        for row, lines in rows:
            for position, line in enumerate(lines, 1):
                count += 1
                said = line.columns | {"id": line.id, "parent_id": row, "position": position}
                for name in self._columns:
                    columns[name].append(said[name])
        self._inserter.insert(count, columns)


def line_links(ledger: Ledger, lines: Mapping[str, Sequence[Line]]) -> Iterator[tuple[str, int, str, Any]]:
    """(field, line number from 0, column, value) of every link that these lines hold."""
    for field, some in lines.items():
        links = {code: kind for code, kind in ledger.children[field].stored.items() if kind.is_link}
        for number, line in enumerate(some):
            for code, kind in links.items():
                if (value := line.canonical[code]) is not None:
                    yield field, number, code, kind.from_canonical(value)
