"""Turns each operation of a draft into the row version it means, or into problems. Writes nothing."""

import uuid
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils import timezone

from zhenwu.accounts.scope import Scope
from zhenwu.changes.erasing import is_buried
from zhenwu.changes.models import History, Review
from zhenwu.ledgers.effects import refusal_of, refusal_of_new
from zhenwu.ledgers.errors import Conflict, LedgerError, NotAllowed, RowProblem
from zhenwu.ledgers.guards import refused
from zhenwu.ledgers.lines import Line, lines_of, made_ready, whole
from zhenwu.ledgers.lines import canonical as canonical_lines
from zhenwu.ledgers.operations import (
    KEEP,
    RELINK,
    Draft,
    Edit,
    NewRows,
    OnRow,
    Reidentify,
    Restore,
    ReviewStep,
    Step,
    TakeBack,
    Void,
)
from zhenwu.ledgers.rules import RowRules, completed
from zhenwu.ledgers.snapshot import canonical_of, restored, values_of
from zhenwu.ledgers.takeback import last_act, why_not
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Transition
from zhenwu.packs.types import FieldProblem

_REVIEW = {"submit": Review.SUBMITTED, "approve": Review.APPROVED, "return": Review.RETURNED}
_REVIEW_FROM = {
    "submit": (Review.DRAFT, Review.RETURNED),
    "approve": (Review.SUBMITTED,),
    "return": (Review.SUBMITTED, Review.APPROVED),
}
_UNREVIEWED = (Review.DRAFT, Review.RETURNED)
_ACT_LABEL = {"submit": "报送", "approve": "审核通过", "return": "退回"}


@dataclass(slots=True)
class Prepared:
    """A stored row as it will be: the columns that change, and the whole row as canonical JSON for history."""

    row: uuid.UUID
    version: int
    act: str
    columns: dict[str, Any]
    canonical: dict[str, Any]
    at: int = 0
    values: dict[str, Any] = field(default_factory=dict)  # what the change itself says, by field code
    lines: dict[str, list[Line]] = field(default_factory=dict)  # of child tables that the change touches, by field code


