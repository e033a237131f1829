"""How the receiver knows that a notice is ours, and of now: HMAC-SHA256 over the time and the body."""

import hashlib
import hmac
import secrets

from zhenwu.changes.keys import keyring

_AAD = b"webhook"


def new_secret() -> str:
    return "whs_" + secrets.token_urlsafe(32)


def sealed(secret: str) -> str:
    return keyring().seal(secret, aad=_AAD)


def opened(token: str) -> str:
    return keyring().open(token, aad=_AAD)


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`; the receiver computes v1 itself, compares, and refuses what is older than five minutes."""
    said = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={said}"
