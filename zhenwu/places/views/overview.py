"""The tree of places on a day, and the map of villages."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.divisions.models import Division, Edge, Event, Level
from zhenwu.divisions.models.events import IN_EFFECT
from zhenwu.divisions.queries import Node, days_of_change, in_force, outlines_of, tree, villages
from zhenwu.places.access import may_draft, reader
from zhenwu.places.pictures import village_map

_MOST, _READ = 50, 500


@require_safe
def tree_page(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    on, problem = _day(request.GET.get("on", ""))
    q = request.GET.get("q", "").strip()[:60]
    return render(request, "places/tree.html", {
        "title": "区划", "on": on, "problem": problem, "q": q, "nodes": _shown(tree(on), _formers(on)),
        "found": _found(q, on) if q else None, "marks": _marks(on), "may_draft": may_draft(user),
        "today": timezone.localdate(), "counts": _counts(on),
    })  # fmt: skip


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    reader(request)
    on, problem = _day(request.GET.get("on", ""))
    shown = list(villages(on))
    outlines = {str(pk): one for pk, one in outlines_of(shown).items()}
    said = [(str(one.pk), one.name, reverse("places:place", args=[one.pk])) for one in shown]
    return render(request, "places/map.html", {
        "title": "村（社区）分布", "on": on, "problem": problem, "map": village_map(said, outlines), "marks": _marks(on),
    })  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A place of the tree. `was`: the units it came from, in words."""

    place: Division
    was: str
    children: "list[Shown]"


def _shown(nodes: list[Node], formers: dict[Any, list[str]]) -> list[Shown]:
    return [Shown(one.place, "、".join(formers[one.place.pk]), _shown(one.children, formers)) for one in nodes]


def _formers(on: date) -> dict[Any, list[str]]:
    """{village: the villages that came to it, by code}."""
    found: dict[Any, list[str]] = defaultdict(list)
    edges = Edge.objects.filter(event__effective__lte=on, target__level=Level.VILLAGE, source__level=Level.VILLAGE)
    for target, name, whole in edges.order_by("source__code").values_list("target_id", "source__name", "whole"):
        found[target].append(name if whole else f"{name}的一部分")
    return found


def _day(said: str) -> tuple[date, str]:
    today = timezone.localdate()
    if not said:
        return today, ""
    try:
        return date.fromisoformat(said), ""
    except ValueError:
        return today, f"日期“{said[:20]}”看不懂，按今天显示。请写成 2020-06-01 这样。"


def _marks(on: date) -> list[dict[str, Any]]:
    """The days on which places changed, as points in time to look at: what happened, and which one is shown."""
    titles: dict[date, list[str]] = defaultdict(list)
    for day, title in Event.objects.filter(state__in=IN_EFFECT).values_list("effective", "title"):
        if day is not None:
            titles[day].append(title)
    days = days_of_change()
    current = max((day for day in days if day <= on), default=None)
    return [{"day": day, "label": "；".join(titles[day]) or "初始区划", "current": day == current} for day in days]


def _counts(on: date) -> dict[str, int]:
    places = in_force(on)
    return {
        "villages": places.filter(level=Level.VILLAGE).count(),
        "communities": sum(one.is_community for one in places.filter(level=Level.VILLAGE)),
        "groups": places.filter(level=Level.GROUP).count(),
    }


def _found(q: str, on: date) -> list[tuple[Division, bool]]:
    """Places by any name or code they have or had; whether they are in force on the day."""
    named = Q(name__contains=q) | Q(full_name__contains=q) | Q(code__startswith=q) | Q(aliases__name__contains=q)
    found = Division.objects.filter(named).distinct().select_related("parent").order_by("code", "valid_from")[:_READ]
    places = sorted(found, key=lambda one: one.level == Level.GROUP)  # groups last: many are named after their village
    return [(one, one.valid_from <= on and (one.valid_to is None or on < one.valid_to)) for one in places[:_MOST]]
