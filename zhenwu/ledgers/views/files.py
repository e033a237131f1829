"""Files of rows: downloaded, and looked at without leaving the page."""

import uuid
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.filepreview import preview_of
from zhenwu.ledgers.files import content_of, files_of, is_image, path_of
from zhenwu.ledgers.models import StoredFile
from zhenwu.ledgers.views.access import crumbs, row_for, user_of
from zhenwu.lib.picturing import KINDS, PictureError, picture_of
from zhenwu.packs.runtime import Ledger

_WIDTHS = {"small": 480}  # twice the shown width, for sharp screens


@require_safe
def download(request: HttpRequest, code: str, row: uuid.UUID, digest: str) -> HttpResponseBase:
    """A file of a row that the user may see, in a field that the user may see; `?inline=1` shows a picture in the page."""
    ledger, scope, found = row_for(user_of(request), code, row)
    return file_answer(ledger, scope, found, digest, inline=request.GET.get("inline") == "1")


@require_safe
def preview(request: HttpRequest, code: str, row: uuid.UUID, digest: str) -> HttpResponse:
    """What stands in a file, as a page: nothing of the file itself reaches the browser but escaped text and a new picture."""
    ledger, scope, found = row_for(user_of(request), code, row)
    stored, name = _stored(ledger, scope, found, digest)
    shown = preview_of(_content(stored), stored.mime, name)
    context = crumbs(ledger) | {
        "title": "附件预览", "row": found, "preview": shown, "is_pdf": stored.mime == "application/pdf",
        "file": {"sha256": digest, "name": name, "size": stored.size},
    }  # fmt: skip
    response = render(request, "ledgers/file_preview.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def picture(request: HttpRequest, code: str, row: uuid.UUID, digest: str) -> HttpResponse:
    """A photo made smaller and without its hidden data, or the first page of a PDF; `?size=small` for a thumbnail."""
    ledger, scope, found = row_for(user_of(request), code, row)
    stored, _ = _stored(ledger, scope, found, digest)
    if stored.mime not in KINDS:
        raise Http404
    try:
        made = picture_of(_content(stored), stored.mime, width=_WIDTHS.get(request.GET.get("size", ""), 1200))
    except PictureError as problem:
        return _guarded(HttpResponse(str(problem), status=415, content_type="text/plain; charset=utf-8"))
    return _guarded(HttpResponse(made, content_type="image/jpeg"))


def _content(stored: StoredFile) -> bytes:
    return b"".join(content_of(stored.sha256))


def _stored(ledger: Ledger, scope: Scope, found: Any, digest: str) -> tuple[StoredFile, str]:
    """The file and its name in the row; 404 for one that stands in no field that this scope shows."""
    said = [one for one in files_of(ledger, scope, found) if one["sha256"] == digest]
    stored = StoredFile.objects.filter(sha256=digest).first()
    if not said or stored is None or not path_of(digest).is_file():
        raise Http404
    return stored, said[0]["name"]


_Answer = TypeVar("_Answer", bound=HttpResponseBase)


def _guarded(response: _Answer) -> _Answer:
    """Whatever the file holds, the browser runs nothing of it and keeps no copy."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def file_answer(ledger: Ledger, scope: Scope, found: Any, digest: str, *, inline: bool) -> StreamingHttpResponse:
    """The file as an answer; 404 for one that stands in no field that this scope shows."""
    return stored_answer(*_stored(ledger, scope, found, digest), inline=inline)


def stored_answer(stored: StoredFile, name: str, *, inline: bool) -> StreamingHttpResponse:
    """A stored file as an answer, under the name it has where it was asked for; only pictures are shown in the page."""
    inline = inline and is_image(stored.mime)
    response = StreamingHttpResponse(content_of(stored.sha256), content_type=stored.mime)
    response["Content-Length"] = stored.size
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "inline"
    return _guarded(response)
