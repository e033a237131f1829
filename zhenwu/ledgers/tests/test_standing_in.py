"""What a deputy writes is written in the place of who is away; neither of them checks what the other made."""

from datetime import timedelta

import pytest
from django.utils import timezone

from zhenwu.accounts.delegation import delegate
from zhenwu.accounts.models import User
from zhenwu.changes.models import Review
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, NotAllowed
from zhenwu.ledgers.transitions import transition
from zhenwu.packs import runtime


def fresh(user):
    """The user as the next request knows them."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def lend():
    def lend(user, deputy):
        today = timezone.localdate()
        delegate(user, deputy, first=today, last=today + timedelta(days=3), reason="出差", by=user, today=today)
        return fresh(deputy)

    return lend


def test_the_change_says_who_stood_in_for_whom(declaration, chen, wu, lend):
    row = declaration(chen)
    with pytest.raises(NotAllowed):
        transition(runtime.ledger("site_none"), row, "submit", by=fresh(wu))
    change = transition(runtime.ledger("site_none"), row, "submit", by=lend(chen, wu))
    assert (change.author, change.stands_for, change.who) == (wu, chen, "吴岸 代 陈青")
    assert list(verify("site_none")) == []


def test_own_rights_go_first(declaration, chen, wu, lend):
    deputy = lend(chen, wu)
    row = declaration(deputy, "河口村")
    assert row.change.stands_for is None
    assert declaration(deputy, "青山村").change.stands_for == chen


def test_maker_is_not_checker_for_either_of_them(declaration, chen, lin, lend):
    ledger = runtime.ledger("site_none")
    made = declaration(chen, review=Review.SUBMITTED)
    deputy = lend(lin, chen)
    with pytest.raises(CommitRefused, match="你自己登记的"):
        transition(ledger, made, "approve", by=deputy)
    lins = declaration(lin, "河口村", review=Review.SUBMITTED)
    with pytest.raises(CommitRefused, match="双方都不能审核"):
        transition(ledger, lins, "approve", by=deputy)
    in_place_of_lin = declaration(deputy, "河口村", review=Review.SUBMITTED)
    assert in_place_of_lin.change.stands_for == lin
    with pytest.raises(CommitRefused, match="双方都不能审核"):
        transition(ledger, in_place_of_lin, "approve", by=fresh(lin))
