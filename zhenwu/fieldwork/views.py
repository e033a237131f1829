"""Pages of spot checks: the plans, one plan with its list of visits, one visit (made for a phone), the correction."""

import io
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.checks.access import may_read_check
from zhenwu.checks.models import UNRESOLVED, Finding
from zhenwu.divisions.models import Division, Level
from zhenwu.fieldwork import actions
from zhenwu.fieldwork.actions import Visit, Wanted, visits_of
from zhenwu.fieldwork.errors import SpotRefused
from zhenwu.fieldwork.models import Found, Method, SpotPlan
from zhenwu.fieldwork.queries import (
    checkable,
    drawn_rows,
    estimate_of,
    plan_for,
    plans_for,
    plans_in,
    redraw,
    target_of,
    visit_for,
)
from zhenwu.indicators.links import row_url
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.queries import may_edit, name_of, scope_in, shown_fields
from zhenwu.ledgers.views.exports import sent
from zhenwu.lib.sheets import XLSX
from zhenwu.lib.sheets.writer import BookWriter, SheetColumn
from zhenwu.packs import runtime

_USUAL = 50  # drawn at most unless more is asked


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    plans = [
        {"plan": one, "ledger": runtime.ledger(one.ledger).label, "estimate": estimate_of(one)}
        for one in plans_for(user)
    ]
    return render(
        request, "fieldwork/index.html", {"title": "账实核查", "plans": plans, "may_plan": bool(plans_in(user))}
    )


def new(request: HttpRequest) -> HttpResponse:
    """First the ledger, then what is drawn from it."""
    user = _user(request)
    ledgers = plans_in(user)
    if not ledgers:
        raise Http404
    said = request.POST if request.method == "POST" else request.GET
    chosen = next((one for one in ledgers if one.code == said.get("ledger")), None)
    problems: list[str] = []
    if request.method == "POST" and chosen is not None:
        try:
            plan = actions.make_plan(_wanted(request, problems), by=user, on=working_day())
        except SpotRefused as refused:
            problems = [*problems, *(one for one in refused.problems if one not in problems)]
        except LedgerError as refused:
            problems = [str(refused)]
        else:
            messages.success(request, f"已抽取{plan.size}条，种子{plan.seed}已公布在方案页上。")
            return redirect("fieldwork:plan", pk=plan.pk)
    context: dict[str, Any] = {
        "title": "抽取核查对象",
        "ledgers": [(one.code, one.label) for one in ledgers],
        "chosen": chosen,
        "problems": problems,
    }
    if chosen is not None:
        context["fields"] = _fields(user, chosen, said)
    return render(request, "fieldwork/new.html", context, status=422 if problems else 200)


