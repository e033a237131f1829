import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.files import content_of, files_of, is_image, path_of
from zhenwu.ledgers.models import StoredFile
from zhenwu.ledgers.views.access import row_for, user_of
from zhenwu.packs.runtime import Ledger


@require_safe
def download(request: HttpRequest, code: str, row: uuid.UUID, digest: str) -> HttpResponseBase:
    """A file of a row that the user may see, in a field that the user may see; `?inline=1` shows a picture in the page."""
    ledger, scope, found = row_for(user_of(request), code, row)
    return file_answer(ledger, scope, found, digest, inline=request.GET.get("inline") == "1")


def file_answer(ledger: Ledger, scope: Scope, found: Any, digest: str, *, inline: bool) -> StreamingHttpResponse:
    """The file as an answer; 404 for one that stands in no field that this scope shows."""
    said = [one for one in files_of(ledger, scope, found) if one["sha256"] == digest]
    stored = StoredFile.objects.filter(sha256=digest).first()
    if not said or stored is None or not path_of(digest).is_file():
        raise Http404
    inline = inline and is_image(stored.mime)
    response = StreamingHttpResponse(content_of(digest), content_type=stored.mime)
    response["Content-Length"] = stored.size
    response["Content-Disposition"] = content_disposition_header(not inline, said[0]["name"]) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
