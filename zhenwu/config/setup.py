"""Setting an instance up: database, places, tables. What `zhenwu init` and `zhenwu demo` share."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.core.management import call_command

from zhenwu.accounts import keeping as accounts_keeping
from zhenwu.accounts.actions import system_user
from zhenwu.checks import keeping as checks_keeping
from zhenwu.config.instance import Instance
from zhenwu.config.national import places_of
from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.models import Division
from zhenwu.fieldwork import keeping as fieldwork_keeping
from zhenwu.packs import runtime
from zhenwu.packs.apply import apply
from zhenwu.packs.plan import Step
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder
from zhenwu.packs.spec import LINE_LABELS

_SINCE = date(2000, 1, 1)  # places of the national list are in force since before any row


def pack_folders(instance: Path) -> list[Path]:
    """The shipped packs and the instance's own."""
    own = instance / "packs"
    return [shipped_folder(), *([own] if own.is_dir() else [])]


def set_up_database(instance: Instance) -> list[Step]:
    """Migrate, apply the packs and build their models; may be run again at any time."""
    call_command("migrate", verbosity=0, interactive=False)
    steps = apply(wanted_packs(instance.folder))
    runtime.start()
    adopt()
    system_user(list(LINE_LABELS))
    return steps


def adopt() -> None:
    """After an upgrade: what stood in tables before they had a history is taken into the chains, each once."""
    for keeping in (accounts_keeping, checks_keeping, fieldwork_keeping):
        keeping.adopt()


def wanted_packs(instance: Path) -> PackSet:
    return read_packs(pack_folders(instance))


def national_divisions(town: str) -> list[Division]:
    """Unsaved divisions of one township from the national list: county, town and its villages."""
    made: list[Division] = []
    for code, name, level, full_name in places_of(town):
        parent = {"county": None, "town": made[0] if made else None}.get(level, made[1] if len(made) > 1 else None)
        made.append(Division(code=code, name=name, full_name=full_name, level=level, parent=parent, valid_from=_SINCE))
    return made


def add_places(divisions: Iterable[Division], reason: str) -> None:
    create_divisions(list(divisions), by=system_user(), reason=reason)
