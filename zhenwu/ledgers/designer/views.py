"""The pages: a sample uploaded, its proposal edited, the plan shown, applied, waited for, and the sample's rows imported."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.models import Unit, User
from zhenwu.ledgers.designer import drafts, forms
from zhenwu.ledgers.designer.access import draft_for, drafts_for, lines_for, may_apply, may_change, may_propose
from zhenwu.ledgers.designer.samples import has_sample
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.views.access import user_of
from zhenwu.lib.sheets import SheetError
from zhenwu.packs import runtime
from zhenwu.packs.designing.actions import Outlook, is_own, names_in_use, outlook, own_text
from zhenwu.packs.designing.design import Design
from zhenwu.packs.designing.privacy import LABELS as PRIVACY_LABELS
from zhenwu.packs.designing.problems import DesignProblem, from_reader, problems_of
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import DesignDraft
from zhenwu.packs.spec import LINE_LABELS

_PACK_BYTES = 512 * 1024
_Status = DesignDraft.Status


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Own ledgers, what is under way, and a place for a pack file."""
    user = user_of(request)
    if not may_propose(user):
        raise Http404
    return render(request, "ledgers/designer/index.html", _index(request))


def _index(request: HttpRequest, problem: str = "") -> dict[str, Any]:
    user = user_of(request)
    own = [one for code, one in runtime.ledgers().items() if is_own(code)]
    return {
        "title": "自建台账",
        "own": [
            {
                "ledger": one, "line": LINE_LABELS[one.spec.line],
                "reads": scope_in(user, one).read, "changes": may_change(user, one.spec.line),
            }
            for one in own
        ],
        "drafts": [{"draft": one, "mine": one.by_id == user.pk} for one in drafts_for(user)],
        "applies": may_apply(user),
        "problem": problem,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not may_propose(user):
        raise Http404
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    context = {"title": "用Excel新建台账", "limit": limit, "applies": may_apply(user)}
    if request.method != "POST":
        return render(request, "ledgers/designer/new.html", context)
    file = request.FILES.get("file")
    problem = ""
    if file is None:
        problem = "请先选择一张样表。"
    elif (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        problem = f"“{file.name}”太大，最多{limit} MB。样表只要有表头和几十行数据就够了。"
    else:
        try:
            return redirect("ledgers:design", drafts.begin_from_sample(file, by=user).pk)
        except (SheetError, LedgerError) as refused:
            problem = str(refused)
    return render(request, "ledgers/designer/new.html", context | {"problem": problem}, status=422)


@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """A pack file from another township."""
    user = user_of(request)
    if not may_propose(user):
        raise Http404
    file = request.FILES.get("file")
    problem = ""
    if file is None:
        problem = "请先选择声明文件（.toml）。"
    elif (file.size or 0) > _PACK_BYTES:
        problem = f"“{file.name}”太大，不像台账声明。声明文件一般只有几千字。"
    else:
        try:
            return redirect("ledgers:design", drafts.begin_from_pack(file, by=user).pk)
        except LedgerError as refused:
            problem = str(refused)
    return render(request, "ledgers/designer/index.html", _index(request, problem), status=422)


@require_POST
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Begin to change an own ledger, or go on where one stopped."""
    user = user_of(request)
    if code not in runtime.ledgers() or not may_change(user, runtime.ledger(code).spec.line) or not is_own(code):
        raise Http404
    open_ones = DesignDraft.objects.filter(by=user, ledger=code, status__in=(_Status.EDITING, _Status.SENT))
    draft = open_ones.filter(before=own_text(code)).first()
    if draft is None:
        try:
            draft = drafts.begin_from_ledger(code, by=user)
        except drafts.DraftProblem as problem:
            messages.error(request, str(problem))
            return redirect("ledgers:designs")
        draft.save()
    return redirect("ledgers:design", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    found = draft_for(user_of(request), draft)
    if found.status == _Status.APPLIED:
        return redirect("ledgers:design_started", found.pk)
    if found.status == _Status.DROPPED:
        raise Http404
    design = drafts.design_in(found)
    if request.method != "POST":
        return _edit(request, found, design)
    if (sheet := request.POST.get("sheet", found.sheet)) != found.sheet and sheet in found.sheets:
        try:
            drafts.take_sheet(found, sheet)
        except (SheetError, LedgerError) as problem:
            messages.error(request, str(problem))
        return redirect("ledgers:design", found.pk)
    design = forms.read_form(design, request.POST, drafts.sample_columns(found))
    act, _, number = request.POST.get("act", "save").partition("-")
    at = int(number) if number.isdigit() else 0
    if act in ("up", "down"):
        forms.move(design, at, -1 if act == "up" else 1)
    elif act == "remove":
        forms.remove(design, at)
    elif act == "add":
        at = forms.add(design).number
    drafts.keep(found, design, by=user_of(request))
    if act == "plan":
        if problems := _problems(found, design):
            return _edit(request, found, design, problems, status=422)
        return redirect("ledgers:design_plan", found.pk)
    page = redirect("ledgers:design", found.pk)
    if at:
        page["Location"] += f"#p{at}"
    return page


def _problems(draft: DesignDraft, design: Design) -> list[DesignProblem]:
    taken, prefixes = names_in_use(draft.ledger)
    found = list(problems_of(design, taken=taken, prefixes=prefixes, new=not draft.ledger))
    if not may_change(draft.by, design.line):
        found.append(DesignProblem(0, "line", "请选择你负责的业务条线。"))
    if not found:
        found = from_reader(outlook(drafts.text_of(draft)).problems, design)
    return found


def _edit(
    request: HttpRequest,
    draft: DesignDraft,
    design: Design,
    problems: list[DesignProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    problems = _problems(draft, design) if problems is None else problems
    parts = forms.boxes(design, problems)
    errors: dict[str, list[str]] = {}
    for one in problems:
        if one.part == 0:
            errors.setdefault(one.key or "other", []).append(one.message)
    numbers = {part.code: str(part.number) for part in design.fields}
    units = list(
        dict.fromkeys([*Unit.objects.values_list("label", flat=True), *([design.unit] if design.unit else [])])
    )
    return render(request, "ledgers/designer/edit.html", {
        "title": design.label or "新台账", "draft": draft, "design": design, "parts": parts, "errors": errors, "problems_n": len(problems),
        "mine": draft.by_id == user_of(request).pk, "new": not draft.ledger,
        "lines": [(line, LINE_LABELS[line]) for line in lines_for(draft.by)], "units": units,
        "titles": [(str(part.number), part.label) for part in design.fields if part.type in ("text", "longtext", "person", "choice")],
        "title_now": numbers.get(design.title[0], "") if design.title else "",
        "dates": [(str(part.number), part.label) for part in design.fields if part.type in ("date", "month", "datetime")],
        "date_now": numbers.get(design.main_date, ""), "uses": forms.USES.items(), "classes": PRIVACY_LABELS.items(),
        "fields_n": len(design.fields), "key_labels": [box.part.label for box in parts if box.is_key],
    }, status=status)  # fmt: skip


@require_safe
def plan(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    found = draft_for(user, draft)
    if found.status not in (_Status.EDITING, _Status.SENT):
        return redirect("ledgers:design_started", found.pk)
    design = drafts.design_in(found)
    if problems := _problems(found, design):
        return _edit(request, found, design, problems)
    return _plan(request, found, design, outlook(drafts.text_of(found)))


def _plan(
    request: HttpRequest, draft: DesignDraft, design: Design, seen: Outlook, notice: str = "", status: int = 200
) -> HttpResponse:
    user = user_of(request)
    return render(request, "ledgers/designer/plan.html", {
        "title": design.label, "draft": draft, "design": design, "steps": seen.steps, "refused": seen.refused, "loses": seen.loses,
        "digest": seen.digest, "applies": may_apply(user), "mine": draft.by_id == user.pk, "notice": notice, "text": drafts.text_of(draft),
        "fields": forms.boxes(design, []), "new": not draft.ledger, "sent": draft.status == _Status.SENT,
        "shows_values": _shows_values(user, draft.ledger),
    }, status=status)  # fmt: skip


def _shows_values(user: User, code: str) -> bool:
    """Whether examples of values that do not convert may be shown: who alters tables need not be one who reads the rows."""
    if code not in runtime.ledgers():
        return False
    scope = scope_in(user, runtime.ledger(code))
    return scope.read and scope.places is None and scope.shows("S2")


@require_POST
def send(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Hand it to the administrator."""
    found = draft_for(user_of(request), draft)
    if found.status == _Status.EDITING:
        if _problems(found, drafts.design_in(found)):
            return redirect("ledgers:design", found.pk)
        drafts.send(found)
    return redirect("ledgers:design_plan", found.pk)


@require_POST
def apply(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    found = draft_for(user, draft)
    if not may_apply(user):
        raise Http404
    if found.status not in (_Status.EDITING, _Status.SENT):
        return redirect("ledgers:design_started", found.pk)
    design = drafts.design_in(found)
    if problems := _problems(found, design):
        return _edit(request, found, design, problems, status=422)
    agreed = request.POST.get("agreed") == "1"
    try:
        drafts.apply_draft(found, by=user, seen=request.POST.get("digest", ""), agreed=agreed)
    except ApplyRefused as refused:
        return _plan(request, found, design, outlook(drafts.text_of(found)), str(refused), status=409)
    return redirect("ledgers:design_started", found.pk)


@require_safe
def started(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Waits while the workers start anew; then the way on."""
    user = user_of(request)
    found = draft_for(user, draft)
    if found.status != _Status.APPLIED:
        return redirect("ledgers:design", found.pk)
    design = drafts.design_in(found)
    ready = _is_in_use(found)
    ledger = runtime.ledgers().get(design.code) if ready else None
    scope = scope_in(user, ledger) if ledger else None
    return render(request, "ledgers/designer/started.html", {
        "title": design.label, "draft": found, "design": design, "ready": ready, "ledger": ledger, "enters": bool(scope and scope.enter),
        "reads": bool(scope and scope.read), "sample": has_sample(found), "mine": found.by_id == user.pk, "new": not found.ledger,
    })  # fmt: skip


@require_safe
def ready(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Asked by the pages that wait: for the administrator, and for the workers to start anew."""
    found = draft_for(user_of(request), draft)
    return JsonResponse({"ready": found.status == _Status.APPLIED and _is_in_use(found)})


def _is_in_use(draft: DesignDraft) -> bool:
    """Whether the workers run the packs: this one does, and the others have had the time to start anew."""
    settled = draft.applied_at is not None and timezone.now() - draft.applied_at > settings.WORKERS_SETTLE
    return runtime.is_current() and settled


@require_POST
def import_rows(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The sample's rows through the same import as any other."""
    user = user_of(request)
    found = draft_for(user, draft)
    runtime.ensure_current()
    ledger = runtime.ledgers().get(drafts.design_in(found).code)
    if found.status != _Status.APPLIED or found.by_id != user.pk or ledger is None or not scope_in(user, ledger).enter:
        raise Http404
    try:
        job = drafts.import_sample(found, by=user)
    except (SheetError, LedgerError) as problem:
        messages.error(request, f"样表没有导入：{problem}")
        return redirect("ledgers:import", ledger.code)
    return redirect("ledgers:import_preview", job.pk)


@require_POST
def drop(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    found = draft_for(user_of(request), draft)
    if found.by_id == user_of(request).pk and found.status in (_Status.EDITING, _Status.SENT):
        drafts.drop(found)
        messages.success(request, "已放弃，样表已删除，没有建任何台账。")
    return redirect("ledgers:designs")


@require_safe
def draft_text(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    found = draft_for(user_of(request), draft)
    return _toml(
        drafts.text_of(found) if found.status != _Status.APPLIED else own_text(drafts.design_in(found).code),
        drafts.design_in(found).code,
    )


@require_safe
def ledger_text(request: HttpRequest, code: str) -> HttpResponse:
    """The pack file of an own ledger, to read or to give to another township. It holds no rows."""
    user = user_of(request)
    if (
        code not in runtime.ledgers()
        or not may_change(user, runtime.ledger(code).spec.line)
        or not (text := own_text(code))
    ):
        raise Http404
    return _toml(text, code)


def _toml(text: str, code: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{code if code.isidentifier() else "ledger"}.toml"'
    return answer
