"""Shared test set-up: an instance of its own (one per pytest-xdist worker), migrated, with the shipped packs applied
once; and the cast. ZHENWU_DATABASE_URL decides the database, as in an instance; without it a SQLite file.

Chen enters, Lin reviews, Wu works in the next township and must see nothing.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import django
import pytest

_FOLDER = Path(tempfile.mkdtemp(prefix="zhenwu-test-"))
os.environ["ZHENWU_INSTANCE"] = str(_FOLDER / "instance")
os.environ["DJANGO_SETTINGS_MODULE"] = (
    "zhenwu.config.settings"  # here, not in pyproject.toml: settings read the line above
)

from zhenwu.config.instance import create_instance  # noqa: E402  the settings read the instance when they are imported

create_instance(_FOLDER / "instance", township="云岭县青石镇", code="519999100000")

from django.conf import settings  # noqa: E402

settings.TASKS = {  # before the rooms are loaded, whose tasks take their backend then; see the fixture `queued`
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}
}
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # a pytest-xdist worker must not load settings before it has its own instance

if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, as in production: two connections to a database in memory do not lock each other out as files do
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(_FOLDER / "test.sqlite3")

settings.LIMITS = dict.fromkeys(
    settings.LIMITS, 1_000_000
)  # tests of one minute count together; see accounts/tests/test_throttle.py


def pytest_unconfigure() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import apply
    from zhenwu.packs.reader import read_packs, shipped_folder

    with django_db_blocker.unblock():
        apply(read_packs([shipped_folder()]))
        runtime.start()
    for ledger in runtime.ledgers().values():
        for table in (ledger, *ledger.children.values()):
            table.model._meta.managed = True  # so that the flush after a transactional test empties its table too


@pytest.fixture
def committing(transactional_db):
    """A database whose transactions are real: for table changes, second connections and two writers.

    The flush after such a test also empties the record of what is applied, so it is written anew here.
    """
    from zhenwu.packs import runtime
    from zhenwu.packs.models import Applied

    Applied.objects.all().delete()
    Applied.objects.create(hash=runtime.pack_hash(), dump=runtime.packs().dump())


@pytest.fixture
def queued(settings):
    """Tasks wait in the queue, as in production, until `queued()` does them; it returns how many there were."""
    from zhenwu.background.worker import Worker

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    return lambda: Worker().run_waiting()


@pytest.fixture
def instance() -> Path:
    return _FOLDER / "instance"


@pytest.fixture
def places(db) -> dict:
    """{name: Division}: county, town 青石镇, villages 青山村 and 河口村, and the next township's 外村."""
    from zhenwu.divisions.models import Division, Level

    start = date(2000, 1, 1)
    county = Division.objects.create(code="519999000000", name="云岭县", level=Level.COUNTY, valid_from=start)
    town = Division.objects.create(
        code="519999100000", name="青石镇", level=Level.TOWN, parent=county, valid_from=start
    )
    made = {"county": county, "town": town}
    for code, name in (("519999100201", "青山村"), ("519999100202", "河口村"), ("519999100001", "青石社区")):
        made[name] = Division.objects.create(code=code, name=name, level=Level.VILLAGE, parent=town, valid_from=start)
    return made


@pytest.fixture
def offices(db) -> dict:
    from zhenwu.accounts.models import Unit

    lines = {
        "党建办": ["party"],
        "应急办": ["safety"],
        "项目办": ["projects", "infrastructure"],
        "民政办": ["welfare", "population"],
        "农业农村办": ["ecology", "forestry"],
    }
    return {label: Unit.objects.create(label=label, lines=said) for label, said in lines.items()}


def _user(username: str, name: str, role: str, *, unit=None, division=None):
    from zhenwu.accounts.models import Appointment, User

    user = User.objects.create(username=username, display_name=name)
    Appointment.objects.create(user=user, role=role, unit=unit, division=division, valid_from=date(2000, 1, 1))
    return user


@pytest.fixture
def chen(places, offices):
    """Village clerk of 青山村: enters."""
    return _user("chen", "陈青", "village", division=places["青山村"])


@pytest.fixture
def lin(places, offices):
    """Handles every line of work in the town office: reviews."""
    from zhenwu.accounts.models import Unit

    unit = Unit.objects.create(label="综合办", lines=[
        "party", "safety", "projects", "welfare", "population", "ecology", "integrity", "supervision",
    ])  # fmt: skip
    return _user("lin", "林澄", "office", unit=unit)


@pytest.fixture
def wu(places):
    """Village clerk of 河口村: must see nothing of 青山村."""
    return _user("wu", "吴岸", "village", division=places["河口村"])


@pytest.fixture
def leader(places):
    return _user("luo", "罗南", "leader")


@pytest.fixture
def admin(db):
    """Runs the system; sees no ledger."""
    return _user("admin", "管理员", "admin")


@pytest.fixture
def live(client):
    """`live(user)` logs the test client in."""

    def login(user) -> Iterator:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return login
