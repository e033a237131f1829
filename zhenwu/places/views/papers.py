"""The papers of an event: the risk assessment, minutes, notices, the approval. Whoever plans or decides it adds and reads them."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.divisions import steps
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.models import Event
from zhenwu.divisions.models.events import PaperKind
from zhenwu.ledgers.files import FileRefused, path_of, store
from zhenwu.ledgers.models import StoredFile
from zhenwu.ledgers.views.files import stored_answer
from zhenwu.places.access import may_see_papers, reader


@require_POST
def add(request: HttpRequest, event: Any) -> HttpResponse:
    user, stored = _user(request), get_object_or_404(Event, pk=event)
    uploads = request.FILES.getlist("files")
    try:
        if not uploads:
            raise DivisionRefused("请先选择要上传的文件。")
        with transaction.atomic():
            files = [store(one, by=user) for one in uploads]
            steps.attach(stored, request.POST.get("kind", ""), files, by=user)
    except (FileRefused, DivisionRefused) as refused:
        messages.error(request, str(refused).lstrip("："))
    else:
        messages.success(request, f"已添加{len(files)}个附件。")
    return redirect(f"{reverse('places:event', args=[stored.pk])}#papers")


@require_safe
def download(request: HttpRequest, event: Any, digest: str) -> HttpResponseBase:
    _user(request)
    stored = get_object_or_404(Event, pk=event)
    said = next((one for one in stored.papers if one["sha256"] == digest), None)
    file = StoredFile.objects.filter(sha256=digest).first()
    if said is None or file is None or not path_of(digest).is_file():
        raise Http404
    return stored_answer(file, said["name"], inline=False)


@require_POST
def remove(request: HttpRequest, event: Any, digest: str) -> HttpResponse:
    user, stored = _user(request), get_object_or_404(Event, pk=event)
    if digest not in {one["sha256"] for one in stored.papers}:
        raise Http404
    try:
        steps.detach(stored, digest, by=user)
    except DivisionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已移除附件。")
    return redirect(f"{reverse('places:event', args=[stored.pk])}#papers")


def may_attach(user: User, event: Event) -> bool:
    return may_see_papers(user) and not event.is_closed


def papers_of(user: User, event: Event) -> list[dict[str, Any]]:
    """As the page of the event shows them; none for who may not read them."""
    if not may_see_papers(user):
        return []
    return [one | {"label": PaperKind(one["kind"]).label} for one in event.papers]


def _user(request: HttpRequest) -> User:
    user = reader(request)
    if not may_see_papers(user):
        raise Http404
    return user
