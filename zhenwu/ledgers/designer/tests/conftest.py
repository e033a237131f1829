"""People who design, and tables that they bring."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhenwu.packs.designing.tests.conftest import as_file
from zhenwu.packs.designing.tests.tables import SAMPLES


@pytest.fixture
def sample():
    """`sample("灭火器")` → the table as an upload."""

    def make(name: str) -> SimpleUploadedFile:
        return SimpleUploadedFile(SAMPLES[name].file, as_file(SAMPLES[name]))

    return make


@pytest.fixture
def villages(places):
    """The villages of the tables, in this township."""
    from zhenwu.divisions.models import Division, Level

    for code, name in (("519999100203", "石板村"), ("519999100002", "云岭社区")):
        Division.objects.create(
            code=code, name=name, level=Level.VILLAGE, parent=places["town"], valid_from=date(2000, 1, 1)
        )
    return places


def appoint(user, role: str, **where):
    from zhenwu.accounts.models import Appointment

    Appointment.objects.create(user=user, role=role, valid_from=date(2000, 1, 1), **where)
    return user


@pytest.fixture
def admin(places):
    from zhenwu.accounts.models import User

    return appoint(User.objects.create(username="admin", display_name="系统管理员"), "admin")


@pytest.fixture
def both(lin):
    """Lin with the right of both posts, so that a test needs one browser; in life these are two accounts."""
    return appoint(lin, "admin")
