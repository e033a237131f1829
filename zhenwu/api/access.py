"""Who calls, and what of it: the token, its user's rights, and how often. What is not the caller's does not exist."""

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.accounts.throttle import seconds_to_wait
from zhenwu.api.errors import Refusal
from zhenwu.api.models import Token
from zhenwu.api.tokens import token_for
from zhenwu.ledgers.queries import ledgers_for, rows_in, scope_in
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger


@dataclass(frozen=True)
class Reader:
    """A person's rights, narrowed to some ledgers (none named: all of them)."""

    user: User
    codes: tuple[str, ...] = ()

    def ledger(self, code: str) -> tuple[Ledger, Scope]:
        if code not in runtime.ledgers() or not self.within(code):
            raise Http404
        ledger = runtime.ledger(code)
        scope = scope_in(self.user, ledger)
        if not scope.read:
            raise Http404
        return ledger, scope

    def ledgers(self) -> Iterator[tuple[Ledger, Scope]]:
        return ((ledger, scope) for ledger, scope in ledgers_for(self.user) if self.within(ledger.code))

    def row(self, code: str, row: uuid.UUID) -> tuple[Ledger, Scope, Any]:
        """The row, voided ones too."""
        ledger, scope = self.ledger(code)
        rows = rows_in(ledger, scope, voided=True).select_related("division", "changed_by")
        found = rows.filter(pk=row).first()
        if found is None:
            raise Http404
        return ledger, scope, found

    def within(self, code: str) -> bool:
        return not self.codes or code in self.codes


@dataclass(frozen=True)
class Caller(Reader):
    """Who calls: a reader with a token, which says what else may be done."""

    token: Token = field(kw_only=True)

    def need_write(self) -> None:
        if not self.token.may_write:
            raise Refusal(403, "这个令牌只能读取。要写入，请另建一个可写入的令牌。")

    def need_reveal(self) -> None:
        if not self.token.may_reveal:
            raise Refusal(403, "这个令牌不能查看身份证号、电话、银行账号的全部内容。")


class Bearer(HttpBearer):
    """Only tokens: a session's cookie opens nothing here, so that no other site can make a browser write."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        found = token_for(token, on=timezone.localdate())
        return Caller(found.user, tuple(found.ledgers), token=found) if found else None


def known_caller(request: HttpRequest) -> Caller | None:
    """Who `views.operation` found before anything of the request was read."""
    return getattr(request, "caller", None)


class PerToken(BaseThrottle):
    """So many requests a minute for each token, over all worker processes."""

    def __init__(self) -> None:
        self._asked = threading.local()

    def allow_request(self, request: HttpRequest) -> bool:
        most = settings.API["requests_per_minute"]
        self._asked.wait = seconds_to_wait("api", caller_of(request).token.pk, most=most)
        return not self._asked.wait

    def wait(self) -> float | None:
        return getattr(self._asked, "wait", None)


def caller_of(request: HttpRequest) -> Caller:
    caller = request.auth  # type: ignore[attr-defined]  # ninja sets it
    assert isinstance(caller, Caller)
    return caller
