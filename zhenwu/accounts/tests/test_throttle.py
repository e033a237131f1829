"""Limits of what is costly: counted over all worker processes, told with the seconds to wait."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.urls import reverse

from zhenwu.accounts import throttle

_COUNTING = """
import sys
from django.conf import settings
settings.configure(INSTANCE=sys.argv[1], LIMITS={"search": 100})
from zhenwu.accounts.throttle import seconds_to_wait
print(sum(not seconds_to_wait("search", "one", now=120.0) for _ in range(150)))
"""


@pytest.fixture
def fresh(settings, tmp_path):
    """Counting begins anew, with low limits."""
    settings.INSTANCE = tmp_path
    settings.LIMITS = {"login": 3, "search": 2, "export": 1, "api": 2}
    return settings


def test_two_processes_count_together_and_lose_nothing(tmp_path):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", _COUNTING, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
        )
        for _ in range(2)
    ]
    allowed = [int(one.communicate(timeout=120)[0]) for one in both]
    assert sum(allowed) == 100
    assert all(one.returncode == 0 for one in both)


def test_a_minute_later_counting_begins_anew_and_nothing_old_is_kept(fresh, tmp_path):
    assert [throttle.seconds_to_wait("search", key, now=100.0) for key in (1, 1, 1, 2)] == [0, 0, 21, 0]
    assert throttle.seconds_to_wait("search", 1, now=125.0) == 0
    assert throttle.seconds_to_wait("search", 3, now=400.0) == 0
    with sqlite3.connect(tmp_path / "requests.sqlite3") as file:
        assert file.execute("SELECT count(*) FROM used").fetchone() == (1,)
    assert (tmp_path / "requests.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_used_keeps_nobody_from_work(fresh, tmp_path):
    (tmp_path / "requests.sqlite3").write_bytes(b"no database at all" * 100)
    assert throttle.seconds_to_wait("export", 1) == 0


def late(ask, times=9):
    """The first answer that says to wait; a new minute may begin meanwhile."""
    return next(one for one in (ask() for _ in range(times)) if one.status_code == 429)


def test_searches_and_exports_wait_and_say_how_long(fresh, live, lin):
    client = live(lin)
    answer = late(lambda: client.get(reverse("search"), {"q": "青山"}))
    assert 1 <= int(answer["Retry-After"]) <= 61
    assert f"搜索的次数太多，系统暂时不处理。请{answer['Retry-After']}秒后再试" in answer.content.decode()
    answer = late(lambda: client.get(reverse("ledgers:export", args=["site_none", "csv"])))
    assert "导出的次数太多" in answer.content.decode()
    assert client.get(reverse("ledgers:list", args=["site_none"])).status_code == 200


def test_others_are_not_kept_waiting(fresh, live, lin, leader):
    late(lambda: live(lin).get(reverse("search"), {"q": "青山"}))
    assert live(leader).get(reverse("search"), {"q": "青山"}).status_code == 200


def test_one_address_cannot_try_many_names(fresh, client, db):
    tried = iter(range(20))
    answer = late(lambda: client.post(reverse("login"), {"username": f"u{next(tried)}", "password": "wrong"}))
    assert "登录的次数太多" in answer.content.decode()
    assert client.get(reverse("login")).status_code == 200  # looking at the page is free
