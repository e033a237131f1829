"""Drawing a sample, noting what a visit found, correcting the ledger. Everything that is a fact of a ledger goes through
`ledgers.commit`, in the ledger it is about."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from zhenwu.accounts.models import Unit, User
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.actions import open_change
from zhenwu.changes.models import Change
from zhenwu.changes.queries import ledger_seq
from zhenwu.checks.models import UNRESOLVED, Finding
from zhenwu.divisions.models import Division
from zhenwu.divisions.queries import below
from zhenwu.fieldwork.drawing import draw, frame_at
from zhenwu.fieldwork.errors import SpotRefused
from zhenwu.fieldwork.keeping import SOURCE, keep_plan, keep_results
from zhenwu.fieldwork.models import Found, Method, SpotPlan
from zhenwu.fieldwork.queries import SPOT, checkable, forget_rates, plans_in, spot_ledger, target_of
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.entry import FormContext
from zhenwu.ledgers.operations import Add, Draft, Edit, Step
from zhenwu.ledgers.queries import may_edit, rows_in, scope_in, shown_fields
from zhenwu.packs import runtime
from zhenwu.packs.types.base import FieldProblem

MOST = 500
SAME, PARTLY, WRONG, NOBODY = "相符", "部分不符", "不符", "查无此人（物）"


@dataclass
class Wanted:
    """What a person asks to be drawn. `seed` None: one is made up."""

    ledger: str
    title: str
    method: str
    size: int
    fields: Sequence[str]
    check: str = ""
    place: Division | None = None
    seed: int | None = None


@transaction.atomic
def make_plan(wanted: Wanted, *, by: User, on: date) -> SpotPlan:
    """Draw, and enter one row of the ledger spot_check for each row drawn. Raises SpotRefused, or what `commit` raises."""
    problems = list(_problems(wanted, by))
    if problems:
        raise SpotRefused(problems)
    seq = ledger_seq(wanted.ledger)
    frame = frame_at(wanted.ledger, seq, below([wanted.place.pk]) if wanted.place else None)
    among = _found_wrong(wanted) if wanted.method == Method.TARGETED else None
    seed = secrets.randbelow(10**9) if wanted.seed is None else wanted.seed
    drawn = draw(frame, seed, wanted.size, by_place=wanted.method == Method.BY_PLACE, among=among)
    if not drawn.rows:
        raise SpotRefused(["没有可抽的记录：这本台账（或所选的村、所选的核对）现在没有记录。"])
    plan = SpotPlan.objects.create(
        title=wanted.title.strip()[:100], ledger=wanted.ledger, method=wanted.method, check_code=wanted.check,
        division=wanted.place, seed=seed, seq=seq, size=len(drawn.rows), frame_size=drawn.frame_size,
        frame_digest=drawn.frame_digest, fields=list(wanted.fields), drawn_on=on, by=by,
        strata=[[place.hex if place else "", there, share] for place, there, share in drawn.strata],
    )  # fmt: skip
    ledger, unit = runtime.ledger(wanted.ledger), _unit_of(by)
    rows = ledger.rows("fieldwork").in_bulk(list(drawn.rows))
    adds = [
        Add(
            {
                "plan_id": plan.pk.hex, "of_ledger": ledger.label, "row_id": row.hex, "row_no": rows[row].no, "seed": seed,
                "drawn_on": on, "plan_unit": unit, "targeted": wanted.method == Method.TARGETED,
            },
            rows[row].division_id, at=at,
        )
        for at, row in enumerate(drawn.rows, 1)
    ]  # fmt: skip
    keep_plan(plan, commit(Draft(SPOT, by, adds, SOURCE, f"抽取：{plan.title}", today=on)))
    forget_rates()
    return plan


@dataclass
class Visit:
    """What a visit found: {field: (result, value found)}; `gone`: there is no such person or thing at all."""

    results: Mapping[str, tuple[str, str]]
    note: str = ""
    spot: Any = None
    gone: bool = False


@transaction.atomic
def note_visit(row: Any, visit: Visit, *, by: User, on: date) -> None:
    """Keep the results and the verdict of one drawn row (of spot_check). Who entered the row that was drawn may not check it."""
    plan, ledger, target = target_of(by, row)
    problems: list[str] = []
    if target is None:
        raise SpotRefused(["抽到的记录你看不到，或已经作废，不能核查。"])
    if target.created_by_id == by.pk or (row.state == "ended" and row.verdict != SAME):
        problems.append(
            "这条记录是你自己登记的，请由另一人核查。" if target.created_by_id == by.pk else "这一条已经更正结束。"
        )
    kinds = shown_fields(ledger, scope_in(by, ledger))
    wanted = [code for code in plan.fields if code in kinds]
    for code in wanted if not visit.gone else ():
        result, value = visit.results.get(code, ("", ""))
        label = kinds[code].label
        if result not in Found.Result.values:
            problems.append(f"“{label}”没有选：相符、不符，还是查不到。")
        elif result == Found.Result.DIFFERENT and not value.strip():
            problems.append(f"“{label}”不符，请写实际是什么。")
    if problems:
        raise SpotRefused(problems)
    results = (
        dict.fromkeys(wanted, (Found.Result.MISSING, ""))
        if visit.gone
        else {code: visit.results[code] for code in wanted}
    )
    Found.objects.filter(visit=row.pk, change=None).exclude(field__in=list(results)).delete()
    for code, (result, value) in results.items():
        said = kinds[code].show_row(target)[:500]
        defaults = {"plan": plan, "result": result, "said": said, "value": value.strip()[:500]}
        Found.objects.update_or_create(visit=row.pk, field=code, defaults=defaults)
    wrong = [code for code, (result, _) in results.items() if result != Found.Result.SAME]
    verdict = NOBODY if visit.gone else SAME if not wrong else WRONG if len(wrong) == len(results) else PARTLY
    values = {
        "verdict": verdict, "checker": by.pk, "checked_on": on, "spot": visit.spot,
        "diff": "、".join(kinds[code].label for code in wrong)[:500] or None,
    }  # fmt: skip
    if visit.spot is None:
        del values["spot"]
    step = Step(row.pk, row.version, "agree" if verdict == SAME else "visit", values)
    operations: list[Any] = [step]
    if row.state == "visited" and verdict != SAME:
        operations = [Edit(row.pk, row.version, values)]
    change = commit(Draft(SPOT, by, operations, SOURCE, visit.note.strip() or "实地核查", today=on))
    keep_results(change, "note", [row.pk])
    forget_rates()


@transaction.atomic
def correct(row: Any, *, by: User, on: date) -> Change:
    """Write what was found into the ledger that was wrong, as one change with its reason; then the visit is at its end, where
    the person may end it. Values are read and checked like typed ones."""
    _, ledger, target = target_of(by, row)
    scope = scope_in(by, ledger)
    if target is None or not may_edit(scope, target):
        raise SpotRefused(["你不能修改这条记录：请由有权修改的人更正。"])
    kinds, context = shown_fields(ledger, scope), FormContext(on)
    values, problems = {}, []
    found = list(Found.objects.select_for_update().filter(visit=row.pk, change=None, result=Found.Result.DIFFERENT))
    for one in found:
        if one.field not in kinds:
            problems.append("有一栏你看不到，请由能看到的人更正。")
            continue
        try:
            values[one.field] = kinds[one.field].parse(one.value, context)
        except FieldProblem as problem:
            problems.append(f"{problem}可到记录页上改。")
    if problems:
        raise SpotRefused(problems)
    if not values:
        raise SpotRefused(["没有要写进台账的更正：不符的栏没有写实际值，或已经更正。"])
    change = commit(
        Draft(ledger.code, by, [Edit(target.pk, target.version, values)], SOURCE, f"账实核查{row.no}：按实地核查更正", today=on)
    )  # fmt: skip
    Found.objects.filter(pk__in=[one.pk for one in found]).update(change=change)
    keep_results(change, "correct", [row.pk])
    return change


def end_visit(row: Any, *, by: User, on: date) -> None:
    """更正完毕: what was different is corrected or explained in the row's history."""
    commit(Draft(SPOT, by, [Step(row.pk, row.version, "fix")], SOURCE, "更正完毕", today=on))


