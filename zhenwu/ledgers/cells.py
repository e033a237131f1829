"""The compiled cell renderer: one function a ledger that turns a tuple of `values_list` into a table row of HTML.

Templates take 0.2 ms a cell; a page of 50 rows and 10 columns has 8 ms in all. Every text goes through `escape` here and
nowhere else: what leaves `Renderer` is safe HTML.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import JSONField
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape  # in C: a page has seven hundred texts

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Review
from zhenwu.ledgers.icons import svg
from zhenwu.ledgers.queries import shown_values
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_ANY_ID = uuid.UUID(int=0)
_SHORT = 9  # characters that fit half a line of a phone
LONG_LABEL = 6  # a longer label takes two lines in a column head, and a line of its own on a phone
_ICON = '<span class="lamp lamp-red">超期</span>'


@dataclass(frozen=True)
class Column:
    """One column of a list. `text` makes the cell's plain text of the values at `paths`; "" is not reported."""

    code: str
    label: str
    paths: tuple[Any, ...]  # ORM paths, or expressions (what a formula takes of lines)
    text: Callable[..., str]
    css: str = ""
    sort: str = ""  # ORM path; "" when the column cannot be sorted
    kind: FieldType | None = None


def columns_of(ledger: Ledger, scope: Scope, codes: Sequence[str] | None = None) -> list[Column]:
    """number, place, the ledger's list fields (or `codes`) that the scope shows, state, review."""
    shown = shown_values(ledger, scope)
    found = [Column("no", "编号", ("no",), str, "title fit", "no")]
    if ledger.spec.place != "town":
        found.append(place_column(ledger))
    wanted = list(codes if codes is not None else ledger.in_list)
    name = next((code for code in ledger.title if code in shown and not shown[code].is_sealed), "")
    if codes is None and name and not set(ledger.title) & set(wanted):  # a list without names says little
        wanted.insert(0, name)
    found += [field_column(shown[code], wide=code == name) for code in wanted if code in shown]
    if ledger.states:
        found.append(Column("state", "状态", ("state",), ledger.state_label, "fit", "state"))
    return [*found, Column("review", "审核", ("review",), _review_label, "fit", "review")]


def place_column(ledger: Ledger) -> Column:
    return Column("division", ledger.spec.place_label, ("division__name",), _text, "fit", "division__name")


def field_column(kind: FieldType, *, wide: bool = False) -> Column:
    paths = kind.list_paths()
    column = kind.columns().get(kind.code)
    plain = column is not None and not isinstance(column, JSONField)
    sortable = plain and not kind.is_sealed and kind.name != "longtext"
    label = f"{kind.label}（{unit}）" if (unit := unit_of(kind)) else kind.label
    css = "num" if kind.align_right else "fit" if kind.name in ("date", "month", "bool") else "clip"
    if wide and css == "clip":
        css = "clip wide"  # what names the row has a line of its own on a phone
    return Column(kind.code, label, paths, kind.cell, css, paths[0] if sortable else "", kind)


def unit_of(kind: FieldType) -> str:
    return str(getattr(kind, "unit", "") or kind.spec.unit)


