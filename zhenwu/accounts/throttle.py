"""How often somebody may ask for what is costly: log in, search, export, call the API.

All worker processes count together, in a small file of the instance that they share as they share its keys. It is no part of
the database, because a request that only reads should not wait for the one who writes. Of a key nothing is kept but how
often it was used in the running minute.
"""

import functools
import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

_LOG = logging.getLogger(__name__)
_WINDOW = 60  # seconds
_WORDS = {"login": "登录", "search": "搜索", "export": "导出", "api": "接口请求"}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS used (what TEXT, key TEXT, began INTEGER, count INTEGER, PRIMARY KEY (what, key)) WITHOUT ROWID
"""
_COUNT = """
INSERT INTO used VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE
SET count = CASE WHEN began = excluded.began THEN count + 1 ELSE 1 END, began = excluded.began RETURNING count
"""
_P = ParamSpec("_P")


def seconds_to_wait(what: str, key: object, *, most: int | None = None, now: float | None = None) -> int:
    """Count one more use by `key`; 0 while there were no more than `most` (settings.LIMITS) in this minute."""
    now = time.time() if now is None else now
    window = int(now // _WINDOW)
    try:
        count = _counted(what, hashlib.sha256(str(key).encode()).hexdigest(), window)
    except sqlite3.Error:  # nobody is kept from work because counting fails
        _LOG.exception("the file that counts requests cannot be used")
        return 0
    return 0 if count <= (settings.LIMITS[what] if most is None else most) else int((window + 1) * _WINDOW - now) + 1


def in_words(what: str, seconds: int) -> str:
    return f"一分钟内{_WORDS[what]}的次数太多，系统暂时不处理。请{seconds}秒后再试。"


def limited(
    what: str, when: Callable[[HttpRequest], bool] = lambda request: True
) -> Callable[
    [Callable[Concatenate[HttpRequest, _P], HttpResponseBase]], Callable[Concatenate[HttpRequest, _P], HttpResponseBase]
]:
    """A view that a person may ask for only so often a minute."""

    def wrap(
        view: Callable[Concatenate[HttpRequest, _P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, _P], HttpResponseBase]:
        @functools.wraps(view)
        def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
            if when(request) and (wait := seconds_to_wait(what, request.user.pk)):
                return too_often(request, what, wait)
            return view(request, *args, **kwargs)

        return answered

    return wrap


def too_often(request: HttpRequest, what: str, seconds: int) -> HttpResponse:
    response = render(request, "errors/429.html", {"reason": in_words(what, seconds)}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _counted(what: str, key: str, window: int) -> int:
    path = Path(settings.INSTANCE) / "requests.sqlite3"
    with closing(sqlite3.connect(path, timeout=2, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")  # a lost minute is no loss
        file.execute("PRAGMA journal_mode = MEMORY")
        if not file.execute("PRAGMA user_version").fetchone()[0]:
            path.chmod(0o600)
            file.execute(_SCHEMA)
            file.execute("PRAGMA user_version = 1")
        file.execute("BEGIN IMMEDIATE")
        count: Any = file.execute(_COUNT, (what, key, window)).fetchone()[0]
        if count == 1:
            file.execute("DELETE FROM used WHERE began < ?", (window - 1,))
        file.execute("COMMIT")
        return int(count)
