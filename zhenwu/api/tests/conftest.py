"""Callers of the API: the cast, each with a token, speaking JSON."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from zhenwu.api.tokens import create_token
from zhenwu.ledgers.tests.conftest import add_row, declaration, person  # noqa: F401  builders of the rows

DAY = date(2020, 6, 1)


@dataclass
class Program:
    """Calls the API as a program does: `program.get("ledgers")`."""

    text: str
    token: Any
    client: Client

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        said = {"content_type": "application/json", "data": json.dumps(body)} if body is not None else {}
        known = {"Authorization": f"Bearer {self.text}"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        url = path if path.startswith("/") else f"/api/{path}"
        return self.client.generic(method, url, headers=known, **({**said, "data": said["data"]} if said else {}))

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)


@pytest.fixture
def program():
    """`program(user)` → a caller with a token of this user's that may write."""

    def make(user: Any, **said: Any) -> Program:
        today = timezone.localdate()
        wanted = {"may_write": True, "may_reveal": True, "expires_on": today, "on": today} | said
        token, text = create_token(user, "县平台", **wanted)
        return Program(text, token, Client())

    return make
