"""What becomes of posts when their place ends: decided by the security administrator before the day or after it, carried
out with the event and undone with it. Until it is decided a post stays where it is: it gives what it gave, of the former
place, and nothing of the new one.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from zhenwu.accounts.actions import need
from zhenwu.accounts.appointing import Post, problems_of
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.heirs import PostAt, posts_of
from zhenwu.accounts.keeping import forget, hold, keep
from zhenwu.accounts.models import Appointment, Grant, PostChoice, PostDecision, Role, User
from zhenwu.changes.models import Change
from zhenwu.divisions import keeping as places
from zhenwu.divisions.following import Follower
from zhenwu.divisions.models import Division, Event
from zhenwu.divisions.projecting import Projection

_FEW = 4


@transaction.atomic
def decide(
    event: Event, posts: Collection[int], choice: str, *, by: User, today: date, toward: str = "", reason: str = ""
) -> int:
    """Of these posts (their numbers): carried to the successor called `toward`, ended, or decided later. In an event in effect
    it holds from `today` on. Returns how many. Raises AccountRefused with all problems; then nothing is decided."""
    need(by, Role.SECURITY)
    places.hold()
    hold()
    event.refresh_from_db()
    if event.is_closed:
        raise AccountRefused({"": f"“{event}”{event.get_state_display()}，不能再定任职的去向。"})
    waiting = {one.post.pk: one for one in posts_of(event).waiting}
    problems = {}
    if choice not in PostChoice.values:
        problems["choice"] = "请选择去向。"
    if not posts:
        problems["posts"] = "请勾选要定的任职。"
    if choice != PostChoice.LATER and not reason.strip():
        problems["reason"] = "请写明依据，如任免文件的文号。"
    chosen = [waiting[pk] for pk in posts if pk in waiting]
    told = [_refusal(one, choice, toward, event, by) for one in chosen]
    if len(chosen) < len(posts):
        told.append("有的任职已经办过，或不在原单位了，请刷新后再选。")
    if said := "".join(dict.fromkeys(filter(None, told))):
        problems["posts"] = said
    if problems:
        raise AccountRefused(problems)
    for one in chosen:
        decision = one.decision or PostDecision(event=event, post=one.post)
        act = "edit" if one.decision else "add"
        decision.choice, decision.by, decision.reason = choice, by, reason.strip()[:200]
        decision.toward = toward if choice == PostChoice.CARRY else ""
        decision.save()
        one.decision = decision
        words = f"{event}：{one.post.user}的任职“{one.post.named}”{one.said}"
        change = keep(decision, act, words, by=by, reason=decision.reason, about=one.post.user)
        if event.is_in_effect and not one.open:
            _carry_out(one, max(today, event.effective or today), by, change)
    return len(chosen)


def _refusal(one: PostAt, choice: str, toward: str, event: Event, by: User) -> str:
    who = f"{one.post.user}的任职“{one.post.named}”"
    if one.post.user_id == by.pk:
        return f"{who}是自己的，请由另一名安全管理员定。"
    if choice == PostChoice.CARRY and toward not in {heir.name for heir in one.heirs}:
        heirs = "、".join(heir.name for heir in one.heirs)
        return (
            f"{one.place.name}的去向是{heirs}，{who}不能到{toward or '别处'}。"
            if heirs
            else f"{one.place.name}撤销，{who}没有新单位可去。"
        )
    if choice == PostChoice.LATER and event.is_in_effect:
        return "事项已经生效，请定下去向。"
    return ""


def _unsettled(event: Event, made: Projection | None) -> Sequence[str]:
    found = posts_of(event, made)
    left = found.undecided if made else found.open
    if not left:
        return []
    names = "、".join(f"{one.post.user}（{one.post.named}）" for one in left[:_FEW]) + (
        "等" if len(left) > _FEW else ""
    )
    how = "请安全管理员先定，或写明生效以后再定" if made else "请安全管理员定下"
    return [f"还有{len(left)}个任职没有定去向：{names}。{how}。"]


def _follow(event: Event, change: Change, by: Any) -> None:
    hold()
    found = posts_of(event)
    for one in found.waiting:
        if one.open:
            continue
        if one.decision is None:
            one.decision = PostDecision(event=event, post=one.post, choice=PostChoice.CARRY, toward=one.heirs[0].name)
        _carry_out(one, found.on or change.at.date(), by, change)


def _carry_out(one: PostAt, on: date, by: Any, change: Change) -> None:
    """End the post the day before and begin the one after it, with the end it had."""
    post, decision, to = one.post, one.decision, one.toward
    assert decision is not None
    on = max(on, post.valid_from)
    decision.done_on, decision.was_until = on, post.valid_to
    post.valid_to = on
    post.save(update_fields=["valid_to"])
    words = f"{post.user}的任职“{post.named}”随“{decision.event}”"
    keep(post, "end", f"{words}自{on:%Y-%m-%d}起结束", by=by, about=post.user, change=change)
    if to is not None and not _holds(post, to, on):
        made = Appointment.objects.create(
            user=post.user, unit=post.unit, role=post.role, division=to, valid_from=on, valid_to=decision.was_until
        )
        keep(made, "add", f"{words}自{on:%Y-%m-%d}起转为{made.named}", by=by, about=post.user, change=change)
        decision.made = made
    act = "add" if decision._state.adding else "done"
    decision.save()
    keep(decision, act, f"{words}办完", by=by, about=post.user, change=change)


def _holds(post: Appointment, to: Division, on: date) -> bool:
    """Whether the same post at that place is held already: somebody held it in both former places."""
    same = Appointment.objects.filter(user=post.user, unit=post.unit, role=post.role, division=to, valid_from__lte=on)
    return same.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=post.valid_to or date.max)).exists()


def _in_the_way(event: Event) -> Sequence[str]:
    born = event.born.all()
    done = list(PostDecision.objects.filter(event=event, done_on__isnull=False).select_related("post__user", "made"))
    own = [one.made_id for one in done if one.made_id]
    found = []
    for model, label in ((Appointment, "任职"), (Grant, "授权")):
        rows = model._default_manager.filter(division__in=born)
        count = (rows.exclude(pk__in=own) if model is Appointment else rows).count()
        if count:
            found.append(f"{label}有{count}条已登记在它设立的单位。")
    for one in done:
        post, until = one.post, _end_again(one)
        if until is not None and until <= one.done_on:  # type: ignore[operator]  # done
            continue
        held = problems_of(post.user, Post(post.role, post.unit, post.division), one.done_on, until, but={one.made_id})  # type: ignore[arg-type]
        found += [words for field, words in held if field in ("role", "since")]
    return found


def _end_again(one: PostDecision) -> date | None:
    """The end of the post once more in force: the one it had, or that of the post after it when somebody has ended that."""
    if one.made is not None and one.made.valid_to != one.was_until:
        return one.made.valid_to
    return one.was_until


def _take_back(event: Event, change: Change) -> None:
    hold()
    by = change.author
    for one in PostDecision.objects.filter(event=event, done_on__isnull=False).select_related(
        "post__user", "made__user"
    ):
        post, made, until = one.post, one.made, _end_again(one)
        words = f"撤销“{event}”：{post.user}的任职“{post.named}”"
        post.valid_to = until
        post.save(update_fields=["valid_to"])
        keep(post, "reopened", f"{words}恢复", by=by, about=post.user, change=change)
        one.done_on = one.was_until = one.made = None
        one.save()
        if one.by_id is None:
            forget(one, words, by=by, about=post.user, change=change)
        else:
            keep(one, "reopened", words, by=by, about=post.user, change=change)
        if made is not None:
            for other in PostDecision.objects.filter(post=made):  # of plans given up
                forget(other, words, by=by, about=post.user, change=change)
            forget(made, f"{words}随来的{made.named}取消", by=by, about=post.user, change=change)


FOLLOWER = Follower(frozenset({"appointment", "grant"}), _unsettled, _follow, _in_the_way, _take_back)
