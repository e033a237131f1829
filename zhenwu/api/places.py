"""Places through time, read only: what is in force on a day, where a place came from and went, the events. Everybody who may
call may read them, as everybody who logs in sees the names of places; the posts that an event concerns only who sees its page
of posts."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from zhenwu.accounts.heirs import PostAt, posts_of
from zhenwu.accounts.models import Appointment
from zhenwu.api.access import caller_of
from zhenwu.api.common import documented
from zhenwu.api.errors import Problem, Refusal
from zhenwu.divisions import queries
from zhenwu.divisions.models import Division, Event
from zhenwu.places.access import may_see_posts

router = Router(tags=["区划"])
_ON = {
    "in": "query", "name": "on", "required": False, "schema": {"type": "string", "format": "date"},
    "description": "哪一天的区划；不写为今天",
}  # fmt: skip


@router.get(
    "/divisions", operation_id="divisions", summary="某一天的区划：县、乡镇、村（社区）、组",
    openapi_extra=documented("Divisions", _ON),
)  # fmt: skip
def divisions(request: HttpRequest) -> HttpResponse:
    caller_of(request)
    on = _day(request)
    return JsonResponse(
        {"on": on.isoformat(), "divisions": [_place(one) for one in queries.in_force(on).order_by("code")]}
    )


@router.get(
    "/divisions/{uuid:division}", operation_id="division", summary="一个单元的沿革，和它在某一天是哪里",
    openapi_extra=documented("Division", _ON),
)  # fmt: skip
def division(request: HttpRequest, division: uuid.UUID) -> HttpResponse:
    caller_of(request)
    on = _day(request)
    place = Division.objects.filter(pk=division).first()
    if place is None:
        raise Http404
    found = queries.place_as(place.pk, on)
    now = queries.lineage().successor(place.pk, on)
    return JsonResponse(_place(place) | {
        "on": on.isoformat(), "now": str(now) if now else None, "rows_count_at": str(found.place) if found.place else None,
        "among": [
            {"id": str(one), "share": _share(found.shares.get(one))} for one in sorted(found.among)
        ],
        "came_from": [_step(one) for one in queries.history_of(place.pk)],
        "became": [_step(one) for one in queries.future_of(place.pk)],
    })  # fmt: skip


@router.get(
    "/division-events",
    operation_id="division_events",
    summary="区划调整事项",
    openapi_extra=documented("DivisionEvents"),
)
def events(request: HttpRequest) -> HttpResponse:
    caller_of(request)
    return JsonResponse({"events": [_event(one) for one in queries.events()]})


@router.get(
    "/division-events/{uuid:event}/posts", operation_id="division_event_posts", summary="原单位的任职和它们的去向",
    openapi_extra=documented("EventPosts"),
)  # fmt: skip
def posts(request: HttpRequest, event: uuid.UUID) -> HttpResponse:
    user = caller_of(request).user
    found = Event.objects.filter(pk=event).first() if may_see_posts(user) else None
    if found is None:
        raise Http404
    seen = posts_of(found)
    done = [
        _post(one.post) | {
            "heirs": [], "choice": one.choice, "toward": one.toward or None, "open": False, "reason": one.reason,
            "done_on": one.done_on.isoformat() if one.done_on else None,
        }
        for one in seen.done
    ]  # fmt: skip
    return JsonResponse({"posts": [*(_waiting(one) for one in seen.waiting), *done]})


def _waiting(one: PostAt) -> dict[str, Any]:
    decision = one.decision
    return _post(one.post) | {
        "heirs": [heir.name for heir in one.heirs], "choice": str(decision.choice) if decision else None,
        "toward": one.toward.name if one.toward else None, "open": one.open, "reason": decision.reason if decision else "",
        "done_on": None,
    }  # fmt: skip


def _post(one: Appointment) -> dict[str, Any]:
    return {
        "post": one.pk, "user": str(one.user), "role": one.role, "unit": one.unit.label if one.unit else None,
        "division": str(one.division_id), "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
    }  # fmt: skip


def _place(one: Division) -> dict[str, Any]:
    return {
        "id": str(one.pk), "code": one.code, "name": one.name, "full_name": one.full_name, "level": one.level,
        "class": one.cls, "urban_rural": one.urban_rural, "parent": str(one.parent_id) if one.parent_id else None,
        "root": str(one.root_pk), "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
    }  # fmt: skip


def _step(one: queries.Step) -> dict[str, Any]:
    return {
        "event": str(one.event.pk), "title": one.event.title, "on": one.event.effective.isoformat() if one.event.effective else None,
        "from": str(one.source.pk), "from_name": one.source.name, "to": str(one.target.pk), "to_name": one.target.name,
        "whole": one.whole, "pop_share": _share(one.pop_share), "land_share": _share(one.land_share),
    }  # fmt: skip


def _event(one: Event) -> dict[str, Any]:
    return {
        "id": str(one.pk), "kind": one.kind, "title": one.title, "state": one.state,
        "effective": one.effective.isoformat() if one.effective else None, "order": one.order, "approval": one.approval,
    }  # fmt: skip


def _share(share: Decimal | None) -> str | None:
    return None if share is None else format(share, "f")


def _day(request: HttpRequest) -> date:
    """The day asked for; a parameter of another name, said twice, or that is no day is refused."""
    said = request.GET.getlist("on")
    if not said and not request.GET:
        return timezone.localdate()
    unknown = next((name for name in request.GET if name != "on"), "")
    if unknown or len(said) != 1:
        words = f"没有“{unknown[:60]}”这个参数。" if unknown else "on 只能写一次。"
        raise Refusal(400, words, [Problem(words, unknown or "on")])
    try:
        return date.fromisoformat(said[0] if len(said[0]) == 10 else "")
    except ValueError:
        words = f"on 填的是“{said[0][:30]}”：请写成 2020-06-01 这样。"
        raise Refusal(422, words, [Problem(words, "on")]) from None
