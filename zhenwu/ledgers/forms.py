"""The form of one row, made from its field types: what is shown, what was typed, and what that means as values."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers import lookups
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.files import ACCEPT, FileRefused, kept, store
from zhenwu.ledgers.filters import choices_of, villages_for
from zhenwu.ledgers.queries import shown_fields
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldProblem, FieldType, Lookup

_PLACE = "division"
_LONGEST = 20_000  # characters of any one field; what reads it need not be quick on more
_WIDGETS = {"datetime-local": "text"}


@dataclass
class FormField:
    """One field as `_field.html` shows it."""

    name: str
    label: str
    widget: str
    required: bool = False
    help: str = ""
    unit: str = ""
    value: Any = ""
    display: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    masked: bool = False
    reveal_url: str = ""
    lookup_url: str = ""
    multiple: bool = False
    accept: str = ""
    wide: bool = False
    rows: int = 3
    readonly: bool = False
    errors: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    other: str = ""  # on a conflict page: what the row holds now


@dataclass
class Part:
    title: str
    fields: list[FormField]

    @property
    def is_idle(self) -> bool:
        """Nothing is asked here now, and nothing stands here: a later step of the work. Shown folded."""
        return bool(self.title) and not any(
            one.required or one.errors or one.value not in (None, "", []) or one.display or one.files or one.other
            for one in self.fields
        )


class _Context:
    """What types may ask while they read a form. Links are resolved by the form itself, under the person's rights."""

    header_unit = ""

    def __init__(self, today: date) -> None:
        self.on = self.today = today

    def _none(self, *_: str) -> Lookup:
        return Lookup((), "请从列表中选择。")

    division = person = household = unit = user = row = _none


