"""The working-day calendar: a year at a glance, a day switched with its reason, the yearly notice pasted in."""

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.ledgers.calendar import FIRST_YEAR, LAST_YEAR, import_notice, may_edit_calendar, set_back, set_day
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.models import CalendarYear, SpecialDay
from zhenwu.ledgers.views.access import user_of
from zhenwu.lib.workdays import Calendar, working_calendar

_WEEKDAYS = "一二三四五六日"


@require_safe
def year_page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    today = timezone.localdate()
    said = request.GET.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 else today.year
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    calendar = working_calendar()
    own = {one.day: one for one in SpecialDay.objects.filter(day__year=year).select_related("by")}
    return render(request, "ledgers/calendar.html", {
        "title": f"{year}年工作日历", "year": year, "before": year - 1 if year > FIRST_YEAR else None,
        "after": year + 1 if year < LAST_YEAR else None, "known": year in calendar.years,
        "months": [(month, list(_weeks(calendar, year, month, today))) for month in range(1, 13)],
        "weekdays": _WEEKDAYS, "workdays": calendar.workdays_in(year) if year in calendar.years else None,
        "special": [(one, own.get(one.day), _WEEKDAYS[one.day.weekday()]) for one in _special(calendar, year)],
        "notice": CalendarYear.objects.filter(pk=year).select_related("by").first(), "may_edit": may_edit_calendar(user),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def day_page(request: HttpRequest, day: str) -> HttpResponse:
    user = user_of(request)
    chosen = _day(day)
    if not may_edit_calendar(user):
        raise Http404
    shown = _shown(working_calendar(), chosen)
    context = {
        "title": f"{chosen.year}年{chosen.month}月{chosen.day}日（周{_WEEKDAYS[chosen.weekday()]}）", "day": chosen,
        "is_workday": shown.is_workday, "note": shown.note, "own": SpecialDay.objects.filter(pk=chosen).first(),
        "reason": request.POST.get("reason", ""), "source": request.POST.get("source", ""), "problem": "",
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "ledgers/calendar_day.html", context)
    try:
        if request.POST.get("act") == "back":
            set_back(chosen, by=user)
        else:
            to = request.POST.get("act") == "work"
            set_day(chosen, is_workday=to, reason=context["reason"], source=context["source"], by=user)
    except LedgerError as problem:
        return render(request, "ledgers/calendar_day.html", context | {"problem": str(problem)}, status=422)
    messages.success(request, f"{chosen:%Y-%m-%d}已改。期限和统计从现在起按新的日历计算。")
    return redirect(f"{reverse('ledgers:calendar')}?year={chosen.year}")


@require_http_methods(["GET", "HEAD", "POST"])
def notice_page(request: HttpRequest, year: int) -> HttpResponse:
    """Paste the notice; look at what was read; enter it."""
    user = user_of(request)
    if not may_edit_calendar(user) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    context: dict[str, Any] = {
        "title": f"录入{year}年放假安排", "year": year, "text": request.POST.get("text", ""),
        "source": request.POST.get("source", ""), "problems": [],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "ledgers/calendar_notice.html", context)
    notice = import_notice(year, context["text"], source=context["source"], by=user)
    if notice.problems:
        context["problems"] = notice.problems
        return render(request, "ledgers/calendar_notice.html", context, status=422)
    off = sum(not one.is_workday for one in notice.days)
    messages.success(request, f"已录入{year}年放假安排：放假{off}天，调休上班{len(notice.days) - off}天。")
    return redirect(f"{reverse('ledgers:calendar')}?year={year}")


def _weeks(calendar: Calendar, year: int, month: int, today: date) -> Any:
    """Six weeks from Monday; a day is None outside the month, else what the grid shows of it."""
    weeks = months.Calendar().monthdatescalendar(year, month)
    for week in weeks:
        yield [None if day.month != month else _cell(calendar, day, today) for day in week]
    for _ in range(6 - len(weeks)):  # so that all months are of one height
        yield [None] * 7


def _cell(calendar: Calendar, day: date, today: date) -> dict[str, Any]:
    shown = _shown(calendar, day)
    is_special = shown.is_workday != (day.weekday() < 5)
    kind = ("make-up" if shown.is_workday else "holiday") if is_special else "plain" if shown.is_workday else "weekend"
    words = shown.note or ("工作日" if shown.is_workday else "休息日")
    mark = "班" if kind == "make-up" else "休" if kind == "holiday" else ""
    return {"day": day, "kind": kind, "mark": mark, "words": f"{day.month}月{day.day}日 {words}", "today": day == today}


def _shown(calendar: Calendar, day: date) -> Any:
    """The day as the calendar has it; of a year nobody has entered, its weekday says."""
    return (calendar if day.year in calendar.years else Calendar([*calendar.special()], years={day.year})).day(day)


def _special(calendar: Calendar, year: int) -> list[Any]:
    """The days of the year that are not what their weekday says, or say why they are, in order."""
    return sorted((one for one in calendar.special() if one.day.year == year), key=lambda one: one.day)


def _day(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise Http404 from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Http404
    return day
