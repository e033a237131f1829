"""The form of one kind of event: the fields it needs, and its persons as ticks, one choice, or lines."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.divisions.models import Division
from zhenwu.ledgers.entry import FormField
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.forms import RowForm
from zhenwu.ledgers.lookups import exactly, get
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.residents.guide import Guide
from zhenwu.residents.queries import spells

_OPTIONAL = frozenset(
    {"new_hno", "new_grp", "father", "mother", "corrects", "approval", "other_div", "to_hh", "from_hh"}
)


@dataclass
class Choice:
    """A member who may be ticked."""

    spell: Any
    rel_was: str
    ticked: bool
    rel: str


class EntryForm:
    def __init__(self, guide: Guide, ledger: Ledger, scope: Scope, user: User, said: QueryDict) -> None:
        self.guide, self.user, self.said = guide, user, said
        self.problems: list[str] = []
        self.household: Any = self._row("household", said, "head") if guide.asks in ("from_hh", "to_hh") else None
        self.person: Any = self._row("person", said) if guide.asks == "person" else None
        only = [*guide.fields, *(["persons"] if guide.who == "lines" else [])]
        self.form = RowForm(ledger, scope, user, today=timezone.localdate(), only=only)
        self.options = [(one.value, one.shown) for one in ledger.children["persons"].types["rel"].spec.options]
        self.members = self._members() if guide.who in ("members", "all") and self.household else []
        self.values: dict[str, Any] = {}

    @property
    def is_begun(self) -> bool:
        """Whether it is known whose event this is."""
        return not self.guide.asks or bool(self.household or self.person)

    @property
    def division(self) -> uuid.UUID | None:
        found = self.household or self.person
        if found is not None:
            place: uuid.UUID | None = found.division_id
            return place
        home = self.values.get("to_hh")
        if home and (row := self._seen("household").filter(pk=home).first()):
            return row.division_id
        group = self.values.get("new_grp")
        option = get("division", group, self.user) if group else None
        if option is None:
            return None
        return Division.objects.filter(pk=option.value).values_list("parent_id", flat=True).first()

    # whose
    def whose(self) -> FormField:
        kind = "person" if self.guide.asks == "person" else "household"
        label = "人员" if kind == "person" else "户"
        hint = (
            "姓名、拼音首字母，或身份证后四位" if kind == "person" else "户主姓名、拼音首字母、户号，或户主身份证后四位"
        )
        one = FormField(kind, label, "lookup", required=True, help=hint)
        one.lookup_url = reverse("ledgers:lookup", args=[kind])
        if words := self.said.get(f"{kind}_q", ""):
            one.display = words
            one.errors = [f"没有找到唯一的“{words}”：请从列表中选择，或写得更具体。"]
        return one

    def found(self) -> list[Any]:
        """What the words may mean, to choose from without a script."""
        kind = "person" if self.guide.asks == "person" else "household"
        words = self.said.get(f"{kind}_q", "").strip()
        return exactly(kind, words, self.user) if words else []

    def _row(self, kind: str, said: QueryDict, *related: str) -> Any:
        key, words = said.get(kind, ""), said.get(f"{kind}_q", "").strip()
        if not key and words and len(found := exactly(kind, words, self.user)) == 1:
            key = found[0].value
        try:
            pk = uuid.UUID(key)
        except ValueError:
            return None
        return self._seen(kind).filter(pk=pk).select_related("division", *related).first()

    def _seen(self, code: str) -> Any:
        ledger = runtime.ledger(code)
        return rows_in(ledger, scope_in(self.user, ledger))

    def _members(self) -> list[Choice]:
        rel = runtime.ledger("household_member").types["rel"]
        rows = self._seen("household_member").filter(household=self.household.pk)
        posted = self.said.get("act") is not None or "happen" in self.said
        found = []
        for one in spells(rows, on=timezone.localdate()):
            if one.person_id is None:
                continue
            ticked = str(one.person_id) in self.said.getlist("who") if posted else self.guide.who == "all"
            found.append(Choice(one, rel.show(one.rel), ticked, self.said.get(f"rel_{one.person_id}", "")))
        return found

    # the fields
    def fields(self) -> list[FormField]:
        found = []
        for code in (*self.guide.fields, *(["persons"] if self.guide.who == "lines" else [])):
            one = self.form.field(code)
            one.required = code not in _OPTIONAL
            found.append(one)
        return found

    def wants_more(self, posted: QueryDict, files: Any) -> bool:
        return self.form.wants_more_lines(posted, files)

    def read(self, posted: QueryDict, files: Any) -> bool:
        right = self.form.read(posted, files)
        self.values = dict(self.form.values) | {"kind": self.guide.kind}
        if self.guide.asks in ("from_hh", "to_hh"):
            self.values[self.guide.asks] = self.household.pk
        if self.guide.who == "person":
            rel = posted.get("rel", "") if self.guide.rels else ""
            self.values["persons"] = [{"id": None, "person": self.person.pk, "rel": rel or None}]
        elif self.guide.who in ("members", "all"):
            chosen = [one for one in self.members if one.ticked or self.guide.who == "all"]
            self.values["persons"] = [
                {"id": None, "person": one.spell.person_id, "rel": one.rel or None if self.guide.rels else None}
                for one in chosen
            ]
            if not chosen:
                self.problems.append("请勾选涉及的人。")
        elif not self.values.get("persons"):
            self.problems.append("请填写涉及人员，至少一行。")
        for code in self.guide.fields:
            kind = self.form.ledger.types[code]
            if code not in _OPTIONAL and self.values.get(code) is None and code not in self.form.wrong:
                self.form.take([RowProblem(0, code, f"“{kind.label}”没有填：请填写。")])
                right = False
        return right and not self.problems

    def take(self, problems: Sequence[RowProblem]) -> list[str]:
        return self.form.take(problems)
