"""One place: what it is, what it was and became, what is recorded there, and the books of the units it came from."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.divisions.following import counts
from zhenwu.divisions.models import Division, Level
from zhenwu.divisions.queries import Step, below, events, future_of, history_of, in_force
from zhenwu.indicators.queries import indicator_codes, parts
from zhenwu.indicators.seeing import may_see
from zhenwu.packs import runtime
from zhenwu.places.access import reader
from zhenwu.places.pictures import Box, FlowPicture, flow_picture, said_share


@require_safe
def show(request: HttpRequest, pk: Any) -> HttpResponse:
    user = reader(request)
    place = get_object_or_404(Division.objects.select_related("parent", "born_event", "end_event", "root"), pk=pk)
    today = timezone.localdate()
    came, became = history_of(place.pk), future_of(place.pk)
    children = in_force(min(today, _last_day(place, today))).filter(parent=place).order_by("code")
    return render(request, "places/place.html", {
        "title": place.name, "place": place, "in_force": place.valid_to is None or place.valid_to > today,
        "aliases": place.aliases.order_by("valid_from", "name"), "names": _names(place), "children": children,
        "child_label": "组" if place.level == Level.VILLAGE else "村（社区）", "history": _picture(place, came, became),
        "events": events(place=place.pk), "recorded": _recorded(user, place), "books": _books(user, place),
    })  # fmt: skip


def _last_day(place: Division, today: date) -> date:
    return place.valid_to - timedelta(days=1) if place.valid_to else today


def _names(place: Division) -> list[Division]:
    """The rows of the same place under other names or codes, oldest first."""
    same = Division.objects.filter(root=place.root_pk) | Division.objects.filter(pk=place.root_pk)
    found = list(same.order_by("valid_from"))
    return found if len(found) > 1 else []


def _picture(place: Division, came: list[Step], became: list[Step]) -> FlowPicture | None:
    """What it came from at the left, the place itself and what it became at the right of it."""
    direct = [one for one in came if one.target.pk == place.pk]
    onward = [one for one in became if one.source.pk == place.pk]
    if not direct and not onward:
        return None
    if direct:
        left = {one.source.pk: one.source for one in direct}
        before = [_box(one, "ends" if one.valid_to else "stays") for one in left.values()]
        flows = [(one.source.pk, place.pk, said_share(one.whole, one.pop_share, one.land_share)) for one in direct]
        said = f"{place.name}由{'、'.join(one.name for one in left.values())}而来"
        return flow_picture(before, [_box(place, "stays")], flows, said=said)
    right = {one.target.pk: one.target for one in onward}
    after = [_box(one, "new") for one in right.values()]
    flows = [(place.pk, one.target.pk, said_share(one.whole, one.pop_share, one.land_share)) for one in onward]
    said = f"{place.name}并入{'、'.join(one.name for one in right.values())}"
    return flow_picture([_box(place, "ends" if place.valid_to else "stays")], after, flows, said=said)


def _box(place: Division, tone: str) -> Box:
    until = f"至{place.valid_to:%Y-%m-%d}" if place.valid_to else ""
    note = f"{place.code} {until}".strip()
    return Box(place.pk, place.name, note, tone, reverse("places:place", args=[place.pk]))


@dataclass(frozen=True)
class Recorded:
    label: str
    rows: int
    url: str


def _recorded(user: User, place: Division) -> list[Recorded]:
    """How much the ledgers that the user sees hold of this place and of what it was before."""
    rights, sums = rights_of(user), dict[str, tuple[str, int]]()
    for one in counts(sorted(below([place.pk]))):
        label, rows = sums.get(one.key, (one.label, 0))
        sums[one.key] = (label, rows + one.rows)
    found = []
    for code, (label, rows) in sums.items():
        ledger = runtime.ledgers().get(code)
        scope = rights.scope_in(ledger.realm) if ledger else None
        if ledger and scope and scope.read and scope.covers(place.pk):
            url = f"{reverse('ledgers:list', args=[code])}?{urlencode({'place': str(place.pk)})}"
            found.append(Recorded(label, rows, url))
    return sorted(found, key=lambda one: -one.rows)


@dataclass(frozen=True)
class Book:
    """The account of one former unit under its successor, in yuan. `debt` and `net` are its own: nobody else pays it."""

    owner: str
    assets: Decimal
    debt: Decimal
    net: Decimal


def _books(user: User, place: Division) -> list[Book]:
    codes = indicator_codes()
    if not all(code in codes and may_see(user, code) for code in ("as_by_owner", "as_net")):
        return []
    on = timezone.localdate()
    assets, net = (parts(code, as_of=on, place=place.pk) for code in ("as_by_owner", "as_net"))
    found = []
    for code, figure in net.items():
        if not figure.row_count:
            continue
        own = assets.get(code)
        total, left = Decimal(own.value or 0) if own else Decimal(0), Decimal(figure.value or 0)
        found.append(Book(code, total, total - left, left))
    return found
