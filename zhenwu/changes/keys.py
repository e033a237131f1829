"""The instance's keys, read once a process from `<instance>/keys` (never in the database, never in the repository)."""

from functools import cache

from django.conf import settings

from zhenwu.lib.crypto import KeyRing


@cache
def keyring() -> KeyRing:
    return KeyRing.load(settings.INSTANCE / "keys")
