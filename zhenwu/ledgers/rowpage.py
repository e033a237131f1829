"""What the page of one row shows: its values in the sections of the pack, and the rows that refer to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.cells import Column, Renderer, columns_of, unit_of
from zhenwu.ledgers.filepreview import has_preview
from zhenwu.ledgers.files import is_image
from zhenwu.ledgers.lines import attach, lines_of
from zhenwu.ledgers.queries import (
    references_to,
    rows_in,
    scope_in,
    sees_target,
    shown_fields,
    shown_line_values,
    shown_values,
    target_ledger,
)
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_CHILDREN = 5
_CHILD_COLUMNS = 4


@dataclass
class Fact:
    """One value. `text` "" is not reported."""

    label: str
    text: str
    unit: str = ""
    url: str = ""
    wide: bool = False
    reveal_url: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    point: str = ""  # "lon,lat": shown on a small map, with the other points at `points_url`
    points_url: str = ""
    columns: list[str] = field(default_factory=list)  # of a child table: its columns, and its lines of facts
    lines: "list[list[Fact]]" = field(default_factory=list)


@dataclass
class Section:
    title: str
    facts: list[Fact]

    @property
    def is_empty(self) -> bool:
        return not any(one.text or one.files for one in self.facts)


@dataclass(frozen=True)
class Children:
    """The newest rows of another ledger that refer to this one; none: only the way to add the first."""

    ledger: Ledger
    field: FieldType
    columns: list[Column]
    body: SafeString
    more_url: str
    new_url: str
    empty: bool


def links_of(ledger: Ledger, scope: Scope) -> list[str]:
    """What to fetch with the row so that its links show without a query each."""
    found = []
    for code, kind in shown_fields(ledger, scope).items():
        if kind.is_link and not kind.spec.many:
            found.append("__".join([code, *kind.label_path.split("__")[:-1]]))  # type: ignore[attr-defined]
    return found


def sections(ledger: Ledger, scope: Scope, user: User, row: Any) -> list[Section]:
    found = [Section("", [])]
    if ledger.spec.place != "town":
        found[0].facts.append(Fact(ledger.spec.place_label, str(row.division or "")))
    shown, lines = shown_values(ledger, scope), shown_line_values(ledger, scope)
    if lines:
        attach(ledger, [row], named=True)
    for code, kind in ledger.types.items():
        if kind.spec.section:
            found.append(Section(kind.spec.section, []))
        if code in shown:
            found[-1].facts.append(fact(ledger, user, row, kind))
        elif code in lines:
            found[-1].facts.append(line_facts(ledger, user, row, kind, lines[code]))
    if len(found) > 1 and len(found[0].facts) == 1:
        found[1].facts.insert(0, found[0].facts[0])
    elif found[0].facts:
        found[0].title = "基本情况" if len(found) > 1 else ""
        return [one for one in found if one.facts]
    return [one for one in found[1:] if one.facts]


def attachments(ledger: Ledger, scope: Scope, row: Any) -> list[dict[str, Any]]:
    """The files that the row carries beside its fields, as far as they are shown."""
    shown = scope.shows(ledger.attachments.spec.privacy)
    return [_shown_file(ledger, row, said) for said in row.files or ()] if shown else []


def line_facts(ledger: Ledger, user: User, row: Any, kind: FieldType, columns: dict[str, FieldType]) -> Fact:
    """A child table as a table of facts."""
    stored = lines_of(ledger, row, kind.code)
    lines = [[fact(ledger, user, row, column, line, kind.code) for column in columns.values()] for line in stored]
    return Fact(
        kind.label, f"{len(stored)}行" if stored else "", wide=True, lines=lines,
        columns=[f"{one.label}（{unit_of(one)}）" if unit_of(one) else one.label for one in columns.values()],
    )  # fmt: skip


def _shown_file(ledger: Ledger, owner: Any, said: dict[str, Any]) -> dict[str, Any]:
    """What `_file.html` shows of a file of a row."""
    args, mime = [ledger.code, owner.pk, said["sha256"]], said.get("mime", "")
    return said | {
        "url": reverse("ledgers:file", args=args),
        "preview_url": reverse("ledgers:file_preview", args=args) if has_preview(mime) else "",
        "picture_url": reverse("ledgers:file_picture", args=args) if is_image(mime) else "",
    }


def fact(ledger: Ledger, user: User, row: Any, kind: FieldType, line: Any = None, table: str = "") -> Fact:
    """One value of the row, or of one line of its child `table`."""
    owner, row = row, line if line is not None else row
    one = Fact(
        kind.label, kind.show_row(row), unit_of(kind), wide=kind.widget == "textarea" and bool(kind.from_row(row))
    )
    if kind.widget == "file":
        one.wide = bool(one.text)
        one.text, one.files = "", [_shown_file(ledger, owner, said) for said in kind.from_row(row) or []]
    elif kind.widget == "geo" and one.text and line is None:
        one.wide, one.point = True, one.text
        one.points_url = reverse("ledgers:points", args=[ledger.code, kind.code])
    elif kind.is_sealed and one.text:
        within = [table, line.pk] if line is not None else []
        one.reveal_url = reverse("ledgers:reveal", args=[ledger.code, owner.pk, *within, kind.code])
    elif (
        (code := target_ledger(kind))
        and (target := getattr(row, kind.code)) is not None
        and sees_target(user, code, target)
    ):
        one.url = reverse("ledgers:row", args=[code, target.pk])
    return one


def children(ledger: Ledger, user: User, row: Any) -> Iterator[Children]:
    """One block for each link field of a ledger that the user may read; empty ones only where the user may add."""
    for other, kind in references_to(ledger.code):
        scope = scope_in(user, other)
        if not scope.read or not scope.shows(kind.spec.privacy):
            continue
        columns = [one for one in columns_of(other, scope) if one.code not in (kind.code, "review")]
        columns = columns[: _CHILD_COLUMNS + 1]
        renderer = Renderer(other, columns)
        rows = rows_in(other, scope).filter(**{f"{kind.code}_id": row.pk}).order_by("-no")
        values = list(rows.values_list(*renderer.paths)[: _CHILDREN + 1])
        new_url = _new_url(other, kind, row) if scope.enter and not row.is_void else ""
        if not values and (not new_url or other.code == ledger.code):
            continue
        list_url = f"{reverse('ledgers:list', args=[other.code])}?f_{kind.code}={row.pk}"
        more = list_url if len(values) > _CHILDREN else ""
        yield Children(other, kind, columns, renderer.rows(values[:_CHILDREN]), more, new_url, not values)


def _new_url(other: Ledger, kind: FieldType, row: Any) -> str:
    place = f"&division={row.division_id}" if row.division_id else ""
    return f"{reverse('ledgers:new', args=[other.code])}?{kind.code}={row.pk}{place}"