@require_safe
def plan(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = _user(request)
    one = plan_for(user, pk)
    visits = visits_of(user, one)
    again = redraw(one)
    return render(request, "fieldwork/plan.html", {
        "title": one.title, "plan": one, "ledger": runtime.ledger(one.ledger), "visits": visits, "estimate": estimate_of(one),
        "hidden": one.size - len(visits), "done": sum(bool(visit.verdict) for visit in visits),
        "is_same": list(again.rows) == drawn_rows(one) and again.frame_digest == one.frame_digest,
        "strata": _strata(one), "states": runtime.ledger("spot_check").states,
    })  # fmt: skip


@require_safe
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The list to take along, with room for what is found."""
    user = _user(request)
    one = plan_for(user, pk)
    ledger = runtime.ledger(one.ledger)
    scope = scope_in(user, ledger)
    shown = {code: kind for code, kind in shown_fields(ledger, scope).items() if code in one.fields}
    columns = [
        SheetColumn("序号", "integer", width=6),
        SheetColumn("编号", width=18),
        SheetColumn("名称", width=18),
        SheetColumn("村（社区）", width=12),
    ]
    for kind in shown.values():
        columns += [SheetColumn(kind.label, width=16), SheetColumn(f"{kind.label}：实际", width=16)]
    columns += [SheetColumn("核查人", width=10), SheetColumn("核查日期", width=12)]

    def rows() -> Any:
        for number, visit in enumerate(visits_of(user, one), 1):
            _, _, target = target_of(user, visit)
            cells = [cell for kind in shown.values() for cell in ((kind.show_row(target) if target else ""), "")]
            place = visit.division.name if visit.division_id else "全镇"
            yield (number, visit.row_no, name_of(ledger, target) if target else "", place, *cells, "", "")

    file = io.BytesIO()
    with BookWriter(file) as book:
        heading = f"{one.title}（{ledger.label}，种子{one.seed}，{one.drawn_on}抽取）"
        count = book.add_sheet("核查表", columns, rows(), heading=heading)
    file.seek(0)
    record(Watched.EXPORT, f"导出核查表{count}条：{one.title}", by=user, ledger=one.ledger)
    return sent(file, f"{one.title}_核查表.xlsx", XLSX)


def visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One row: what the ledger says, and what is really so."""
    user = _user(request)
    row = visit_for(user, pk)
    problems: list[str] = []
    if request.method == "POST":
        problems = _note(request, row, user)
        if not problems:
            messages.success(request, "已记下核查结果。")
            return redirect("fieldwork:visit", pk=pk)
    return _visit_page(request, user, row, problems)


@require_POST
def correct(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write what was found into the ledger; or say that it is corrected."""
    user = _user(request)
    row = visit_for(user, pk)
    on = working_day()
    try:
        if request.POST.get("act") == "end":
            actions.end_visit(row, by=user, on=on)
            messages.success(request, "已结束，更正日期记为今天。")
        else:
            actions.correct(row, by=user, on=on)
            messages.success(request, "已按核查结果更正台账，原来的值在记录的历史里。")
    except SpotRefused as refused:
        return _visit_page(request, user, row, refused.problems)
    except LedgerError as refused:
        return _visit_page(request, user, row, [str(refused)])
    return redirect("fieldwork:visit", pk=pk)


def _visit_page(request: HttpRequest, user: User, row: Any, problems: list[str]) -> HttpResponse:
    plan, ledger, target = target_of(user, row)
    scope = scope_in(user, ledger)
    kinds = shown_fields(ledger, scope) if target is not None else {}
    kept = {one.field: one for one in Found.objects.filter(visit=row.pk).select_related("change")}
    fields = []
    for code in plan.fields:
        if code in kinds:
            found = kept.get(code)
            fields.append({
                "code": code, "label": kinds[code].label, "said": kinds[code].show_row(target) or "（没有填）", "found": found,
                "result": request.POST.get(f"result-{code}", found.result if found else ""),
                "value": request.POST.get(f"value-{code}", found.value if found else ""),
            })  # fmt: skip
    spot_scope = scope_in(user, runtime.ledger("spot_check"))
    waiting = [
        one
        for one in kept.values()
        if one.result == Found.Result.DIFFERENT and one.change_id is None and one.field in kinds
    ]
    return render(request, "fieldwork/visit.html", {
        "title": f"核查 {row.row_no}", "row": row, "plan": plan, "ledger": ledger, "target": target, "fields": fields,
        "name": name_of(ledger, target) if target is not None else "", "url": row_url(ledger.code, target.pk) if target is not None else "",
        "problems": problems, "results": Found.Result.choices, "state": runtime.ledger("spot_check").state_label(row.state),
        "may_note": target is not None and spot_scope.changes(row.division_id, row.plan_unit_id) and row.state != "ended",
        "may_correct": bool(waiting) and target is not None and may_edit(scope, target), "hidden": len(plan.fields) - len(fields),
        "may_end": row.state == "visited" and spot_scope.enter and rights_of(user).whole_town,
    }, status=422 if problems else 200)  # fmt: skip


def _note(request: HttpRequest, row: Any, user: User) -> list[str]:
    said = request.POST
    codes = [name.removeprefix("result-") for name in said if name.startswith("result-")]
    results = {code: (said.get(f"result-{code}", ""), said.get(f"value-{code}", "")) for code in codes}
    found = Visit(results, note=said.get("note", "")[:500], gone=said.get("gone") == "1")
    try:
        actions.note_visit(row, found, by=user, on=working_day())
    except SpotRefused as refused:
        return refused.problems
    except LedgerError as refused:
        return [str(refused)]
    return []


def _wanted(request: HttpRequest, problems: list[str]) -> Wanted:
    said = request.POST
    size, seed = said.get("size", "").strip(), said.get("seed", "").strip()
    if not (size.isascii() and size.isdigit()):
        problems.append(f"抽取行数填的是“{size[:20]}”：请填整数。")
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) <= 15):
        problems.append(f"种子填的是“{seed[:20]}”：请填不超过15位的整数，或者不填。")
    place = said.get("place", "")
    found = Division.objects.filter(pk=uuid.UUID(place)).first() if _is_id(place) else None
    if problems:
        raise SpotRefused(problems)
    return Wanted(
        said.get("ledger", ""), said.get("title", ""), said.get("method", ""), int(size[:9]), said.getlist("fields"),
        said.get("check", ""), found, int(seed) if seed else None,
    )  # fmt: skip


def _fields(user: User, ledger: Any, said: Any) -> list[dict[str, Any]]:
    kinds = checkable(user, ledger)
    rows = ledger.rows("fieldwork").filter(voided_by_change=None).count()
    usual = min(_USUAL, max(5, -(-rows // 20)), rows) if rows else 0
    checks = (
        Finding.objects.filter(row_ledger=ledger.code, status__in=UNRESOLVED)
        .order_by("label")
        .values_list("check_code", "label")
        .distinct()
    )
    villages = Division.objects.filter(level=Level.VILLAGE, valid_to=None).order_by("code")
    chosen = said.getlist("fields") if "fields" in said else [code for code in ledger.in_list if code in kinds]
    return [
        {"name": "title", "label": "名称", "widget": "text", "required": True, "errors": [],
         "value": said.get("title", f"{ledger.label.removesuffix('台账')}核查")},
        {"name": "method", "label": "抽取方式", "widget": "select", "required": True, "choices": list(Method.choices),
         "value": said.get("method", Method.BY_PLACE), "errors": [], "help": "随机抽取的用来推算全部记录的差错率；针对问题的不推算。"},
        {"name": "size", "label": "抽取行数", "widget": "number", "required": True, "value": said.get("size", str(usual)), "errors": [],
         "help": f"现有{rows:,}行。一般抽百分之五，不少于5行，不多于{_USUAL}行。"},
        {"name": "check", "label": "针对的核对", "widget": "select", "value": said.get("check", ""), "errors": [],
         "choices": [(code, label) for code, label in dict(checks).items() if may_read_check(user, code, code.partition(".")[0])]},
        {"name": "place", "label": "只在这个村（社区）抽", "widget": "select", "value": said.get("place", ""), "errors": [],
         "choices": [(one.pk.hex, one.name) for one in villages]},
        {"name": "seed", "label": "种子", "widget": "number", "value": said.get("seed", ""), "errors": [],
         "help": "可以当众定一个数。不填的由系统给，都会公布。"},
        {"name": "fields", "label": "核查的栏", "widget": "multiselect", "required": True, "wide": True, "value": chosen, "errors": [],
         "choices": [(code, kind.label) for code, kind in kinds.items()]},
    ]  # fmt: skip


def _strata(one: SpotPlan) -> list[tuple[str, int, int]]:
    names = {
        place.pk.hex: place.name
        for place in Division.objects.filter(pk__in=[uuid.UUID(p) for p, *_ in one.strata if p])
    }
    return [(names.get(place, "全镇"), there, share) for place, there, share in one.strata]


def _is_id(said: str) -> bool:
    try:
        uuid.UUID(said)
    except ValueError:
        return False
    return True


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    if not rights_of(request.user).works:
        raise Http404
    return request.user