def forget_rows(ledger: str, rows: Sequence[uuid.UUID]) -> set[str]:
    """What visits found in rows that end with their retention ends with them; the verdicts are rows of spot_check."""
    if ledger == SPOT:
        visits = _with_results(rows)
        Found.objects.filter(visit__in=visits).delete()
    elif SPOT in runtime.ledgers():
        ids = [row.hex for row in rows]
        plans = [plan.hex for plan in SpotPlan.objects.filter(ledger=ledger).values_list("pk", flat=True)]
        drawn = spot_ledger().rows("fieldwork").filter(plan_id__in=plans, row_id__in=ids).values_list("pk", flat=True)
        visits = _with_results(list(drawn))
        Found.objects.filter(visit__in=visits).update(said="", value="")
    else:
        visits = []
    if visits:
        keep_results(open_change(author=None, reason="保管期满，清除核查结果", source=SOURCE), "erase", visits)
    return set()


def _with_results(visits: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    return list(Found.objects.filter(visit__in=visits).order_by().values_list("visit", flat=True).distinct())


def _problems(wanted: Wanted, by: User) -> Any:
    if wanted.ledger not in {ledger.code for ledger in plans_in(by)}:
        yield "你不能对这本台账组织核查：要由审核这本台账的站所组织。"
        return
    if not wanted.title.strip():
        yield "请写核查名称，如“三季度低保台账核查”。"
    if wanted.method not in Method.values:
        yield "请选择抽取方式。"
    if not 1 <= wanted.size <= MOST:
        yield f"抽取行数填的是{wanted.size}：请填1到{MOST}。"
    if wanted.method == Method.TARGETED and not wanted.check:
        yield "针对问题核查的，请选择是哪一项核对。"
    if not wanted.fields or not set(wanted.fields) <= set(checkable(by, runtime.ledger(wanted.ledger))):
        yield "请选择要核查的栏。"


def _found_wrong(wanted: Wanted) -> set[uuid.UUID]:
    open_now = Finding.objects.filter(check_code=wanted.check, status__in=UNRESOLVED, row_ledger=wanted.ledger)
    return {row for row in open_now.values_list("row", flat=True) if row}


def _unit_of(by: User) -> int | None:
    """The office in whose name the draw is made: one in which the person may enter rows of spot_check."""
    scope = scope_in(by, spot_ledger())
    held = Unit.objects.filter(label__in=rights_of(by).units).values_list("pk", flat=True)
    return next((pk for pk in held if scope.enters(None, pk)), None)


def visits_of(by: User, plan: SpotPlan) -> list[Any]:
    """The drawn rows that a person sees, in the order in which they were drawn."""
    rows = rows_in(spot_ledger(), scope_in(by, spot_ledger())).filter(plan_id=plan.pk.hex)
    return list(rows.select_related("division", "checker").order_by("no"))
