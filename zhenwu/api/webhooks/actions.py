"""Subscribing to notices."""

from collections.abc import Sequence

from zhenwu.accounts.models import User
from zhenwu.api.errors import TargetRefused, TokenRefused
from zhenwu.api.models import Subscription
from zhenwu.api.webhooks.signing import new_secret, sealed
from zhenwu.api.webhooks.targets import target_of
from zhenwu.ledgers.queries import ledgers_for

ACTS = {
    "add": "新增", "edit": "修改", "submit": "报送", "approve": "审核通过", "return": "退回", "void": "作废", "undo": "恢复或撤销",
}  # fmt: skip


def subscribe(
    user: User, label: str, url: str, *, ledgers: Sequence[str] = (), acts: Sequence[str] = ()
) -> tuple[Subscription, str]:
    """A new subscription and its secret, to be handed over once. Raises TokenRefused with every problem."""
    problems = []
    if not label.strip():
        problems.append("“用途”没有填：请写明通知哪个系统，如“县平台”。")
    try:
        target_of(url.strip())
    except TargetRefused as refused:
        problems.append(str(refused))
    mine = {ledger.code for ledger, _ in ledgers_for(user)}
    if unknown := [code for code in ledgers if code not in mine]:
        problems.append(f"你没有这些台账的权限：{'、'.join(unknown)}。")
    if problems:
        raise TokenRefused(problems)
    secret = new_secret()
    made = Subscription.objects.create(
        user=user, label=label.strip()[:60], url=url.strip(), secret=sealed(secret), ledgers=sorted(set(ledgers)),
        acts=sorted(set(acts)),
    )  # fmt: skip
    return made, secret
