"""A person's copy of what is held about them: the purpose is asked, then the file is sent."""

import tempfile
import uuid

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from zhenwu.accounts.watching import address_of
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.personcopy import may_copy, write_copy
from zhenwu.ledgers.queries import name_of
from zhenwu.ledgers.views.access import crumbs, row_for, user_of
from zhenwu.ledgers.views.exports import sent
from zhenwu.lib.sheets import XLSX


@require_http_methods(["GET", "HEAD", "POST"])
def person_copy(request: HttpRequest, code: str, row: uuid.UUID) -> HttpResponseBase:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    if not may_copy(ledger, scope, found):
        raise Http404
    problem = ""
    if request.method == "POST":
        file = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it
        try:
            purpose = request.POST.get("purpose", "")
            write_copy(ledger, found, file, by=user, purpose=purpose, address=address_of(request))
        except LedgerError as refused:
            file.close()
            problem = str(refused)
        else:
            file.seek(0)
            return sent(file, f"本人信息副本_{found.no}.xlsx", XLSX)
    said = {"title": "本人信息副本", "row": found, "name": name_of(ledger, found), "problem": problem}
    response = render(request, "ledgers/person_copy.html", crumbs(ledger) | said, status=422 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response
