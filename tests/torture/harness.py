"""Killing processes at random moments, and looking at what they left.

A campaign runs in a process of its own (`python -m tests.torture NAME …`), on an instance of its own. It starts Django once and
then forks: each attempt is a real process with its own database connection that is killed with SIGKILL somewhere in its
work; a fresh process then looks at what is there. What an attempt said with `confirm` before it died was promised to a user:
it must be there. What it did not say may be there or not, but never by halves.

A campaign is a module of this folder with

    def prepare() -> None: ...                   # once, in a process of its own: users, rows to begin with
    def act(confirm: Confirm, attempt: int) -> None: ...   # in the process that is killed
    def check(confirmed: list[str]) -> list[str]: ...      # in a fresh process after each attempt: problems found, [] is good

and a test that calls `run_campaign(name, …)`. `audit_problems` is what every check begins with.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

Confirm = Callable[[str], None]
_PATIENCE = 120  # seconds that one attempt may take at all
_CAMPAIGNS = 3  # commit, import, apply: they share the kills


def kills() -> int:
    """How many kills each campaign makes on one database: a third of ZHENWU_TORTURE_KILLS (20 in CI; `make torture`: 200)."""
    return -(-all_kills() // _CAMPAIGNS)


def all_kills() -> int:
    """For a campaign that shares with none."""
    return int(os.environ.get("ZHENWU_TORTURE_KILLS", "20"))


def run_campaign(
    name: str, instance: Path, *, database_url: str = "", seed: int | None = None, wanted: int = 0
) -> dict[str, Any]:
    """Run the campaign `tests.torture.<name>`; returns {seed, kills, finished, confirmed, problems}. `wanted` kills, not `kills()`.

    `problems` names each thing found wrong with its attempt; the seed repeats a run as far as the machine's timing allows.
    """
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ZHENWU_", "DJANGO_"))}
    env |= {"ZHENWU_INSTANCE": str(instance), "DJANGO_SETTINGS_MODULE": "zhenwu.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", name, str(wanted or kills()), str(seed)],
        env=env, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"campaign {name}, seed {seed}: see its output above"
    return json.loads(done.stdout.splitlines()[-1])


def make_instance(folder: Path, database_url: str = "") -> Path:
    """A new instance, set up as an operator would."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ZHENWU_", "DJANGO_"))}
    words = ["--instance", str(folder), "init", "--code", "510182104", "--json"]
    if database_url:
        words += ["--database-url", database_url]
    subprocess.run([sys.executable, "-m", "zhenwu.config.cli", *words], env=env, check=True, stdout=subprocess.DEVNULL)
    return folder


@contextlib.contextmanager
def postgres_database(server_url: str, name: str) -> Iterator[str]:
    """A database of the test's own on this server; yields its address."""
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]


# inside the campaign's process


def campaign(module: Any, wanted: int, seed: int) -> dict[str, Any]:
    """Kill `module.act` `wanted` times at moments spread over the whole of its work; stop at the first problem."""
    chance = random.Random(seed)
    in_child(module.prepare)
    confirmed: list[str] = []
    began = time.monotonic()
    said, _ = attempt(module.act, 0, None)
    window = (time.monotonic() - began) * 1.1
    confirmed += said
    problems = look(module, confirmed)
    killed, finished, number = 0, 0, 0
    while killed < wanted and number < wanted * 4 and not problems:
        number += 1
        said, cut = attempt(module.act, number, chance.uniform(0, window))
        confirmed += said
        killed, finished = killed + cut, finished + (not cut)
        problems = [f"attempt {number}: {one}" for one in look(module, confirmed)]
    return {"seed": seed, "kills": killed, "finished": finished, "confirmed": len(confirmed), "problems": problems}


def attempt(act: Callable[[Confirm, int], None], number: int, after: float | None) -> tuple[list[str], bool]:
    """Run `act` in a process and kill it `after` seconds (None: never): what it confirmed, and whether it was cut off."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _become(lambda: act(lambda said: os.write(write, f"{said}\n".encode()) and None, number))  # type: ignore[func-returns-value]
    os.close(write)
    deadline = time.monotonic() + (_PATIENCE if after is None else after)
    status: int | None = None
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.0005)
    else:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    with os.fdopen(read) as pipe:
        said = pipe.read().splitlines()
    cut = os.WIFSIGNALED(status)
    if not cut and os.WEXITSTATUS(status):
        raise RuntimeError(f"attempt {number} failed by itself: see above")
    if cut and after is None:
        raise RuntimeError(f"attempt {number} took more than {_PATIENCE} seconds")
    return said, cut


def look(module: Any, confirmed: list[str]) -> list[str]:
    return in_child(lambda: [*audit_problems(), *module.check(confirmed)])


def in_child(do: Callable[[], Any]) -> Any:
    """What `do` returns (JSON), done in a fresh process."""
    return side_by_side([do])[0]


def side_by_side(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each returns (JSON), each in a fresh process, all at once."""
    running = [_begin(do, alone=len(works) == 1) for do in works]
    said = []
    for pid, read in running:
        with os.fdopen(read) as pipe:
            said.append(pipe.read())
        _, status = os.waitpid(pid, 0)
        if status:
            raise RuntimeError("a process of the harness failed: see above")
    return [json.loads(one) for one in said]


def _begin(do: Callable[[], Any], *, alone: bool) -> tuple[int, int]:
    """(process, where to read what it says)."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)

        def tell() -> None:
            with os.fdopen(write, "w") as pipe:
                json.dump(do(), pipe)

        _become(tell, alone=alone)
    os.close(write)
    return pid, read


def _become(do: Callable[[], Any], *, alone: bool = True) -> None:
    """Do it as this process, and end without going back into the parent's code."""
    code = 1
    try:
        if alone:
            _wait_for_the_dead()
        do()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _wait_for_the_dead() -> None:
    """The PostgreSQL server may still be ending the work of a process that is gone: until then there is no state to look at."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    with connection.cursor() as cursor:
        for _ in range(600):
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise RuntimeError("a dead process's session did not end")


def audit_problems() -> list[str]:
    """Everything that must hold after any crash: rows, history, chain, changes and numbers agree."""
    from django.db.models import Count

    from zhenwu.changes.models import Change, History, Serial
    from zhenwu.ledgers.audit import audited_ledgers, verify
    from zhenwu.packs import runtime

    found = [f"{code}: {one.message}" for code in audited_ledgers() for one in verify(code)]
    counted: dict[int, dict[str, int]] = {}
    for change, ledger, count in History.objects.order_by().values_list("change", "ledger").annotate(Count("pk")):
        counted.setdefault(change, {})[ledger] = count
    for pk, ledgers in Change.objects.values_list("pk", "ledgers"):
        if ledgers != counted.get(pk, {}):
            found.append(f"change {pk} says {ledgers}, history has {counted.get(pk, {})}")
    last = dict(Serial.objects.values_list("prefix", "last"))
    for ledger in runtime.ledgers().values():
        numbers = list(ledger.rows("audit").values_list("no", flat=True))
        if len(numbers) != len(set(numbers)):
            found.append(f"{ledger.code}: a number was given twice")
        for no in numbers:
            prefix, _, number = no.rpartition("-")
            if int(number) > last.get(prefix, 0):
                found.append(f"{ledger.code}: {no} is beyond the last number given, {last.get(prefix)}")
    return found
