"""The audit administrator's pages: the audit log with its filters, as a file, and who changed how much where."""

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.auditing import LogQuery, entries, export_log
from zhenwu.accounts.catalogue import labels
from zhenwu.accounts.models import Role
from zhenwu.accounts.views.access import for_roles, user_of
from zhenwu.changes.models import Change, Watched
from zhenwu.lib.sheets import XLSX

_SIZE = 50
_OWN = {
    "user": "账号",
    "unit": "站所",
    "appointment": "任职",
    "grant": "授权",
    "division": "区划",
    "delegation": "代办",
    "report": "报告",
}
_TYPES = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}


@require_safe
@for_roles(Role.AUDITOR)
def log(request: HttpRequest) -> HttpResponse:
    query = LogQuery.from_params(request.GET)
    found = entries(query)
    if (said := _before(request)) is not None:
        found = found.filter(seq__lt=said)
    page = list(found[: _SIZE + 1])
    names = labels()
    return render(request, "accounts/log.html", {
        "title": "审计日志", "query": query, "kinds": Watched.choices, "ledgers": names.items(), "tab": "log",
        "rows": [(one, names.get(one.ledger, one.ledger)) for one in page[:_SIZE]], "plain": not query.params(),
        "older": f"?{urlencode(query.params() | {'before': page[_SIZE - 1].seq})}" if len(page) > _SIZE else "",
        "export_query": urlencode(query.params()),
    })  # fmt: skip


@require_safe
@for_roles(Role.AUDITOR)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    if kind not in _TYPES:
        raise Http404
    with tempfile.TemporaryDirectory(prefix="zhenwu-audit-") as folder:
        path = Path(folder) / f"audit.{kind}"
        export_log(path, LogQuery.from_params(request.GET), by=user_of(request))
        file = path.open("rb")  # stays readable after the folder is gone
    response = FileResponse(file, as_attachment=True)
    response["Content-Type"] = _TYPES[kind]
    name = f"审计日志_{timezone.localdate():%Y%m%d}.{kind}"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@require_safe
@for_roles(Role.AUDITOR)
def changes(request: HttpRequest) -> HttpResponse:
    """Every change of every ledger: who, when, why, how many rows. What the rows say is not shown."""
    found = Change.objects.select_related("author", "stands_for").order_by("-pk")
    ledger = request.GET.get("ledger", "")[:60]
    names = labels() | _OWN
    if ledger in names:
        found = found.filter(ledgers__has_key=ledger)
    if (said := _before(request)) is not None:
        found = found.filter(pk__lt=said)
    page = list(found[: _SIZE + 1])
    more = {"ledger": ledger} if ledger in names else {}
    return render(request, "accounts/changes.html", {
        "title": "变更记录", "tab": "changes", "ledgers": names.items(), "ledger": ledger,
        "rows": [(one, _touched(one, names)) for one in page[:_SIZE]],
        "older": f"?{urlencode(more | {'before': page[_SIZE - 1].pk})}" if len(page) > _SIZE else "",
    })  # fmt: skip


def _touched(one: Change, names: dict[str, str]) -> str:
    return "、".join(f"{names.get(code, code)}{count}行" for code, count in one.ledgers.items())


def _before(request: HttpRequest) -> int | None:
    said: Any = request.GET.get("before", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else None
