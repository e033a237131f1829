"""Runs schemathesis against the API of an invented township: every phase (examples, coverage, random data that fits and that
does not, sequences of calls) and every check that it has, in this process, on a database of its own.

    python -m zhenwu.api.tests.conformance [examples]

A process of its own, since a process runs one set of packs: here one with a field of every type. The seed is fixed. Ends with 1
and prints each failure when there is one. On PostgreSQL (ZHENWU_DATABASE_URL) a database is made for it and dropped again.
"""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import zhenwu

HERE = Path(__file__).parent
SHIPPED = Path(zhenwu.__file__).parents[1] / "packs"
PACKS = (
    "population/person.toml",
    "population/household.toml",
    "population/household_member.toml",
    "safety/site_none.toml",
)
LEDGERS = ("every_type", "site_none")
SEED = 519_999


def main() -> int:
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    folder = Path(tempfile.mkdtemp(prefix="zhenwu-conformance-"))
    try:
        with database() as url:
            if url:
                os.environ["ZHENWU_DATABASE_URL"] = url
            return run(set_up(folder), examples)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database() -> Iterator[str]:
    """The address of a PostgreSQL database that is there for this run only; "" without PostgreSQL."""
    address = os.environ.get("ZHENWU_DATABASE_URL", "")
    if not address:
        yield ""
        return
    import psycopg
    from django.db import connections

    name = f"conformance_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            connections.close_all()
            link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def set_up(folder: Path) -> str:
    """A township; the text of a token of someone who works with all of it."""
    from zhenwu.config.instance import create_instance

    os.environ["ZHENWU_INSTANCE"] = str(folder / "instance")
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhenwu.config.settings"
    create_instance(folder / "instance", township="云岭县青石镇", code="519999100000")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    settings.ALLOWED_HOSTS = ["*"]
    settings.API = settings.API | {"requests_per_minute": 10**9}
    call_command("migrate", verbosity=0)
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import apply
    from zhenwu.packs.reader import read_packs

    own = folder / "packs"
    own.mkdir()
    for name in PACKS:
        shutil.copy(SHIPPED / name, own)
    shutil.copy(HERE / "every_type.toml", own)
    apply(read_packs([own]))
    runtime.start()
    from zhenwu.accounts.models import Appointment, Unit, User
    from zhenwu.api.tokens import create_token
    from zhenwu.divisions.models import Division, Level

    since = date(2000, 1, 1)
    town = Division.objects.create(code="519999100000", name="青石镇", level=Level.TOWN, valid_from=since)
    Division.objects.create(code="519999100201", name="青山村", level=Level.VILLAGE, parent=town, valid_from=since)
    unit = Unit.objects.create(label="综合办", lines=["safety", "population"])
    user = User.objects.create(username="lin", display_name="林澄")
    Appointment.objects.create(user=user, role="office", unit=unit, valid_from=since)
    today = timezone.localdate()
    _, text = create_token(user, "试验", expires_on=today, on=today, may_write=True, may_reveal=True)
    return text


def run(token: str, examples: int) -> int:
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema
    from schemathesis.transport.wsgi import WSGITransport

    from zhenwu.api.document import document
    from zhenwu.config.wsgi import application

    send = WSGITransport.send

    def sent(self: Any, case: Any, **said: Any) -> Any:
        """4.32 hands the probes of some checks options of a network that its own WSGI client does not know."""
        for name in ("max_redirects", "verify", "cert", "proxies"):
            said.pop(name, None)
        return send(self, case, **said)

    WSGITransport.send = sent  # type: ignore[method-assign]

    config = SchemathesisConfig.from_dict({
        "seed": SEED, "continue-on-failure": True, "workers": 1, "base-url": "http://localhost",
        "suppress-health-check": ["all"], "headers": {"Authorization": f"Bearer {token}"},
        "generation": {"max-examples": examples, "mode": "all", "deterministic": True, "no-shrink": True},
        "phases": {"stateful": {"max-steps": 4}},
        "checks": {
            # what fits the schema may still break a rule of the ledger (422), lack its version (428) or name no row
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "422", "428", "429"]
            },
        },
    })  # fmt: skip
    schema = schemathesis.openapi.from_dict(document(LEDGERS), config=config)
    schema.app = application
    failures: dict[str, str] = {}
    cases: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            cases[event.phase.value] += len(event.recorder.cases)
            for case, checks in event.recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        failure = check.failure_info.failure
                        name = f"{check.name} · {event.label}"
                        failures.setdefault(name, f"{failure.title}\n{failure.message}\n{_told(event, case)}")
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            failures.setdefault(f"error {getattr(event, 'label', '')}", str(getattr(event, "value", event)))
    for name, says in failures.items():
        print(f"--- {name}\n{says[:3000]}")
    print(f"{sum(cases.values())} cases ({dict(cases)}), {len(failures)} kinds of failure")
    return 1 if failures else 0


def _told(event: Any, case: str) -> str:
    """The request and the answer of a failed case."""
    asked = event.recorder.interactions.get(case)
    if asked is None:
        return ""
    sent = asked.request
    body = f"{sent.body}"[:800] if sent.body else ""
    answer = asked.response.content[:800].decode("utf-8", "replace") if asked.response else ""
    said = {name: value for name, value in sent.headers.items() if name.lower() in ("if-match", "idempotency-key")}
    return f"{sent.method} {sent.uri[:600]} {said or ''}\n{body}\n→ {asked.response.status_code if asked.response else ''} {answer}"


if __name__ == "__main__":
    sys.exit(main())
