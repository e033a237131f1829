"""Appointing, moving, ending; and grants beyond posts. The security administrator's pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.accounts.actions import SYSTEM
from zhenwu.accounts.appointing import Post, appoint, end_appointment, end_grant, give_grant, move, said_grant
from zhenwu.accounts.catalogue import labels
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.matrix import CLASS_LABELS, VERB_LABELS
from zhenwu.accounts.models import Appointment, Grant, Role, Unit, User
from zhenwu.accounts.views.access import day_of, field, for_roles, holds, user_of
from zhenwu.accounts.views.users import place_of, when
from zhenwu.divisions.models import Division, Level
from zhenwu.divisions.queries import in_force as places_in_force

Said = dict[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECURITY)
def new_post(request: HttpRequest, user: int) -> HttpResponse:
    one = get_object_or_404(User.objects.exclude(username=SYSTEM), pk=user)
    said, problems = _said(request), Said()
    if request.method == "POST":
        problems = _dates(said, "since", "until", needed=("since",))
        if not problems:
            since, until = day_of(said["since"]), day_of(said["until"])
            try:
                appoint(one, _post(said), since=since, until=until, by=user_of(request), reason=said["reason"])  # type: ignore[arg-type]
            except AccountRefused as refused:
                problems = refused.problems
            else:
                messages.success(request, f"已任命{one}。")
                return redirect("accounts:user", one.pk)
    said.setdefault("since", timezone.localdate().isoformat())
    fields = [
        *_post_fields(said, problems),
        field("since", "自哪天起", said["since"], problems, widget="date", required=True),
        field(
            "until", "到哪天为止（当天不再有效）", said.get("until", ""), problems, widget="date", help="长期任职留空"
        ),
        field("reason", "依据或原因", said.get("reason", ""), problems, help="如任职文件的文号"),
    ]
    return _page(request, f"任命{one}", "任命", fields, problems, "accounts:user", one.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECURITY)
def end_post(request: HttpRequest, post: int) -> HttpResponse:
    one = get_object_or_404(Appointment.objects.select_related("user", "unit", "division"), pk=post)
    said, problems = _said(request), Said()
    if request.method == "POST" and not (problems := _dates(said, "on", needed=("on",))):
        try:
            end_appointment(one, on=day_of(said["on"]), by=user_of(request), reason=said.get("reason", ""))  # type: ignore[arg-type]
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, f"{one.user}的这个任职自{said['on']}起结束。")
            return redirect("accounts:user", one.user_id)
    title = f"结束{one.user}的任职：{one.where}{one.get_role_display()}"
    return _page(
        request, title, "结束任职", _ending(said, problems), problems, "accounts:user", one.user_id, danger=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECURITY)
def move_post(request: HttpRequest, post: int) -> HttpResponse:
    one = get_object_or_404(Appointment.objects.select_related("user", "unit", "division"), pk=post)
    said, problems = _said(request), Said()
    if request.method == "POST" and not (problems := _dates(said, "on", needed=("on",))):
        try:
            move(one, _post(said), on=day_of(said["on"]), by=user_of(request), reason=said.get("reason", ""))  # type: ignore[arg-type]
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, f"已调整{one.user}的岗位。")
            return redirect("accounts:user", one.user_id)
    if request.method != "POST":
        said |= {"role": one.role, "unit": str(one.unit_id or ""), "division": str(one.division_id or "")}
    fields = [*_post_fields(said, problems), *_ending(said, problems, "新岗位自哪天起（原岗位同日结束）")]
    title = f"调整{one.user}的岗位（现任{one.where}{one.get_role_display()}）"
    return _page(request, title, "调整", fields, problems, "accounts:user", one.user_id)


@require_safe
@for_roles(Role.SECURITY, Role.AUDITOR)
def grants(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    found = Grant.objects.select_related("user", "unit", "division")
    rows = [(one, said_grant(one), *when(one.valid_from, one.valid_to, today)) for one in found[:500]]
    return render(request, "accounts/grants.html", {
        "title": "授权", "rows": rows, "classes": CLASS_LABELS, "may_give": holds(request, Role.SECURITY),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECURITY)
def new_grant(request: HttpRequest) -> HttpResponse:
    said, problems = _said(request), Said()
    verbs = request.POST.getlist("verbs")
    if request.method == "POST" and not (problems := _dates(said, "since", "until", needed=("since",))):
        to = said.get("to", "")
        kind, _, pk = to.partition(":")
        whom = int(pk) if pk.isdigit() else 0
        try:
            give_grant(
                said.get("ledger", ""), verbs=verbs, privacy=said.get("privacy", ""), by=user_of(request),
                user=User.objects.filter(pk=whom, is_active=True).first() if kind == "user" else None,
                unit=Unit.objects.filter(pk=whom).first() if kind == "unit" else None,
                division=_division(said), since=day_of(said["since"]), until=day_of(said["until"]),  # type: ignore[arg-type]
                reason=said.get("reason", ""),
            )  # fmt: skip
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, "已授权。")
            return redirect("accounts:grants")
    said.setdefault("since", timezone.localdate().isoformat())
    people = User.objects.filter(is_active=True).exclude(username=SYSTEM).order_by("display_name")
    targets = [*((f"unit:{one.pk}", f"{one.label}（全体）") for one in Unit.objects.exclude(label="系统"))]
    targets += [(f"user:{one.pk}", f"{one}（{one.username}）") for one in people]
    told = [(verb, label) for verb, label in VERB_LABELS.items() if verb != "read"]
    fields = [
        field("to", "授权给", said.get("to", ""), problems, widget="select", choices=targets, required=True),
        field("ledger", "台账", said.get("ledger", ""), problems, widget="select", required=True,
              choices=list(labels().items())),
        field("privacy", "能看到哪些内容", said.get("privacy", "S1"), problems, widget="select", choices=list(CLASS_LABELS.items())),
        field("division", "限于哪个村", said.get("division", ""), problems, widget="select",
              choices=_villages(), help="不选就是全镇"),
        field("verbs", "除查看外还可以", verbs, problems, widget="multiselect", choices=told, wide=True),
        field("since", "自哪天起", said["since"], problems, widget="date", required=True),
        field("until", "到哪天为止（当天不再有效）", said.get("until", ""), problems, widget="date", required=True),
        field("reason", "原因", said.get("reason", ""), problems, required=True, wide=True),
    ]  # fmt: skip
    return _page(request, "新的授权", "授权", fields, problems, "accounts:grants")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECURITY)
def end_given(request: HttpRequest, grant: int) -> HttpResponse:
    one = get_object_or_404(Grant.objects.select_related("user", "unit", "division"), pk=grant)
    said, problems = _said(request), Said()
    if request.method == "POST" and not (problems := _dates(said, "on", needed=("on",))):
        try:
            end_grant(one, on=day_of(said["on"]), by=user_of(request), reason=said.get("reason", ""))  # type: ignore[arg-type]
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, "已收回。")
            return redirect("accounts:grants")
    fields = _ending(said, problems)
    return _page(request, f"收回：{said_grant(one)}", "收回", fields, problems, "accounts:grants", danger=True)


def _said(request: HttpRequest) -> Said:
    return {key: str(value).strip()[:300] for key, value in request.POST.items()}


def _dates(said: Said, *names: str, needed: tuple[str, ...] = ()) -> Said:
    problems = {}
    for name in names:
        said.setdefault(name, "")
        if said[name] and day_of(said[name]) is None:
            problems[name] = f"“{said[name]}”不是日期，请写成 2026-03-01 这样。"
        elif not said[name] and name in needed:
            problems[name] = "请填写日期。"
    said.setdefault("reason", "")
    return problems


def _post(said: Said) -> Post:
    unit = said.get("unit", "")
    return Post(
        said.get("role", ""), Unit.objects.filter(pk=int(unit)).first() if unit.isdigit() else None, _division(said)
    )


def _division(said: Said) -> Division | None:
    pk = place_of(said.get("division", ""))
    return Division.objects.filter(pk=pk).first() if pk else None


def _villages() -> list[tuple[str, str]]:
    found = places_in_force(timezone.localdate()).filter(level=Level.VILLAGE).order_by("code")
    return [(str(pk), name) for pk, name in found.values_list("pk", "name")]


def _post_fields(said: Said, problems: Said) -> list[dict[str, Any]]:
    units = [(str(one.pk), one.label) for one in Unit.objects.exclude(label="系统")]
    return [
        field("role", "角色", said.get("role", ""), problems, widget="select", required=True,
              choices=Role.choices),
        field("unit", "站所", said.get("unit", ""), problems, widget="select", choices=units, help="站所经办、财政所、镇纪委要选"),
        field("division", "村（社区）", said.get("division", ""), problems, widget="select",
              choices=_villages(), help="村级角色要选；不选就是全镇"),
    ]  # fmt: skip


def _ending(said: Said, problems: Said, label: str = "自哪天起结束") -> list[dict[str, Any]]:
    said.setdefault("on", timezone.localdate().isoformat())
    return [
        field("on", label, said["on"], problems, widget="date", required=True),
        field("reason", "原因", said.get("reason", ""), problems, required=True, help="如：调离、换届、任务结束"),
    ]


def _page(
    request: HttpRequest, title: str, button: str, fields: list[Any], problems: Said, back: str, *args: Any,
    danger: bool = False,
) -> HttpResponse:  # fmt: skip
    context = {"title": title, "fields": fields, "problems": problems, "button": button, "back": back,
               "back_args": args, "danger": danger}  # fmt: skip
    return render(request, "accounts/form.html", context, status=422 if problems else 200)
