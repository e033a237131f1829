"""Giving out, finding and revoking tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import rights_of
from zhenwu.api.errors import TokenRefused
from zhenwu.api.models import Token
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.ledgers.queries import ledgers_for

LONGEST = timedelta(days=365)
_START = "zw_"


@transaction.atomic
def create_token(
    user: User, label: str, *, expires_on: date, on: date, may_write: bool = False, may_reveal: bool = False,
    ledgers: Sequence[str] = (),
) -> tuple[Token, str]:  # fmt: skip
    """A new token and its text, which is nowhere kept. Raises TokenRefused with every problem."""
    problems = []
    if not label.strip():
        problems.append("“用途”没有填：请写明给哪个系统使用，如“县平台同步”。")
    if not on <= expires_on <= on + LONGEST:
        problems.append(f"“有效期至”应在{on}到{on + LONGEST}之间，最长一年。")
    mine = {ledger.code for ledger, _ in ledgers_for(user)}
    if unknown := [code for code in ledgers if code not in mine]:
        problems.append(f"你没有这些台账的权限：{'、'.join(unknown)}。")
    if problems:
        raise TokenRefused(problems)
    text = _START + secrets.token_urlsafe(32)
    can = "可写入" if may_write else "只读"
    record(Watched.GRANT, f"新建接口令牌“{label.strip()[:60]}”，{can}，有效期至{expires_on}", by=user, about=user)
    token = Token.objects.create(
        user=user, label=label.strip()[:60], start=text[:8], digest=digest_of(text), may_write=may_write,
        may_reveal=may_reveal, ledgers=sorted(set(ledgers)), expires_on=expires_on,
    )  # fmt: skip
    return token, text


def digest_of(text: str) -> str:
    """A token has 256 random bits: a plain digest of it cannot be turned back."""
    return hashlib.sha256(text.encode()).hexdigest()


def token_for(text: str, *, on: date) -> Token | None:
    """The token that this text is, where it works today and its user may work."""
    if not text.startswith(_START) or len(text) > 100 or not text.isascii():
        return None
    found = Token.objects.select_related("user").filter(digest=digest_of(text)).first()
    if found is None or not found.works(on) or not found.user.is_active or found.user.must_change_password:
        return None
    if found.last_used_on != on:
        Token.objects.filter(pk=found.pk).update(last_used_on=on)
    return found


def tokens_seen_by(user: User) -> QuerySet[Token]:
    """Own tokens; an administrator sees everybody's (never the text of one)."""
    mine = Q() if may_revoke_all(user) else Q(user=user)
    return Token.objects.filter(mine).select_related("user", "revoked_by")


@transaction.atomic
def revoke(token: Token, *, by: Any) -> None:
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by):
        record(Watched.GRANT, f"停用接口令牌“{token.label}”", by=by, about=token.user)


def may_revoke_all(user: User) -> bool:
    return bool(rights_of(user).roles & {Role.ADMIN, Role.SECURITY})