@dataclass
class Renderer:
    """Renders rows of one list. `paths` are what the query must fetch, in this order."""

    ledger: Ledger
    columns: list[Column]
    choose: bool = False  # with a tick box, named `rows`, whose value is id:version
    paths: tuple[Any, ...] = field(init=False)
    _slices: list[tuple[slice, Callable[..., str]]] = field(init=False)

    def __post_init__(self) -> None:
        paths: list[Any] = ["pk", "version", "voided_by_change_id", "no"]
        self._slices = []
        for column in self.columns:
            place = slice(len(paths), len(paths) + len(column.paths))
            paths += column.paths
            self._slices.append((place, self._cell(column)))
        self.paths = tuple(paths)

    def _cell(self, column: Column) -> Callable[..., str]:
        css = f"{column.css} wide" if len(column.label) > LONG_LABEL and "wide" not in column.css else column.css
        start = f'<td class="{css}" data-label="{escape(column.label)}">'
        none = start.replace(f'"{css}"', f'"{css} none"') + "未填</td>"
        text = column.text
        if column.code == "review":
            pills = {
                value: f'{start}<span class="pill pill-{value}">{escape(label)}</span></td>'
                for value, label in Review.choices
            }
            return pills.__getitem__
        if column.code == "state":
            return lambda value: (
                f'{start}<span class="pill pill-plain">{escape(text(value))}</span></td>' if value else none
            )
        if "clip" in column.css:
            # A long text gets two lines on a desk (the <div>) and a line of its own on a phone (`wide`).
            long = start.replace(f'"{css}"', f'"{css.removesuffix(" wide")} wide"')[:-1]

            def clipped(*values: Any) -> str:
                said = escape(text(*values))
                return (
                    f'{long} title="{said}"><div>{said}</div></td>'
                    if len(said) > _SHORT
                    else f"{start}{said}</td>"
                    if said
                    else none
                )

            return clipped

        def plain(*values: Any) -> str:
            said = text(*values)
            return f"{start}{escape(said)}</td>" if said else none

        return plain

    def rows(self, values: Sequence[Sequence[Any]], late: frozenset[Any] = frozenset()) -> SafeString:
        """HTML of the table rows; `late` are the ids of overdue rows."""
        before, _, after = reverse("ledgers:row", args=[self.ledger.code, _ANY_ID]).partition(str(_ANY_ID))
        parts: list[str] = []
        add = parts.append
        cells = self._slices[1:]
        for one in values:
            row, version, void, no = one[:4]
            no = escape(no)
            add('<tr class="is-voided">' if void else "<tr>")
            if self.choose:
                add(
                    f'<td class="pick"><input class="form-check-input" type="checkbox" name="rows" value="{row}:{version}"'
                )
                add(f' data-choose aria-label="选择 {no}"></td>')
            mark = _ICON if row in late else ""
            add(f'<td class="title fit"><a href="{before}{row}{after}">{no}</a> {mark}</td>')
            for place, cell in cells:
                add(cell(*one[place]))
            add("</tr>")
        return mark_safe("".join(parts))  # noqa: S308  every value was escaped above


@dataclass(frozen=True)
class Shape:
    """How the list of a ledger looks in one scope; made once."""

    columns: list[Column]
    renderer: Renderer
    sortable: frozenset[str]


def shape_of(ledger: Ledger, scope: Scope, *, choose: bool = False) -> Shape:
    return _shape(ledger.code, runtime.pack_hash(), scope, choose)


@lru_cache(maxsize=1000)
def _shape(code: str, pack_hash: str, scope: Scope, choose: bool) -> Shape:
    ledger = runtime.ledger(code)
    columns = columns_of(ledger, scope)
    sortable = frozenset(column.code for column in columns if column.sort)
    return Shape(columns, Renderer(ledger, columns, choose=choose), sortable)


def head_cells(columns: Sequence[Column], urls: Mapping[str, str], now: str, order: str) -> SafeString:
    """HTML of the column heads. `urls` lead to the list sorted by that column; it is sorted by `now` in this `order`."""
    parts = []
    for column in columns:
        words = [word for word in column.css.split() if word not in ("clip", "title", "wide")]
        css = " ".join([*words, "long"] if len(column.label) > LONG_LABEL else words)
        sorted_so, arrow = "", ""
        if column.code == now and column.code in urls:
            sorted_so, arrow = f' aria-sort="{order}"', svg("chevron-down" if order == "descending" else "chevron-up")
        said: str = escape(column.label)
        if column.code in urls:
            said = f'<a href="{escape(urls[column.code])}">{said}{arrow}</a>'
        parts.append(f'<th class="{css}"{sorted_so}>{said}</th>')
    return mark_safe("".join(parts))  # noqa: S308  labels and addresses were escaped above


def plain_row(columns: Sequence[Column], values: Sequence[Any]) -> list[str]:
    """The texts of one row, for search results and messages."""
    texts, at = [], 0
    for column in columns:
        texts.append(column.text(*values[at : at + len(column.paths)]))
        at += len(column.paths)
    return texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _review_label(value: str) -> str:
    return str(Review(value).label) if value in Review.values else value
