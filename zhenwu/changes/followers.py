"""Lower rooms are told of changes without being imported: when the app starts they register a follower, which is called in
the transaction of the change itself, also of one that packs made when they were applied."""

from collections.abc import Callable

from zhenwu.changes.models import Change

Follower = Callable[[Change, str], None]
_followers: list[Follower] = []


def register_follower(follower: Follower) -> None:
    """`follower(change, ledger)` is called once its rows are written; what it writes is there with the change or not at all."""
    if follower not in _followers:
        _followers.append(follower)


def follow(change: Change, ledger: str) -> None:
    for follower in _followers:
        follower(change, ledger)
