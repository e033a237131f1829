"""One field of a form: what is shown of it, and what was typed as a value. The same for a row and for a line of a child table."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from zhenwu.accounts.models import User
from zhenwu.ledgers import lookups
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.files import ACCEPT, FileRefused, kept, store
from zhenwu.ledgers.filters import choices_of
from zhenwu.packs.types import SEALED, FieldProblem, FieldType, Lookup

LONGEST = 20_000  # characters of any one field; what reads it need not be quick on more
_PLAIN = re.compile(r"[-+]?[\d,]*\.?\d*$")
_WIDGETS = {"datetime-local": "text"}
Files = MultiValueDict[str, UploadedFile]


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
    clearable: bool = False  # masked, and may be emptied by a tick
    reveal_url: str = ""
    lookup_url: str = ""
    multiple: bool = False
    accept: str = ""
    wide: bool = False
    rows: int = 3
    readonly: bool = False
    errors: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    mark: str = ""  # what a reviewer wrote at this field when sending the row back
    other: str = ""  # on a conflict page: what the row holds now
    points_url: str = ""  # of a point: where the other points of the ledger are
    table: Any = None  # of a child table: its columns and lines


class FormContext:
    """What types may ask while they read a form. Links are resolved by the form itself, under the person's rights."""

    header_unit = ""

    def __init__(self, today: date) -> None:
        self.on = self.today = today

    def _none(self, *_: str) -> Lookup:
        return Lookup((), "请从列表中选择。")

    def remark(self, words: str) -> None:
        """What was typed for one row is shown as it was read: nothing more to say."""

    division = person = household = unit = user = row = _none


