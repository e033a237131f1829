"""The form of one row, made from its field types: what is shown, what was typed, and what that means as values."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Review
from zhenwu.ledgers import lookups
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.entry import Entry, Files, FormField
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.filters import villages_for
from zhenwu.ledgers.lineforms import LineForm
from zhenwu.ledgers.lines import lines_of, said_canonical
from zhenwu.ledgers.queries import shown_fields, shown_values
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import SEALED, FieldType

__all__ = ["FormField", "Part", "RowForm"]

_PLACE, _FILES = "division", "files"


@dataclass
class Part:
    title: str
    fields: list[FormField]

    @property
    def is_idle(self) -> bool:
        """Nothing is asked here now, and nothing stands here: a later step of the work. Shown folded."""
        return bool(self.title) and not any(
            one.required
            or one.errors
            or one.value not in (None, "", [])
            or one.display
            or one.files
            or one.other
            or one.mark
            for one in self.fields
        )


class RowForm:
    """The form of a new or stored row, of all its fields or of `only` some."""

    def __init__(
        self, ledger: Ledger, scope: Scope, user: User, *, today: date, row: Any = None,
        initial: Mapping[str, Any] | None = None, only: Sequence[str] | None = None,
        marks: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.ledger, self.scope, self.user, self.today, self.row = ledger, scope, user, today, row
        self.whole = only is None
        self.marks = marks or {}
        shown = shown_fields(ledger, scope)
        may_close = only is None and may_fill_unseen(user, row)
        asked = {code: kind for code, kind in ledger.stored.items() if kind.writable and (only is None or code in only)}
        self.kinds = {code: kind for code, kind in asked.items() if code in shown or may_close}
        self.hidden = [kind for code, kind in asked.items() if code not in self.kinds] if only is None else []
        self._initial = dict(initial or {})
        self.entries = {
            code: Entry(
                kind, code, user, today, row, closed=code not in shown, places=self._places_of(kind),
                initial=self._initial.get(code, kind.spec.default),
            )
            for code, kind in self.kinds.items()
        }  # fmt: skip
        self.tables = {
            code: LineForm(ledger.types[code], table, scope, user, today, lines_of(ledger, row, code))
            for code, table in ledger.children.items()
            if scope.shows(ledger.types[code].spec.privacy) and (only is None or code in only)
        }
        self._closed = {code for code, entry in self.entries.items() if entry.closed}
        self._computed = shown_values(ledger, scope).keys() & ledger.computed.keys()
        self.values: dict[str, Any] = {}
        self.division: Any = None
        self.note: str | None = None
        self.files: list[dict[str, Any]] | None = row.files if row is not None else None
        shows_files = self.whole and scope.shows(ledger.attachments.spec.privacy)
        self._attached = Entry(ledger.attachments, _FILES, user, today, row) if shows_files else None
        self._posted: QueryDict | None = None
        self._more = ""  # the child table that more blank lines were asked for
        self._place_problems: list[str] = []

    def _places_of(self, kind: FieldType) -> Sequence[tuple[Any, str]]:
        return villages_for(self.scope, self.today) if kind.is_link and kind.spec.many else ()

    # reading
    def read(self, posted: QueryDict, files: Files) -> bool:
        """Read what was typed; False when something cannot be read. `values` then holds what could."""
        self._posted = posted
        for code, entry in self.entries.items():
            value = entry.read_or_note(posted, files)
            if not entry.problems:
                self.values[code] = value
        for code, table in self.tables.items():
            self.values[code] = table.read(posted, files)
        if self.whole:
            self.note = posted.get("note", "").replace("\r\n", "\n").strip() or None
            self.division = self._read_place(posted)
        if self._attached is not None:
            self.files = self._attached.read_or_note(posted, files)
        return not self.has_problems

    @property
    def has_problems(self) -> bool:
        entries = any(entry.problems for entry in self._all_entries())
        return entries or bool(self._place_problems) or any(table.has_problems for table in self.tables.values())

    def _all_entries(self) -> list[Entry]:
        return [*self.entries.values(), *([self._attached] if self._attached is not None else [])]

    def understood(self) -> list[str]:
        """How numbers were taken that were typed with a unit or in words."""
        lines = [said for table in self.tables.values() for said in table.understood()]
        return [entry.understood for entry in self.entries.values() if entry.understood] + lines

    @property
    def wrong(self) -> set[str]:
        """The fields that have a problem."""
        return {code for code, entry in self.entries.items() if entry.problems} | {
            code for code, table in self.tables.items() if table.has_problems
        }

    def wants_more_lines(self, posted: QueryDict, files: Files) -> bool:
        """Whether only more blank lines are asked for (`act` is lines:<field>); what was typed stays, nothing is judged."""
        code = posted.get("act", "").partition("lines:")[2]
        if code not in self.tables:
            return False
        self.read(posted, files)
        for entry in self._all_entries():
            entry.problems.clear()
        for table in self.tables.values():
            table.forget_problems()
        self._place_problems.clear()
        self._more = code
        return True

    def _read_place(self, posted: QueryDict) -> Any:
        if self.ledger.spec.place == "town":
            return self.row.division_id if self.row is not None else None
        said = posted.get(_PLACE, "").strip() or posted.get(f"{_PLACE}_q", "").strip()
        stored = self.row.division_id if self.row is not None else None
        if not said:
            return None
        if stored is not None and said in (str(stored), str(self.row.division)):
            return stored
        found = lookups.get("division", said, self.user)
        options = [found] if found else lookups.exactly("division", said, self.user)
        if len(options) != 1:
            self._place_problems.append(f"“{self.ledger.spec.place_label}”填的是“{said}”：请从列表中选择。")
            return None
        return uuid.UUID(options[0].value)

    def changed(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """The values that differ from the canonical ones of the version that was opened."""
        found = {}
        for code, value in self.values.items():
            if value is SEALED:
                continue
            if code in self.tables:
                said = said_canonical(self.ledger.children[code], value, self.tables[code].stored)
            else:
                said = self.ledger.types[code].canonical(value)
            if said != base.get(code):
                found[code] = value
        return found

    # problems
    def take(self, problems: Sequence[RowProblem]) -> list[str]:
        """Show each problem at its field or cell; returns those of no field that this form shows."""
        rest = []
        for problem in problems:
            if not self._taken(problem):
                rest.append(problem.message)
        return list(dict.fromkeys(rest))

    def _taken(self, problem: RowProblem) -> bool:
        """One cause, one message: what a step and a rule both miss is said once."""
        field, _, within = problem.field.partition(".")
        if field in self.tables and within:
            line, _, column = within.partition(".")
            return self.tables[field].take(int(line), column, problem.message)
        said = (
            self._place_problems if field == _PLACE
            else self.tables[field].problems if field in self.tables
            else self.entries[field].problems if field in self.entries
            else None
        )  # fmt: skip
        if said is None:
            return False
        if not any(one.partition("：")[0] == problem.message.partition("：")[0] for one in said):
            said.append(problem.message)
        return True

    # showing
    def parts(self) -> list[Part]:
        """The sections of the pack in its order; place first, note and attachments last."""
        parts = [Part("", [])]
        if self.whole and self.ledger.spec.place != "town":
            parts[0].fields.append(self._place_field())
        for code, kind in self.ledger.types.items():
            if kind.spec.section and self.whole:
                parts.append(Part(kind.spec.section, []))
            if code in self.entries or code in self.tables:
                parts[-1].fields.append(self.field(code))
            elif self.whole and self.row is not None and code in self._computed:
                shown = FormField(code, kind.label, "text", unit=unit_of(kind), help=kind.spec.help, readonly=True)
                shown.display, shown.help = kind.show_row(self.row), shown.help or "自动计算，保存后更新"
                parts[-1].fields.append(shown)
        if self.whole:
            note = self._posted.get("note") if self._posted else (self.row.note if self.row is not None else "")
            remark = FormField("note", "备注", "textarea", value=note or "", rows=2)
            last = [remark, *([self.field(_FILES)] if self._attached is not None else [])]
            if parts[-1].title and len(parts) > 2:  # of the whole row, not of its last section
                parts.append(Part("", last))
            else:
                parts[-1].fields += last
        if len(parts) > 1 and not parts[0].title and len(parts[0].fields) == 1:  # the place alone is no section
            parts[1].fields.insert(0, parts[0].fields[0])
            parts = parts[1:]
        return [part for part in parts if part.fields]

    def field(self, code: str) -> FormField:
        if code == _FILES and self._attached is not None:
            return self._attached.show(self._posted)
        kind = self.ledger.types[code]
        if code in self.tables:
            table = self.tables[code]
            one = FormField(
                code, kind.label, "rows", required=self._is_required(kind), help=self._help(kind), wide=True,
                errors=table.problems,
            )  # fmt: skip
            one.mark = self.marks.get(code, "")
            one.table = table.show(self._posted, more=self._more == code)
            one.value = "+" if any(line.id for line in one.table.lines) else ""
            return one
        one = self.entries[code].show(self._posted, required=self._is_required(kind), help=self._help(kind))
        one.mark = self.marks.get(code, "")
        if kind.widget == "geo" and code not in self._closed:
            one.points_url = reverse("ledgers:points", args=[self.ledger.code, code])
        return one

    def _place_field(self) -> FormField:
        spec = self.ledger.spec
        one = FormField(_PLACE, spec.place_label, "select", required=spec.place_required, errors=self._place_problems)
        one.mark = self.marks.get(_PLACE, "")
        stored = self.row.division if self.row is not None else None
        if spec.place == "group":
            one.widget, one.lookup_url = "lookup", reverse("ledgers:lookup", args=["division"])
            one.value, one.display = (str(stored.pk), str(stored)) if stored else ("", "")
            if self._posted is not None:
                one.value, one.display = self._posted.get(_PLACE, ""), self._posted.get(f"{_PLACE}_q", "")
            return one
        one.choices = [(str(pk), name) for pk, name in villages_for(self.scope, self.today)]
        if stored is not None and str(stored.pk) not in dict(one.choices):
            one.choices.insert(0, (str(stored.pk), str(stored)))
        only = one.choices[0][0] if len(one.choices) == 1 and self.row is None else ""
        one.value = str(stored.pk) if stored else str(self._initial.get(_PLACE) or only)
        if self._posted is not None:
            one.value = self._posted.get(_PLACE, "")
        return one

    def _is_required(self, kind: FieldType) -> bool:
        return kind.spec.required is True and not kind.spec.required_when if self.whole else True

    def _help(self, kind: FieldType) -> str:
        said = [kind.spec.help]
        if kind.spec.required_when and self.whole:
            wanted = [
                f"“{self.ledger.types[code].label}”为{'、'.join(self.ledger.types[code].show(one) for one in values)}"
                for code, values in kind.spec.required_when.items()
            ]
            said.append(f"{'且'.join(wanted)}时必填")
        elif isinstance(kind.spec.required, str) and self.whole:
            said.append(f"到“{self.ledger.state_label(kind.spec.required)}”时必填")
        if kind.name == "datetime":
            said.append("写成 2020-03-15 09:30")
        elif kind.name == "geo":
            said.append("经度,纬度，如 106.8472,29.5631；也可以写东经106°50′50″ 北纬29°33′47″")
        return "；".join(one for one in said if one)


def may_fill_unseen(user: User, row: Any) -> bool:
    """Whether fields that this person may not see may still be filled: in a new row, and in a draft of one's own. What was
    filled is not shown again (docs/decisions/0005)."""
    return row is None or (row.created_by_id == user.pk and row.review in (Review.DRAFT, Review.RETURNED))
