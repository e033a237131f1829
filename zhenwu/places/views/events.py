"""All reorganisations, and one with what it moves, how far it has come and what can be done next."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.heirs import posts_of
from zhenwu.divisions.effect import what_builds_on
from zhenwu.divisions.following import Count
from zhenwu.divisions.judging import needs_vote, vote_problems, voting_places
from zhenwu.divisions.models import Division, Event, EventState, VoteForm
from zhenwu.divisions.models.events import PaperKind
from zhenwu.divisions.previewing import Preview, preview
from zhenwu.divisions.queries import events
from zhenwu.divisions.steps import open_rows
from zhenwu.ledgers.files import ACCEPT
from zhenwu.lib.paging import Pager
from zhenwu.places.access import may_decide, may_draft, may_see_posts, reader
from zhenwu.places.pictures import Box, FlowPicture, flow_picture, said_share
from zhenwu.places.views.papers import may_attach, papers_of

_STEPS = (
    EventState.DRAFT, EventState.VOTED, EventState.APPROVED, EventState.EFFECTIVE, EventState.HANDED_OVER, EventState.ARCHIVED,
)  # fmt: skip
_BEFORE_EFFECT = (EventState.DRAFT, EventState.VOTED, EventState.APPROVED)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    found = events()
    if state := request.GET.get("state", ""):
        found = found.filter(state=state)
    pager = Pager.of(request.GET, found.count(), size=30)
    return render(request, "places/events.html", {
        "title": "区划调整", "events": found[pager.start : pager.stop], "pager": pager, "may_draft": may_draft(user),
        "states": EventState.choices, "state": state,
    })  # fmt: skip


@require_safe
def show(request: HttpRequest, event: Any) -> HttpResponse:
    user = reader(request)
    stored = get_object_or_404(Event, pk=event)
    seen = preview(stored) if stored.state in _BEFORE_EFFECT else None
    refused = (
        [one for one in seen.refused if stored.state != EventState.DRAFT or one.code not in ("DE4", "DE8")]
        if seen
        else []
    )
    drafts, decides = may_draft(user), may_decide(user)
    blocked = what_builds_on(stored) if stored.state == EventState.EFFECTIVE and decides else []
    return render(request, "places/event.html", {
        "title": stored.title, "event": stored, "bar": _bar(stored), "preview": seen,
        "refused": refused, "renumbered": [one for one in seen.to_look_at if one.code == "DX6"] if seen else [],
        "to_look_at": [one for one in seen.to_look_at if one.code != "DX6"] if seen else [],
        "picture": _planned(seen) if seen else _done(stored), "votes": _votes(stored) if needs_vote(stored) else [],
        "vote_problems": vote_problems(stored) if stored.state == EventState.DRAFT else [],
        "forms": VoteForm.choices, "drafts": drafts, "decides": decides, "blocked": blocked,
        "today": timezone.localdate(), "is_due": bool(stored.effective and stored.effective <= timezone.localdate()),
        "posts": posts_of(stored) if may_see_posts(user) and stored.state != EventState.DROPPED else None,
        "papers": papers_of(user, stored), "paper_kinds": PaperKind.choices, "accept": ACCEPT,
        "may_attach": may_attach(user, stored),
        "open_rows": open_rows(stored) if stored.state == EventState.EFFECTIVE else [],
        "edges": stored.edges.select_related("source", "target").order_by("source__code", "target__code"),
    })  # fmt: skip


def _bar(event: Event) -> list[dict[str, Any]]:
    """The steps of an event, and how far it has come."""
    if event.state == EventState.DROPPED:
        return [{"label": EventState.DROPPED.label, "now": True, "done": False}]
    at = _STEPS.index(EventState(event.state))
    return [{"label": one.label, "done": number < at, "now": number == at} for number, one in enumerate(_STEPS)]


def _votes(event: Event) -> list[dict[str, Any]]:
    known = {one.place_id: one for one in event.votes.all()}
    return [{"place": one, "vote": known.get(one.pk)} for one in voting_places(event)]


def _planned(seen: Preview) -> FlowPicture | None:
    if not seen.units and not seen.after:
        return None
    before = [_box(one.place, "ends" if one.ends else "stays", _standing(one.has)) for one in seen.units]
    known = {one.place.pk for one in seen.units}
    after = [
        _box(one, "stays" if one.pk in known else "new", "现有单位" if one.pk in known else "新设")
        for one in seen.after
    ]
    flows = [
        (one.place.pk, to.target.pk, said_share(to.whole, to.pop_share, to.land_share))
        for one in seen.units
        for to in one.goes
    ]
    flows += [(one.place.pk, one.place.pk, "保留部分" if one.goes else "") for one in seen.units if not one.ends]
    return flow_picture(before, after, flows, said=_said(before, after))


def _done(event: Event) -> FlowPicture | None:
    edges = [one for one in event.edges.select_related("source", "target") if one.source.level == one.target.level]
    top = [one for one in edges if one.source.level == "village"] or edges
    if not top:
        return None
    left = {one.source.pk: one.source for one in top}
    right = {one.target.pk: one.target for one in top} | {
        pk: one for pk, one in left.items() if one.end_event_id != event.pk
    }
    before = [_box(one, "ends" if one.end_event_id == event.pk else "stays", one.code) for one in left.values()]
    after = [_box(one, "new" if one.born_event_id == event.pk else "stays", one.code) for one in right.values()]
    flows = [(one.source.pk, one.target.pk, said_share(one.whole, one.pop_share, one.land_share)) for one in top]
    flows += [(pk, pk, "保留部分") for pk, one in left.items() if one.end_event_id != event.pk]
    return flow_picture(before, after, flows, said=_said(before, after))


def _standing(has: Sequence[Count]) -> str:
    """Who lives in a unit, by the register."""
    rows = {one.key: one.rows for one in has}
    return "，".join(f"{label}{rows[key]}" for key, label in (("household", "户"), ("person", "人口")) if rows.get(key))


def _box(place: Division, tone: str, note: str) -> Box:
    url = reverse("places:place", args=[place.pk]) if not place._state.adding else ""
    return Box(place.pk, place.name, note, tone, url)


def _said(before: list[Box], after: list[Box]) -> str:
    return f"调整前：{'、'.join(one.name for one in before) or '无'}；调整后：{'、'.join(one.name for one in after) or '无'}。"