@dataclass
class Entry:
    """`stored` is the row or line that holds the value now; None for a new one. `closed`: the value may be given, but not
    be seen by this person."""

    kind: FieldType
    name: str  # under which it is posted
    user: User
    today: date
    stored: Any = None
    closed: bool = False
    initial: Any = None  # what a new form starts with
    places: Sequence[tuple[Any, str]] = ()  # of a list of places: those that may be chosen
    problems: list[str] = field(default_factory=list)
    understood: str = ""  # a number with a unit or in words, as it was taken: said after saving
    _uploaded: list[dict[str, Any]] | None = None

    # reading
    def read(self, posted: QueryDict, files: Files) -> Any:
        """The value that was typed; SEALED for a closed one left as it is. Raises FieldProblem."""
        kind, name = self.kind, self.name
        if self._is_hidden and self._has_value and not self._is_answered(posted, files):
            return None if posted.get(f"{name}_clear") else SEALED
        if kind.widget == "file":
            return self._read_files(posted, files)
        if kind.is_link and not kind.spec.many:
            return self._read_link(posted)
        if kind.is_link:
            return self._read_places(posted)
        if kind.widget == "multiselect":
            return kind.parse(posted.getlist(name), FormContext(self.today))
        said = posted.get(name, "")
        if len(said) > LONGEST:
            raise kind.problem(f"有{len(said)}个字，最多{LONGEST}个字，请精简。")
        if kind.name == "bool":
            said = {"true": "是", "false": "否"}.get(said, "")
        value = kind.parse(said, FormContext(self.today))
        if kind.is_number and value is not None and not _PLAIN.match(said.strip()):
            self.understood = f"“{kind.label}”填的是“{said.strip()}”，按{kind.show(value)}{unit_of(kind)}登记。"
        return value

    def is_blank(self, posted: QueryDict, files: Files) -> bool:
        """Whether nothing at all was typed or chosen here (a default that was left standing says nothing either)."""
        default = str(self.kind.spec.default) if self.kind.spec.default is not None else ""
        return not self._is_answered(posted, files) or posted.get(self.name, "").strip() == (default or None)

    @property
    def _is_hidden(self) -> bool:
        return self.kind.is_sealed or self.closed

    @property
    def _has_value(self) -> bool:
        if self.stored is None:
            return False
        return bool(getattr(self.stored, self.kind.code) if self.kind.is_sealed else self._now() is not None)

    def _now(self) -> Any:
        return self.kind.from_row(self.stored) if self.stored is not None else None

    def _is_answered(self, posted: QueryDict, files: Files) -> bool:
        said = [*posted.getlist(self.name), posted.get(f"{self.name}_q", ""), *posted.getlist(f"{self.name}_has")]
        return any(one.strip() for one in said) or bool(files.getlist(self.name))

    def _read_link(self, posted: QueryDict) -> Any:
        kind = self.kind
        key, words = posted.get(self.name, "").strip(), posted.get(f"{self.name}_q", "").strip()
        stored = self._now()
        if stored is not None and key == str(stored) and (not words or words == kind.show_row(self.stored)):
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

    def _read_places(self, posted: QueryDict) -> Any:
        stored = {one.hex for one in (self._now() or [])}
        chosen = []
        for said in posted.getlist(self.name):
            found = lookups.get("division", said, self.user)
            if found is None and said.replace("-", "") not in stored:
                raise self.kind.problem("里有不能选的地点，请重新勾选。")
            chosen.append(_key(self.kind, said))
        return chosen or None

    def _read_files(self, posted: QueryDict, files: Files) -> Any:
        dropped = set(posted.getlist(f"{self.name}_drop"))
        known = kept(self._now() or [], posted.getlist(f"{self.name}_has"), self.user)
        found = [one for one in known if one["sha256"] not in dropped]
        for upload in files.getlist(self.name):
            try:
                found.append(store(upload, by=self.user))
            except FileRefused as problem:
                self.problems.append(f"“{self.kind.label}”{problem}")
        self._uploaded = found = list({one["sha256"]: one for one in found}.values())
        return found or None

    # showing
    def show(self, posted: QueryDict | None, *, required: bool = False, help: str = "") -> FormField:
        """The field with what was typed when the form comes back, else with what is stored."""
        kind = self.kind
        widget = _WIDGETS.get(kind.widget, kind.widget)
        one = FormField(
            self.name, kind.label, widget, required=required, help=help, unit=unit_of(kind), errors=self.problems,
            wide=kind.spec.max_length > 200 and kind.name == "text",
        )  # fmt: skip
        if kind.has_options:
            one.choices = list(choices_of(kind))
            one.wide = widget == "multiselect"
        if self.closed and self._has_value:
            one.widget, one.masked, one.clearable, one.display = "text", True, True, "已填，不显示"
            return one
        if kind.is_link:
            self._fill_link(one, posted)
        elif widget == "file":
            one.multiple, one.accept = True, ACCEPT
            one.files = self._uploaded if self._uploaded is not None else self._now() or []
        elif kind.is_sealed:
            one.value = posted.get(self.name, "") if posted else self.initial or ""
            if self._has_value:
                one.masked, one.clearable, one.display = True, True, kind.show_row(self.stored)
        elif posted is not None:
            one.value = posted.getlist(self.name) if widget == "multiselect" else posted.get(self.name, "")
        else:
            one.value = self._stored_value(widget)
        return one

    def _stored_value(self, widget: str) -> Any:
        kind = self.kind
        value = self._now() if self.stored is not None else self.initial
        if widget == "multiselect":
            return value or []
        if kind.name == "bool":
            return value
        if kind.name == "datetime":
            return kind.show(value) if not isinstance(value, str) else value
        return kind.form_value(value)

    def _fill_link(self, one: FormField, posted: QueryDict | None) -> None:
        kind = self.kind
        one.lookup_url = reverse("ledgers:lookup", args=[lookups.kind_of(kind)])
        if kind.spec.many:
            one.widget, one.wide = "multiselect", True
            one.choices = [(str(pk), name) for pk, name in self.places]
            one.value = posted.getlist(self.name) if posted else [str(pk) for pk in (self._now() or [])]
            return
        if posted is not None:
            one.value, one.display = posted.get(self.name, ""), posted.get(f"{self.name}_q", "")
        elif self.stored is not None:
            one.value, one.display = self._now() or "", kind.show_row(self.stored)
        if not one.display and (key := one.value or self.initial):
            try:
                found = lookups.get(lookups.kind_of(kind), key, self.user)
            except lookups.UnknownKind:
                found = None
            one.value, one.display = (found.value, found.text) if found else ("", "")

    def read_or_note(self, posted: QueryDict, files: Files) -> Any:
        """As `read`, but a problem is kept in `problems` and gives None."""
        try:
            return self.read(posted, files)
        except FieldProblem as problem:
            self.problems.append(str(problem))
            return None


def _key(kind: FieldType, value: str) -> Any:
    return int(value) if kind.name in ("unit", "user") else uuid.UUID(value)
