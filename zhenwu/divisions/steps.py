"""The steps of an event beside taking effect: votes, approval, hand-over, filing, dropping."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.following import counts, followers, unsettled
from zhenwu.divisions.judging import paper_problems, plan_problems, risk_problems, vote_problems, voting_places
from zhenwu.divisions.keeping import hold, keep_event, start_change
from zhenwu.divisions.lineage import Lineage
from zhenwu.divisions.models import Division, Event, EventState, Vote
from zhenwu.divisions.models.events import CLOSED, PaperKind
from zhenwu.divisions.queries import lineage

_OPEN = frozenset(EventState) - {*CLOSED}


@transaction.atomic
def record_vote(
    event: Event, place: Division, *, form: str, held_on: date, entitled: int, present: int, yes: int, by: Any
) -> None:
    """How the people of one source unit decided; replaces what was recorded before. A vote that failed may be recorded:
    it only keeps the event from going on."""
    _hold(event, (EventState.DRAFT,), "登记民主程序")
    problems = []
    if place.pk not in {one.pk for one in voting_places(event)}:
        problems.append(f"{place.name}不是这件事的原单元，不用表决。")
    if not 0 <= yes <= present <= entitled:
        problems.append(f"{place.name}的人数不对：应到{entitled}、实到{present}、同意{yes}，应该依次不增。")
    if problems:
        raise DivisionRefused(problems)
    said = {"form": form, "held_on": held_on, "entitled": entitled, "present": present, "yes": yes}
    Vote.objects.update_or_create(event=event, place=place, defaults=said)
    keep_event(start_change(by, f"登记民主程序：{event.title}"), event, "vote")


@transaction.atomic
def pass_vote(event: Event, *, by: Any) -> None:
    """To “voted”: every unit concerned has met and agreed, and the plan can be carried out."""
    _hold(event, (EventState.DRAFT,), "确认表决通过")
    _refuse(problem.message for problem in [*vote_problems(event), *plan_problems(event)] if problem.severity == "red")
    _go(event, EventState.VOTED, by, "表决通过")


@transaction.atomic
def approve(
    event: Event, *, organ: str, document: str, approved_on: date, by: Any, effective: date | None = None
) -> None:
    """To “approved”, by the document of the county (or of whom the law names)."""
    _hold(event, (EventState.VOTED,), "登记批复")
    event.approval_organ, event.approval, event.approved_on = organ.strip(), document.strip(), approved_on
    if effective is not None:
        event.effective = effective
    _refuse(
        problem.message
        for problem in [
            *vote_problems(event), *paper_problems(event), *risk_problems(event), *plan_problems(event)
        ]
        if problem.severity == "red"
    )  # fmt: skip
    _go(event, EventState.APPROVED, by, "已批复")


@transaction.atomic
def attach(event: Event, kind: str, papers: Sequence[dict[str, Any]], *, by: Any) -> None:
    """Papers of the event, as rooms above have stored them; until it is filed."""
    _hold(event, _OPEN, "添加附件")
    if kind not in PaperKind.values:
        raise DivisionRefused("请选择附件是什么材料。")
    known = {one["sha256"] for one in event.papers}
    event.papers = [*event.papers, *({"kind": kind} | one for one in papers if one["sha256"] not in known)]
    event.save(update_fields=["papers"])
    keep_event(start_change(by, f"添加附件：{event.title}"), event, "attached")


@transaction.atomic
def detach(event: Event, digest: str, *, by: Any) -> None:
    """Take a paper off that was attached by mistake; history keeps it."""
    _hold(event, _OPEN, "移除附件")
    event.papers = [one for one in event.papers if one["sha256"] != digest]
    event.save(update_fields=["papers"])
    keep_event(start_change(by, f"移除附件：{event.title}"), event, "detached")


@transaction.atomic
def hand_over(event: Event, *, on: date, by: Any, seal_on: date | None = None) -> None:
    """To “handed over”: seals, files and accounts are with the successors. Refused while persons or households of a divided
    unit have no successor (待指认), or posts at a unit that is no more are undecided."""
    _hold(event, (EventState.EFFECTIVE,), "登记交接")
    event.handed_over_on = on
    event.seal_on = seal_on or event.seal_on
    _refuse(
        [*open_rows(event), *unsettled(event), *(one.message for one in paper_problems(event) if one.severity == "red")]
    )
    _go(event, EventState.HANDED_OVER, by, "交接完成")


@transaction.atomic
def archive(event: Event, *, on: date, by: Any) -> None:
    _hold(event, (EventState.HANDED_OVER,), "归档")
    event.archived_on = on
    _refuse(one.message for one in paper_problems(event) if one.severity == "red")
    _go(event, EventState.ARCHIVED, by, "归档")


@transaction.atomic
def drop(event: Event, *, reason: str, by: Any) -> None:
    """Give an event up that is not in effect (the vote failed, the county refused)."""
    _hold(event, (EventState.DRAFT, EventState.VOTED, EventState.APPROVED), "终止")
    if not reason.strip():
        raise DivisionRefused("请写明终止的原因。")
    event.note = f"{event.note}\n终止：{reason.strip()}".strip()
    _go(event, EventState.DROPPED, by, f"终止：{reason.strip()}")


def papers_named(files: set[str]) -> set[str]:
    """Those of these stored files that are papers of an event."""
    said = Event.objects.exclude(papers=[]).values_list("papers", flat=True)
    return files & {one["sha256"] for papers in said for one in papers}


def open_rows(event: Event) -> list[str]:
    """DE6: what is registered at a unit that the event ended and has no single successor."""
    on = event.effective
    if on is None:
        return []
    known: Lineage[Any] = lineage()
    lost = [one for one in event.ended.all() if known.successor(one.pk, on) is None]
    names = {one.pk: one.name for one in lost}
    settled = frozenset().union(*(one.kinds for one in followers()))  # they say themselves what is not (`unsettled`)
    return [
        f"{one.label}有{one.rows}条仍挂在{names[one.place]}，要逐条指认去向。"
        for one in counts(list(names))
        if one.standing and one.rows and one.key not in settled
    ]


def _hold(event: Event, states: Collection[str], act: str) -> None:
    hold()
    event.refresh_from_db()
    if event.state not in states:
        raise DivisionRefused(f"“{event.title}”{event.get_state_display()}，现在不能{act}。")


def _refuse(problems: Iterable[str]) -> None:
    if found := list(problems):
        raise DivisionRefused(found)


def _go(event: Event, state: EventState, by: Any, words: str) -> None:
    event.state = state
    event.save()
    keep_event(start_change(by, f"{words}：{event.title}"), event, str(state))