class Preparer:
    """Prepares the operations of one draft, batch by batch; the problems of all batches are collected."""

    def __init__(
        self, ledger: Ledger, scope: Scope, draft: Draft, *, today: date, stands_for: Any = None,
        earlier: list[RowProblem] | None = None,
    ) -> None:  # fmt: skip
        """`stands_for`: the user who is away and in whose place the author acts. Problems are added to the `earlier`
        ones, of other ledgers of the same change."""
        self.ledger, self.scope, self.draft, self.today = ledger, scope, draft, today
        self.by, self.reason = draft.by, draft.reason
        self.stored: dict[uuid.UUID, Any] = {}
        self.problems = [] if earlier is None else earlier
        self._persons = {
            self.by.pk,
            stands_for.pk if stands_for else self.by.pk,
        }  # neither may check what either has made
        self._rules = RowRules(ledger)

    def add(self, new: NewRows) -> NewRows:
        """The new rows as they are to be stored."""
        self._need(self.scope.enter, "你没有在这本台账登记的权限。")
        if why := refusal_of_new(self.ledger, self.draft):
            raise LedgerError(why)
        for review in {*new.reviews} - {Review.DRAFT, Review.SUBMITTED}:
            self._need(self.scope.approve, f"你没有直接登记为“{Review(review).label}”的权限。")
        initial = self.ledger.lifecycle.initial if self.ledger.lifecycle else ""
        states = [state or initial for state in new.states]
        values = completed(self.ledger, new.values)
        for code, table in self.ledger.children.items():
            if code in values:
                values[code] = [whole(table, lines, ()) for lines in values[code]]
        new = replace(new, values=values, states=states)
        homes = list(zip(new.divisions, new.column(self.scope.unit_field), strict=True))
        outside = {home for home in {*homes} if not self.scope.enters(*home)}
        own = "你管辖的村（社区）或本单位" if self.scope.enter_units else "你管辖的村（社区）"
        for at, home in zip(new.ats, homes, strict=True) if outside else ():
            if home in outside:
                self._problem(at, "division", f"只能登记{own}的记录。")
        if unknown := {*states} - {"", *self.ledger.states}:
            for at, state in zip(new.ats, states, strict=True):
                if state in unknown:
                    self._problem(at, "state", f"状态“{state}”不在流程里。")
        found = self._rules.problems_in(new.values, reviews=new.reviews, states=states, places=new.divisions)
        for row in sorted(found):
            self.problems += [RowProblem(new.ats[row], code, message) for code, message in found[row]]
        return replace(new, lines=self._new_lines(new, found)) if self.ledger.children else new

    def _new_lines(self, new: NewRows, wrong: Container[int]) -> list[dict[str, list[Line]]]:
        """The lines of the rows that have no problem."""
        known = {code: table for code, table in self.ledger.children.items() if code in new.values}
        return [
            {} if at in wrong else {code: made_ready(table, new.values[code][at], ()) for code, table in known.items()}
            for at in range(len(new))
        ]

    def change(self, operations: Sequence[OnRow], stored: dict[uuid.UUID, Any]) -> list[Prepared]:
        """New versions of rows; `stored` are these rows as they are, locked."""
        self.stored = stored
        self._check_versions(operations)
        approving = [one.row for one in operations if isinstance(one, ReviewStep) and one.act == "approve"]
        self._refused = refused(self.ledger.code, approving) if approving else {}
        self._made_by_deputy = self._entered_in_place_of(approving) if approving else frozenset()
        return [prepared for one in operations if (prepared := self._prepare(one))]

    def _prepare(self, one: OnRow) -> Prepared | None:
        row = self.stored[one.row]
        if isinstance(one, Reidentify):
            return self._reidentify(one, row)
        if isinstance(one, Restore) and one.links_only:
            return self._unlink(one, row)
        if row.is_void and not isinstance(one, Restore):
            return self._problem(one.at, "", f"{row.no}已作废，不能再修改。")
        if row.review == Review.LOCKED:
            return self._problem(one.at, "", f"{row.no}已定稿，不能修改；如有错误请另行登记更正。")
        if why := refusal_of(self.ledger, self.draft, one, row):
            return self._problem(one.at, "", why)
        match one:
            case Edit():
                return self._edit(one, row)
            case Step():
                return self._step(one, row)
            case ReviewStep():
                return self._review(one, row)
            case Void():
                return self._void(one, row)
            case Restore():
                return self._restore(one, row)
            case TakeBack():
                return self._take_back(one, row)

    def _reidentify(self, one: Reidentify, row: Any) -> Prepared | None:
        prepared = self._version(one.at, row, RELINK, one.values, judged=False)
        if prepared is not None and one.void is not None:
            prepared.columns["void"] = prepared.canonical["void"] = one.void
        elif prepared is not None:
            prepared.canonical["void"] = row.is_void
        return prepared

    def _edit(self, one: Edit, row: Any) -> Prepared | None:
        self._need(self.scope.changes(row.division_id, self.scope.unit_of(row)), "你没有修改这条记录的权限。")
        if row.review in (Review.APPROVED, Review.SUBMITTED):
            self._need(self.scope.review, f"{row.no}{row.get_review_display()}，要改请先由经办人员退回。")
        if self._is_too_old(row):
            return self._too_old(one.at, row)
        division = row.division_id if one.division is KEEP else one.division
        if not self.scope.changes(division, one.values.get(self.scope.unit_field, self.scope.unit_of(row))):
            return self._problem(one.at, "division", "不能把记录改到你管辖以外的村（社区）。")
        note = row.note if one.note is KEEP else one.note
        files = row.files if one.files is KEEP else one.files or None
        return self._version(one.at, row, "edit", one.values, division=division, note=note, files=files)

    def _step(self, one: Step, row: Any) -> Prepared | None:
        act = next((act for act in self.transitions(row) if act.code == one.transition), None)
        if act is None:
            return self._problem(
                one.at, "", f"{row.no}现在不能做这一步：状态是“{self.ledger.state_label(row.state)}”，或你没有权限。"
            )
        values = values_of(self.ledger, row) | one.values
        changed = dict(one.values)
        for code in act.clear:
            changed[code] = values[code] = None
        for code in act.today:
            if values.get(code) is None:
                changed[code] = values[code] = self.today
        for code in act.me:
            if values.get(code) is None:
                changed[code] = values[code] = self.by.pk
        for code in act.needs:
            if values.get(code) is None:
                self._problem(one.at, code, f"“{self.ledger.types[code].label}”没有填：{act.label}之前要填写。")
        for code in act.differs_from:
            other = row.created_by_id if code == "created_by" else values.get(code)
            if other in self._persons:
                who = "登记人" if code == "created_by" else self.ledger.types[code].label
                says = "本人办理" if other == self.by.pk else "委托的代办人办理"
                self._problem(one.at, "", f"{act.label}不能由{who}{says}，请换一人。")
        if act.reason and not self.reason.strip():
            self._problem(one.at, "", f"{act.label}要写明原因。")
        return self._version(one.at, row, act.code, changed, state=act.to)

    def transitions(self, row: Any) -> Iterator[Transition]:
        """The lifecycle steps this user may take from the row's state."""
        values: dict[str, Any] | None = None
        roles = self.scope.roles_at(row.division_id, self.scope.unit_of(row))
        for act in self.ledger.lifecycle.transition if self.ledger.lifecycle else ():
            if row.state not in act.from_ or not roles & set(act.who) or (act.effect and not self.draft.within):
                continue
            if act.when:
                values = values_of(self.ledger, row) if values is None else values
                if not all(values.get(code) in allowed for code, allowed in act.when.items()):
                    continue
            yield act

    def _review(self, one: ReviewStep, row: Any) -> Prepared | None:
        label = _ACT_LABEL[one.act]
        enters = self.scope.enters(row.division_id, self.scope.unit_of(row))
        may = {"submit": enters, "approve": self.scope.approve}.get(one.act, self.scope.review)
        self._need(may, f"你没有{label}的权限。")
        if row.review not in _REVIEW_FROM[one.act]:
            return self._problem(one.at, "", f"{row.no}现在是“{row.get_review_display()}”，不能{label}。")
        if one.act == "approve" and row.created_by_id == self.by.pk:
            return self._problem(one.at, "", f"{row.no}是你自己登记的，请由另一人审核。")
        if one.act == "approve" and (row.created_by_id in self._persons or row.pk in self._made_by_deputy):
            return self._problem(one.at, "", f"{row.no}是请假人或代办人登记的，双方都不能审核，请由另一人审核。")
        if one.act == "return" and not self.reason.strip():
            return self._problem(one.at, "", "退回要写明原因，好让填报人知道改哪里。")
        if why := self._refused.get(row.pk):
            return self._problem(one.at, "", f"{row.no}不能通过：{why}")
        return self._version(one.at, row, one.act, {}, review=str(_REVIEW[one.act]))

    def _entered_in_place_of(self, rows: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
        """Of these rows, those that a deputy entered in the place of who acts now."""
        kept = History.objects.filter(ledger=self.ledger.code, row__in=rows, version=1)
        return frozenset(kept.filter(change__stands_for__in=self._persons).values_list("row", flat=True))

    def _void(self, one: Void, row: Any) -> Prepared | None:
        own_draft = self.scope.enters(row.division_id, self.scope.unit_of(row)) and row.review == Review.DRAFT
        self._need(self.scope.manage or own_draft, "你没有作废这条记录的权限。")
        if not self.reason.strip():
            return self._problem(one.at, "", "作废要写明原因。")
        canonical = canonical_of(self.ledger, row) | {"void": True}
        return Prepared(row.pk, row.version + 1, "void", {"void": True}, canonical, at=one.at)

    def _restore(self, one: Restore, row: Any) -> Prepared | None:
        if self.draft.undoes is None and len(row.change.ledgers) > 1:
            says = f"{row.no}的最近一次变动同时改了几本台账，不能单独恢复：请在变更页面整体撤销。"
            return self._problem(one.at, "", says)
        self._need(self.scope.changes(row.division_id, self.scope.unit_of(row)), "你没有修改这条记录的权限。")
        if one.to == 0:
            if row.review not in _UNREVIEWED:
                self._need(self.scope.review, f"{row.no}已经报送或审核过，撤销登记要由审核人员办理。")
            canonical = canonical_of(self.ledger, row) | {"void": True}
            return Prepared(row.pk, row.version + 1, "undo", {"void": True}, canonical, at=one.at)
        old = History.objects.filter(ledger=self.ledger.code, row=row.pk, version=one.to).first()
        if old is None:
            return self._problem(one.at, "", f"{row.no}没有第{one.to}版，不能恢复。")
        if is_buried(old.values):
            return self._problem(one.at, "", f"{row.no}的内容已按保管期限清除，不能恢复。")
        if self._is_too_old(row) and not self.scope.review:  # an older version says something else, as an edit does
            return self._too_old(one.at, row)
        try:
            columns, canonical, lines = restored(self.ledger, old)
        except FieldProblem as problem:
            return self._problem(one.at, "", f"{row.no}不能恢复到第{one.to}版：{problem}请逐项更正。")
        if columns["review"] not in _UNREVIEWED or row.review not in _UNREVIEWED:
            self._need(self.scope.review, f"{row.no}已经报送或审核过，恢复旧版本要由审核人员办理。")
        place = uuid.UUID(columns["division_id"]) if columns["division_id"] else None
        if not self.scope.changes(place, self.scope.unit_of(row)):
            return self._problem(one.at, "division", "那一版属于你管辖以外的村（社区），不能恢复。")
        return Prepared(row.pk, row.version + 1, "undo", columns, canonical, at=one.at, lines=lines)

    def _unlink(self, one: Restore, row: Any) -> Prepared | None:
        """What a `Reidentify` did to the row is taken back; no right in its ledger is asked for, as then."""
        old = History.objects.filter(ledger=self.ledger.code, row=row.pk, version=one.to).first()
        if old is None or self.draft.undoes is None:
            return self._problem(one.at, "", "归并只能整体撤销。")
        columns, canonical, lines = restored(self.ledger, old)
        return Prepared(row.pk, row.version + 1, "undo", columns, canonical, at=one.at, lines=lines)

    def _take_back(self, one: TakeBack, row: Any) -> Prepared | None:
        act = last_act(self.ledger, row)
        if act is None:
            says = f"{row.no}的最后一次变动不是报送、审核或流程办理，不能撤回。要改回原来的内容，请在历史里恢复。"
            return self._problem(one.at, "", says)
        if why := why_not(self.ledger, self.scope, row, act, self._persons, today=self.today):
            return self._problem(one.at, "", why)
        columns, canonical, lines = restored(self.ledger, act.before)
        return Prepared(row.pk, row.version + 1, "undo", columns, canonical, at=one.at, lines=lines)

    def _version(
        self, at: int, row: Any, act: str, changed: dict[str, Any], *, judged: bool = True, **implicit: Any
    ) -> Prepared | None:
        """The next version of a stored row: `changed` values, and review, state, division, note or files when given. `judged`: by
        the field rules of today."""
        changed = self._whole_lines(row, changed)
        values = values_of(self.ledger, row) | changed
        review, state = implicit.get("review", row.review), implicit.get("state", row.state)
        division, note = implicit.get("division", row.division_id), implicit.get("note", row.note)
        files = implicit.get("files", row.files)
        if judged and not self._check(at, values, review=review, state=state, place=division):
            return None
        columns: dict[str, Any] = {}
        for code, value in changed.items():
            columns |= self.ledger.types[code].to_columns(value)
        lines = self._lines(row, changed)
        canonical = canonical_of(self.ledger, row)
        canonical |= {
            code: canonical_lines(lines[code]) if code in lines else self.ledger.types[code].canonical(value)
            for code, value in changed.items()
        }
        canonical |= _implicit(division, review, state, note, void=False) | {"files": files}
        columns |= {"review": review, "state": state, "division_id": division, "note": note, "files": files}
        return Prepared(row.pk, row.version + 1, act, columns, canonical, at=at, values=changed, lines=lines)

    def _whole_lines(self, row: Any, values: dict[str, Any]) -> dict[str, Any]:
        """The values, with the lines of child tables told in full."""
        said = [code for code in self.ledger.children if code in values]
        if not said:
            return values
        return values | {
            code: whole(self.ledger.children[code], values[code], lines_of(self.ledger, row, code)) for code in said
        }

    def _lines(self, row: Any, values: dict[str, Any]) -> dict[str, list[Line]]:
        return {
            code: made_ready(table, values[code], lines_of(self.ledger, row, code))
            for code, table in self.ledger.children.items()
            if code in values
        }

    def _check(self, at: int, values: dict[str, Any], *, review: str, state: str, place: Any) -> bool:
        found = self._rules.problems(values, review=review, state=state, place=place)
        self.problems += [RowProblem(at, code, message) for code, message in found]
        return not found

    def _check_versions(self, operations: Sequence[OnRow]) -> None:
        stale = []
        for one in operations:
            row = self.stored.get(one.row)
            free = isinstance(one, Reidentify) or (isinstance(one, Restore) and one.links_only)
            if row is None or not (free or self.scope.sees(row)):  # alike: an id tells nothing of rows elsewhere
                raise NotAllowed("找不到这条记录，可能不在你的管辖范围内。")
            if row.version != one.version:
                stale.append(row)
        if stale:
            who = stale[0].changed_by
            raise Conflict(
                [row.pk for row in stale],
                f"{stale[0].no}在你打开之后被{who or '他人'}改过。你填的内容还在页面上：请对照最新内容后再保存。",
            )

    def _is_too_old(self, row: Any) -> bool:
        days = self.ledger.spec.locked_after_days
        return days is not None and (self.today - timezone.localdate(row.created_at)).days > days

    def _too_old(self, at: int, row: Any) -> Prepared | None:
        days = self.ledger.spec.locked_after_days
        return self._problem(at, "", f"{row.no}登记已超过{days}天，不能再改；请新登记一条并说明原因。")

    def _need(self, right: bool, message: str) -> None:
        if not right:
            raise NotAllowed(message)

    def _problem(self, at: int, code: str, message: str) -> Prepared | None:
        """Note a problem; there is then no row version to write."""
        self.problems.append(RowProblem(at, code, message))
        return None


def _implicit(division: Any, review: str, state: str, note: str | None, *, void: bool) -> dict[str, Any]:
    return {
        "division": division.hex if division else None,
        "review": review,
        "state": state,
        "note": note,
        "void": void,
    }
