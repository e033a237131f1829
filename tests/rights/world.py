"""A township with a row of every ledger in every village, each holding words that nobody else's page may hold."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from tests.rights.cast import CAST, FAR, OUTER, OWN, PLACES, Actor
from zhenwu.accounts.models import Appointment, Grant, Role, Unit, User
from zhenwu.api.tokens import create_token
from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.checks.models import Finding
from zhenwu.divisions.models import Division, Event, Level
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.models import ImportJob, StoredFile
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.lib.idno import check_digit
from zhenwu.packs import runtime
from zhenwu.plans.models import AnnualPlan, Task
from zhenwu.reports.models import Report

LEDGERS = ("person", "hazard_site", "dibao", "river_segment", "site_none")
CLOSED = "site_none"  # narrowed to the discipline office in this test
SINCE = date(2000, 1, 1)
WORD = "密标"  # in every planted text: what a search for all of them asks


@dataclass(frozen=True)
class Marker:
    text: str
    ledger: str
    place: str
    privacy: str
    never: bool = False  # a whole personal number: only a reveal with a purpose shows it


@dataclass
class World:
    places: dict[str, Division]
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)
    markers: list[Marker] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # place → digest
    findings: dict[str, Finding] = field(default_factory=dict)
    jobs: dict[str, ImportJob] = field(default_factory=dict)
    plan: Any = None
    task: Any = None
    report: Any = None
    post: Any = None
    grant: Any = None
    event: Any = None

    def row(self, ledger: str, place: str) -> Any:
        return self.rows[ledger, place]


def build(places: dict[str, Division]) -> World:
    town = Division.objects.create(
        code="519999101000", name="外镇", level=Level.TOWN, parent=places["county"], valid_from=SINCE
    )
    outer = Division.objects.create(code="519999101201", name=OUTER, level=Level.VILLAGE, parent=town, valid_from=SINCE)
    world = World({OWN: places[OWN], FAR: places[FAR], OUTER: outer})
    for actor in CAST:
        if actor.is_logged_in:
            world.users[actor.name] = _user(world, actor)
    writer = _user(world, Actor("writer", "office", frozenset({"safety", "population", "welfare", "ecology"})))
    for number, place in enumerate(PLACES, 1):
        _rows(world, writer, place, number)
        _family(world, writer, place, number)
    _around(world, writer)
    tomorrow = timezone.localdate() + timedelta(days=1)
    for name, user in world.users.items():
        world.tokens[name] = create_token(
            user, "县平台", expires_on=tomorrow, on=timezone.localdate(), may_write=True, may_reveal=True
        )[1]
    return world


def _user(world: World, actor: Actor) -> User:
    user = User.objects.create(username=f"u_{actor.name}", display_name=f"人{actor.name}")
    if actor.role:
        unit = Unit.objects.create(label=f"办{actor.name}", lines=sorted(actor.lines)) if actor.lines else None
        today = timezone.localdate()
        since = {"now": SINCE, "past": SINCE, "future": today + timedelta(days=1)}[actor.posted]
        until = today if actor.posted == "past" else None
        Appointment.objects.create(
            user=user, role=actor.role, unit=unit, division=world.places.get(actor.place), valid_from=since, valid_to=until
        )  # fmt: skip
    return user


def _rows(world: World, by: User, place: str, number: int) -> None:
    body = f"51999919{60 + number}010100{number}"
    idno, phone = body + check_digit(body), f"1390000{number:04}"
    world.files[place] = _file(f"{WORD}文件{number}", by)
    said: dict[str, dict[str, Any]] = {
        "person": {
            "name": f"{WORD}人{number}",
            "sex": "1",
            "birth": date(1960 + number, 1, 1),
            "idno": idno,
            "phone": phone,
        },
        "hazard_site": {"name": f"{WORD}点{number}", "kind": f"{WORD}类{number}", "duty_name": f"{WORD}责{number}"},
        "river_segment": {"name": f"{WORD}河{number}", "head_village_name": f"{WORD}长{number}"},
        "site_none": {"sector": "消防", "for_year": 2020, "signer": f"{WORD}签{number}", "signed_on": date(2020, 1, 5)},
    }
    said["dibao"] = {"cert_no": f"{WORD}证{number}", "visitors": f"{WORD}访{number}"}
    for code in LEDGERS:
        ledger = runtime.ledger(code)
        if code == "dibao":
            said[code]["applicant"] = world.row("person", place).pk
        note = f"{WORD}注{code}{number}"
        change = commit(
            Draft(code, by, [Add(said[code], world.places[place].pk, note=note)], Source(SourceKind.FORM), f"{WORD}由{code}{number}")
        )  # fmt: skip
        row = ledger.model.objects.unscoped("test").get(change=change)  # type: ignore[attr-defined]
        row.files = [{"sha256": world.files[place], "name": f"{WORD}名{number}.txt", "size": 9, "mime": "text/plain"}]
        row.save(update_fields=["files"])
        world.rows[code, place] = row
        whole = ledger.spec.privacy
        world.markers += [Marker(text, code, place, whole) for text in (note, row.no, row.pk.hex, str(row.pk))]
        for name, value in said[code].items():
            kind = ledger.types[name]
            if isinstance(value, str) and (kind.is_sealed or value.startswith(WORD)):
                world.markers.append(Marker(value, code, place, max(kind.spec.privacy, whole), kind.is_sealed))


def _family(world: World, by: User, place: str, number: int) -> None:
    """A household whose head is the person of the place, and an event of it."""
    person = world.row("person", place)
    home = {"hkind": "hukou", "head": person.pk, "addr": f"{WORD}址{number}"}
    event = {
        "kind": "split",
        "happen": date(2020, 3, 1),
        "other_div": f"{WORD}外{number}",
        "persons": [{"person": person.pk}],
    }
    for code, said in (("household", home), ("household_event", event)):
        if code == "household_event":
            said["from_hh"] = world.row("household", place).pk
        change = commit(
            Draft(code, by, [Add(said, world.places[place].pk)], Source(SourceKind.IMPORT, f"{WORD}册{number}"))
        )
        row = runtime.ledger(code).rows("test").get(change=change)
        world.rows[code, place] = row
        texts = [
            row.no,
            row.pk.hex,
            str(row.pk),
            *(one for one in said.values() if isinstance(one, str) and WORD in one),
        ]
        world.markers += [Marker(text, code, place, "S1") for text in texts]


def _file(text: str, by: User) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = Path(settings.INSTANCE) / "files" / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    StoredFile.objects.create(sha256=digest, name="甲.txt", mime="text/plain", size=len(text), by=by)
    return digest


def _around(world: World, by: User) -> None:
    """What stands beside the rows: findings, imports, a plan, a report, a post and a grant."""
    today = date(2020, 6, 1)
    for place in PLACES:
        row = world.row("dibao", place)
        world.findings[place] = Finding.objects.create(
            check_code="dibao.DB-01", ledger="dibao", label="低保", subject="[]", key=uuid.uuid4().hex, severity="red",
            message=f"{WORD}核{place}", values={"name": f"{WORD}值{place}"}, explanation=f"{WORD}释{place}",
            division=world.places[place], row=row.pk, found_on=today, seen_on=today, due_on=today, year=2020,
        )  # fmt: skip
        texts = (f"{WORD}核{place}", f"{WORD}值{place}", f"{WORD}释{place}")
        world.markers += [Marker(text, "dibao", place, "S2") for text in texts]
    for name in ("village", "allround"):
        world.jobs[name] = ImportJob.objects.create(
            ledger="person", by=world.users[name], file_name=f"{name}.xlsx", file_hash="0" * 64, status="dropped"
        )
    world.plan = AnnualPlan.objects.create(
        year=2020,
        title="2020年计划",
        state="published",
        source_name="计划.txt",
        source_hash="",
        outline={},
        created_by=by,
    )
    world.task = Task.objects.create(plan=world.plan, order=1, text="整治隐患", line="safety", due=date(2020, 3, 1))
    world.report = Report.objects.create(
        year=2020, title="2020年总结", issuer="青石镇", as_of=today, boundary="now", pack_hash=runtime.pack_hash(),
        body={}, created_by=by, created_at=timezone.now(),
    )  # fmt: skip
    world.event = Event.objects.create(kind="rename", title="更名")
    world.post = Appointment.objects.filter(role=Role.LEADER).get()
    world.grant = Grant.objects.create(
        unit=Unit.objects.get(label="办welfare"), ledger="hazard_site", valid_from=date(2001, 1, 1),
        valid_to=date(2001, 2, 1), reason="旧授权",
    )  # fmt: skip
