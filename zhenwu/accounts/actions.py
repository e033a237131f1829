"""Making users and offices. Passwords are generated; no default credentials exist."""

import secrets
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.divisions.models import Division

SYSTEM = "system"
_EVERY_LINE = "系统"
_EASY = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken on paper


def new_password() -> str:
    """16 characters in four groups, about 79 bits: easy to read out and to type."""
    return "-".join("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4))


@transaction.atomic
def create_user(
    username: str, name: str, role: Role | str, *, unit: Unit | None = None, division: Division | None = None,
    since: date, password: str | None = None, must_change: bool = True,
) -> tuple[User, str]:  # fmt: skip
    """A user with one appointment; returns the password that was generated, to be handed over once. Who gets it from another
    person chooses an own one first; only an invented township keeps its written-down ones."""
    chosen = password or new_password()
    user = User(username=username, display_name=name, must_change_password=must_change)
    user.set_password(chosen)
    user.save()
    Appointment.objects.create(user=user, role=role, unit=unit, division=division, valid_from=since)
    return user, chosen


def create_unit(label: str, lines: Sequence[str]) -> Unit:
    unit, _ = Unit.objects.update_or_create(label=label, defaults={"lines": list(lines)})
    return unit


@transaction.atomic
def system_user(lines: Sequence[str] = ()) -> User:
    """The user that the command line acts as. It cannot log in: it has no password."""
    user, created = User.objects.get_or_create(username=SYSTEM, defaults={"display_name": "系统"})
    if created:
        user.set_unusable_password()
        user.save()
    unit = create_unit(_EVERY_LINE, lines) if lines or created else Unit.objects.get(label=_EVERY_LINE)
    if not user.appointments.exists():
        Appointment.objects.create(user=user, role=Role.OFFICE, unit=unit, valid_from=date(1900, 1, 1))
    return user
