"""The posts at the places that an event ends: what becomes of each. Whoever plans or decides the event looks; the security
administrator, who gives all rights, decides."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhenwu.accounts.delegation import is_security
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.heirs import PostsOf, posts_of
from zhenwu.accounts.models import PostChoice
from zhenwu.accounts.scope import rights_of
from zhenwu.accounts.succession import decide
from zhenwu.accounts.views.access import user_of
from zhenwu.divisions.models import Event
from zhenwu.places.access import may_see_posts


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, event: Any) -> HttpResponse:
    user = user_of(request)
    if not may_see_posts(user):
        raise Http404
    decides = is_security(user)
    stored = get_object_or_404(Event, pk=event)
    said: dict[str, Any] = {"posts": [], "to": "", "reason": ""}
    problems: dict[str, str] = {}
    if request.method == "POST":
        if not decides:
            raise Http404
        said = {name: request.POST.get(name, "").strip()[:200] for name in ("to", "reason")}
        said["posts"] = [pk for pk in request.POST.getlist("posts") if pk.isascii() and pk.isdigit()]
        choice, _, toward = said["to"].partition(":")
        try:
            count = decide(
                stored, [int(pk) for pk in said["posts"]], choice, toward=toward, reason=said["reason"], by=user,
                today=timezone.localdate(),
            )  # fmt: skip
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, f"已定{count}个任职的去向。")
            return redirect("places:posts", stored.pk)
    found = posts_of(stored)
    response = render(request, "places/posts.html", {
        "title": "任职去向", "event": stored, "found": found, "rows": [(one, str(one.post.pk) in said["posts"]) for one in found.waiting],
        "may_decide": decides and not stored.is_closed and bool(found.waiting), "choices": _choices(stored, found),
        "said": said, "problems": problems, "sees_event": rights_of(user).works,
    }, status=422 if problems else 200)  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response


def _choices(event: Event, found: PostsOf) -> list[tuple[str, str]]:
    heirs = dict.fromkeys(heir.name for one in found.waiting for heir in one.heirs)
    choices = [(f"{PostChoice.CARRY}:{name}", f"随到{name}") for name in heirs]
    choices.append((PostChoice.END.value, "到那天结束"))
    if not event.is_in_effect:
        choices.append((PostChoice.LATER.value, "生效以后再定"))
    return choices
