"""UUIDv7 (RFC 9562): ids that a phone can make offline and that still sort by time."""

import os
import secrets
import threading
import time
from uuid import UUID

_RANDOM_BITS = 74
_lock = threading.Lock()
_last_ms = 0
_last_random = 0


def uuid7() -> UUID:
    """One id, greater than every id made before it in this process."""
    return UUID(uuid7_hexes(1)[0])


def uuid7_hexes(n: int) -> list[str]:
    """`n` ids as 32 hex digits, strictly increasing, also against earlier calls and when the clock is set back."""
    global _last_ms, _last_random
    if n <= 0:
        return []
    steps = memoryview(os.urandom(4 * n)).cast("I")
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _last_random = now, _fresh_random()
        ids = []
        for step in steps:
            _last_random += step + 1
            if _last_random >> _RANDOM_BITS:
                _last_ms, _last_random = _last_ms + 1, _fresh_random()
            ids.append(f"{_packed(_last_ms, _last_random):032x}")
    return ids


def _fresh_random() -> int:
    # The top bit stays 0, so that a batch has room to count up within its millisecond.
    return secrets.randbits(_RANDOM_BITS - 1)


def _packed(ms: int, random: int) -> int:
    high, low = random >> 62, random & ((1 << 62) - 1)
    return (ms << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low


def _after_fork() -> None:
    # A forked worker must not count on from its parent's state: both would walk the same region.
    global _lock, _last_ms, _last_random
    _lock = threading.Lock()
    _last_ms, _last_random = _last_ms + 1, _fresh_random()


os.register_at_fork(after_in_child=_after_fork)
