"""What every view of the room starts with. What is not yours does not exist: 404, also for guessed ids."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import LINE_LABELS


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    return request.user


def ledger_for(user: User, code: str) -> tuple[Ledger, Scope]:
    if code not in runtime.ledgers():
        runtime.ensure_current()  # it may have come with packs that this worker does not run yet
        raise Http404
    ledger = runtime.ledger(code)
    scope = scope_in(user, ledger)
    if not scope.read:
        raise Http404
    return ledger, scope


def row_for(user: User, code: str, row: uuid.UUID, *related: str) -> tuple[Ledger, Scope, Any]:
    """The row, voided ones too; `related` are links to fetch with it."""
    ledger, scope = ledger_for(user, code)
    rows = rows_in(ledger, scope, voided=True).select_related("division", "created_by", "changed_by", *related)
    found = rows.filter(pk=row).first()
    if found is None:
        raise Http404
    return ledger, scope, found


def crumbs(ledger: Ledger) -> dict[str, Any]:
    has_map = any(kind.widget == "geo" for kind in ledger.types.values())
    return {
        "ledger": ledger, "line": LINE_LABELS[ledger.spec.line], "line_code": ledger.spec.line, "has_map": has_map,
    }  # fmt: skip
