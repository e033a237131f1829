"""Lower rooms have a say in this one without being imported: when the app starts they register a guard, which may refuse an
act, or a follower, which is told of every change in the transaction of the change itself."""

import uuid
from collections.abc import Callable, Sequence

from zhenwu.changes.models import Change

Guard = Callable[[str, Sequence[uuid.UUID]], dict[uuid.UUID, str]]
Follower = Callable[[Change, str], None]
_guards: list[Guard] = []
_followers: list[Follower] = []


def register_guard(guard: Guard) -> None:
    """`guard(ledger, rows)` → {row: why it may not be approved}."""
    if guard not in _guards:
        _guards.append(guard)


def register_follower(follower: Follower) -> None:
    """`follower(change, ledger)` is called once its rows are written; what it writes is there with the change or not at all."""
    if follower not in _followers:
        _followers.append(follower)


def follow(change: Change, ledger: str) -> None:
    for follower in _followers:
        follower(change, ledger)


def refused(ledger: str, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    for guard in _guards:
        found |= guard(ledger, rows)
    return found
