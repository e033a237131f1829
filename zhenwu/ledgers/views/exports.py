import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.throttle import limited
from zhenwu.ledgers.errors import ApprovalNeeded, LedgerError
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.importing.template import write_template
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.publishing import publish
from zhenwu.ledgers.views.access import ledger_for, user_of
from zhenwu.lib.sheets import XLSX

TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}


@require_safe
@limited("export")
def export_view(request: HttpRequest, code: str, kind: str) -> HttpResponseBase:
    """The filtered list as a file. Written to disk row by row, sent from there, gone when sent."""
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    if kind not in TYPES:
        raise Http404
    query = ListQuery.from_params(ledger, scope, request.GET)
    name = f"{ledger.label}_{timezone.localdate():%Y%m%d}.{kind}"
    open_only = request.GET.get("open") == "1"
    try:
        return _written(lambda path: export(ledger, user, path, query, open_only=open_only), name, TYPES[kind])
    except ApprovalNeeded:
        asked = QueryDict(query.url().removeprefix("?"), mutable=True)
        asked["kind"] = kind
        return redirect(f"{reverse('ledgers:export_ask', args=[code])}?{asked.urlencode()}")


@require_safe
@limited("export")
def public_view(request: HttpRequest, code: str) -> HttpResponseBase:
    """The filtered list as a public notice; a ledger without public fields says so."""
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    query = ListQuery.from_params(ledger, scope, request.GET)
    name = f"{ledger.label}公示表_{timezone.localdate():%Y%m%d}.xlsx"
    return _written(lambda path: publish(ledger, user, path, query), name, XLSX)


def _written(write: Callable[[Path], Any], name: str, mime: str) -> HttpResponseBase:
    with tempfile.TemporaryDirectory(prefix="zhenwu-export-") as folder:
        path = Path(folder) / f"export{Path(name).suffix}"
        try:
            write(path)
        except ApprovalNeeded:
            raise
        except LedgerError as problem:
            return HttpResponse(str(problem), status=422, content_type="text/plain; charset=utf-8")
        file = path.open("rb")  # stays readable after the folder is gone
    return sent(file, name, mime)


@require_safe
def template(request: HttpRequest, code: str) -> HttpResponseBase:
    ledger, scope = ledger_for(user_of(request), code)
    if not scope.enter:
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it
    write_template(ledger, scope, file, today=timezone.localdate())
    file.seek(0)
    return sent(file, f"{ledger.label}_空白表.xlsx", XLSX)


def sent(file: object, name: str, mime: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = mime
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