class RowForm:
    """The form of a new or stored row. `base` are the values (canonical) of the version that was opened."""

    def __init__(
        self, ledger: Ledger, scope: Scope, user: User, *, today: date, row: Any = None,
        initial: Mapping[str, Any] | None = None, only: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.ledger, self.scope, self.user, self.today, self.row = ledger, scope, user, today, row
        shown = {code: kind for code, kind in shown_fields(ledger, scope).items() if kind.writable}
        self.kinds = {code: shown[code] for code in only if code in shown} if only is not None else shown
        self.hidden = [] if only is not None else [
            kind for code, kind in ledger.stored.items() if code not in shown and kind.writable
        ]  # fmt: skip
        self.whole = only is None
        self.errors: dict[str, list[str]] = {}
        self.values: dict[str, Any] = {}
        self.division: Any = None
        self.note: str | None = None
        self._posted: QueryDict | None = None
        self._initial = dict(initial or {})
        self._uploaded: dict[str, list[dict[str, Any]]] = {}

    # reading
    def read(self, posted: QueryDict, files: MultiValueDict[str, UploadedFile]) -> bool:
        """Read what was typed; False when something cannot be read. `values` then holds what could."""
        self._posted = posted
        context = _Context(self.today)
        for code, kind in self.kinds.items():
            try:
                self.values[code] = self._read(code, kind, posted, files, context)
            except FieldProblem as problem:
                self._error(code, str(problem))
        if self.whole:
            self.note = posted.get("note", "").replace("\r\n", "\n").strip() or None
            self.division = self._read_place(posted)
        return not self.errors

    def _read(
        self, code: str, kind: FieldType, posted: QueryDict, files: MultiValueDict[str, UploadedFile], context: _Context
    ) -> Any:
        if kind.widget == "file":
            return self._read_files(code, kind, posted, files)
        if kind.is_link and not kind.spec.many:
            return self._read_link(code, kind, posted)
        if kind.is_link:
            return self._read_places(code, kind, posted)
        if kind.widget == "multiselect":
            return kind.parse(posted.getlist(code), context)
        said = posted.get(code, "")
        if len(said) > _LONGEST:
            raise kind.problem(f"有{len(said)}个字，最多{_LONGEST}个字，请精简。")
        if kind.always_private and not said.strip() and self.row is not None:
            return kind.from_row(self.row)  # an empty answer means unchanged
        if kind.name == "bool":
            said = {"true": "是", "false": "否"}.get(said, "")
        return kind.parse(said, context)

    def _read_link(self, code: str, kind: FieldType, posted: QueryDict) -> Any:
        key, words = posted.get(code, "").strip(), posted.get(f"{code}_q", "").strip()
        stored = kind.from_row(self.row) if self.row is not None else None
        if stored is not None and (key == str(stored)) and (not words or words == kind.show_row(self.row)):
            return stored
        looked = lookups.kind_of(kind)
        try:
            if key and (found := lookups.get(looked, key, self.user)) and words in ("", found.text):
                return _key(kind, found.value)
            if not words:
                return None
            options = lookups.exactly(looked, words, self.user)
        except lookups.UnknownKind:
            raise kind.problem("不能由你填写：你没有查看对应台账的权限。") from None
        if len(options) == 1:
            return _key(kind, options[0].value)
        many = (
            f"有{len(options)}个相近的，请从列表中选一个。" if options else "没有找到，请输入名称或编号后从列表中选择。"
        )
        raise kind.problem(f"填的是“{words}”：{many}")

    def _read_places(self, code: str, kind: FieldType, posted: QueryDict) -> Any:
        stored = {one.hex for one in (kind.from_row(self.row) or [])} if self.row is not None else set()
        chosen = []
        for said in posted.getlist(code):
            found = lookups.get("division", said, self.user)
            if found is None and said.replace("-", "") not in stored:
                raise kind.problem("里有不能选的地点，请重新勾选。")
            chosen.append(_key(kind, said))
        return chosen or None

    def _read_files(
        self, code: str, kind: FieldType, posted: QueryDict, files: MultiValueDict[str, UploadedFile]
    ) -> Any:
        dropped = set(posted.getlist(f"{code}_drop"))
        stored = kind.from_row(self.row) or [] if self.row is not None else []
        found = [one for one in kept(stored, posted.getlist(f"{code}_has"), self.user) if one["sha256"] not in dropped]
        for upload in files.getlist(code):
            try:
                found.append(store(upload, by=self.user))
            except FileRefused as problem:
                self._error(code, f"“{kind.label}”{problem}")
        self._uploaded[code] = found = list({one["sha256"]: one for one in found}.values())
        return found or None

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
            self._error(_PLACE, f"“{self.ledger.spec.place_label}”填的是“{said}”：请从列表中选择。")
            return None
        return uuid.UUID(options[0].value)

    def changed(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """The values that differ from the canonical ones of the version that was opened."""
        return {
            code: value
            for code, value in self.values.items()
            if self.ledger.types[code].canonical(value) != base.get(code)
        }

    # problems
    def take(self, problems: Sequence[RowProblem]) -> list[str]:
        """Show each problem at its field; returns those of no field that this form shows."""
        rest = []
        for problem in problems:
            if problem.field in self.kinds or problem.field == _PLACE:
                self._error(problem.field, problem.message)
            else:
                rest.append(problem.message)
        return list(dict.fromkeys(rest))

    def _error(self, code: str, message: str) -> None:
        """One cause, one message: what a step and a rule both miss is said once."""
        said = self.errors.setdefault(code, [])
        if not any(one.partition("：")[0] == message.partition("：")[0] for one in said):
            said.append(message)

    # showing
    def parts(self) -> list[Part]:
        """The sections of the pack in its order; place first, note last."""
        parts = [Part("", [])]
        if self.whole and self.ledger.spec.place != "town":
            parts[0].fields.append(self._place_field())
        for code, kind in self.ledger.types.items():
            if kind.spec.section and self.whole:
                parts.append(Part(kind.spec.section, []))
            if code in self.kinds:
                parts[-1].fields.append(self.field(code))
        if self.whole:
            note = self._posted.get("note") if self._posted else (self.row.note if self.row is not None else "")
            remark = FormField("note", "备注", "textarea", value=note or "", rows=2)
            if parts[-1].title and len(parts) > 2:  # of the whole row, not of its last section
                parts.append(Part("", [remark]))
            else:
                parts[-1].fields.append(remark)
        if len(parts) > 1 and not parts[0].title and len(parts[0].fields) == 1:  # the place alone is no section
            parts[1].fields.insert(0, parts[0].fields[0])
            parts = parts[1:]
        return [part for part in parts if part.fields]

    def field(self, code: str) -> FormField:
        kind = self.kinds[code]
        widget = _WIDGETS.get(kind.widget, kind.widget)
        one = FormField(
            code, kind.label, widget, required=self._is_required(kind), help=self._help(kind), unit=unit_of(kind),
            errors=self.errors.get(code, []), wide=kind.spec.max_length > 200 and kind.name == "text",
        )  # fmt: skip
        if kind.has_options:
            one.choices = list(choices_of(kind))
            one.wide = widget == "multiselect"
        if kind.is_link:
            self._fill_link(one, kind)
        elif widget == "file":
            one.multiple, one.accept = True, ACCEPT
            one.files = self._uploaded.get(code, (kind.from_row(self.row) or []) if self.row is not None else [])
        elif kind.always_private:
            one.value = self._posted.get(code, "") if self._posted else self._initial.get(code, "")
            if self.row is not None and getattr(self.row, code):
                one.masked, one.display = True, kind.show_row(self.row)
                one.reveal_url = reverse("ledgers:reveal", args=[self.ledger.code, self.row.pk, code])
        elif self._posted is not None:
            one.value = self._posted.getlist(code) if widget == "multiselect" else self._posted.get(code, "")
        else:
            one.value = self._stored_value(code, kind, widget)
        return one

    def _stored_value(self, code: str, kind: FieldType, widget: str) -> Any:
        value = kind.from_row(self.row) if self.row is not None else self._initial.get(code, kind.spec.default)
        if widget == "multiselect":
            return value or []
        if kind.name == "bool":
            return value
        if kind.name == "datetime":
            return kind.show(value) if not isinstance(value, str) else value
        return kind.form_value(value)

    def _fill_link(self, one: FormField, kind: FieldType) -> None:
        one.lookup_url = reverse("ledgers:lookup", args=[lookups.kind_of(kind)])
        if kind.spec.many:
            one.widget, one.wide = "multiselect", True
            one.choices = [(str(pk), name) for pk, name in villages_for(self.scope, self.today)]
            stored = [str(pk) for pk in (kind.from_row(self.row) or [])] if self.row is not None else []
            one.value = self._posted.getlist(one.name) if self._posted else stored
            return
        if self._posted is not None:
            one.value, one.display = self._posted.get(one.name, ""), self._posted.get(f"{one.name}_q", "")
        elif self.row is not None:
            one.value, one.display = kind.from_row(self.row) or "", kind.show_row(self.row)
        if not one.display and (key := one.value or self._initial.get(one.name)):
            try:
                found = lookups.get(lookups.kind_of(kind), key, self.user)
            except lookups.UnknownKind:
                found = None
            one.value, one.display = (found.value, found.text) if found else ("", "")

    def _place_field(self) -> FormField:
        spec = self.ledger.spec
        one = FormField(
            _PLACE, spec.place_label, "select", required=spec.place_required, errors=self.errors.get(_PLACE, [])
        )
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
            said.append("写成“经度,纬度”，如 106.8472,29.5631")
        return "；".join(one for one in said if one)


def _key(kind: FieldType, value: str) -> Any:
    return int(value) if kind.name in ("unit", "user") else uuid.UUID(value)
