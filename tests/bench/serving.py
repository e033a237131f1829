"""Pages of two workers, asked over loopback by a small load generator in a process of its own: how many a second, and how
much processor time each costs. The latter holds on a machine that does other work too; two workers on two processors of
their own answer 2,000 ms / that many in a second."""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.measure import report
from tests.bench.township import LEDGER, SERVER, bench_user, start

_ROOT = Path(__file__).resolve().parents[2]
_CONNECTIONS = 8
_TICK = os.sysconf("SC_CLK_TCK")
PAGES = {
    "first page": f"/ledgers/{LEDGER}/",
    "page 40": f"/ledgers/{LEDGER}/?page=40",
    "filter, sort": f"/ledgers/{LEDGER}/?since=2020-03-01&until=2020-03-31&sort=-signed_on",
    "choice": f"/ledgers/{LEDGER}/?f_crop=%E8%8C%B6%E5%8F%B6",
    "place": f"/ledgers/{LEDGER}/?place=VILLAGE",
    "free text": f"/ledgers/{LEDGER}/?q=%E6%B9%BE0099",
    "free text, a tenth": f"/ledgers/{LEDGER}/?q=%E9%99%88",
    "row page": f"/ledgers/{LEDGER}/ROW/",
    "desk": "/",
}


@contextmanager
def served(target: str, env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The port of a server with two workers, ready to answer, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "error", target,
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=_ROOT, env=os.environ | env | {"PYTHONPATH": str(_ROOT)})
    try:
        _wait_for(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                probe.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if probe.recv(100).startswith(b"HTTP/1.1"):
                    time.sleep(1)  # the second worker
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The server did not come up on port {port}.")


def cpu_of(server: int) -> float:
    """Processor seconds that the server's workers have taken up to now."""
    taken = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process that has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == server:
                taken += int(fields[11]) + int(fields[12])
    return taken / _TICK


def cpu_of_database() -> float:
    """Processor seconds of the sessions of a PostgreSQL server on this machine; 0 where there is none."""
    if not SERVER:
        return 0
    with psycopg.connect(SERVER) as connection:
        asked = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname LIKE %s", ["%_large"])
        pids = [pid for (pid,) in asked]
    taken = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            taken += int(fields[11]) + int(fields[12])
    return taken / _TICK


def measured(port: int, server: int, path: str, cookie: str, seconds: float) -> dict[str, Any]:
    """`load`, and the milliseconds of processor time that a page costs the workers and the database."""
    before, database = cpu_of(server), cpu_of_database()
    found = asyncio.run(load(port, path, cookie, seconds))
    found["cpu_ms"] = 1000 * (cpu_of(server) - before) / found["answers"]
    found["database_ms"] = 1000 * (cpu_of_database() - database) / found["answers"]
    return found


async def load(port: int, path: str, cookie: str, seconds: float) -> dict[str, Any]:
    """Ask as fast as answers come over a few connections that stay open; answers per second and the slowest twentieth."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while (begun := time.perf_counter()) < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path}: {head.splitlines()[0].decode()}")
            length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            times.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(_CONNECTIONS)))
    took = time.perf_counter() - begun
    times.sort()
    return {"answers": len(times), "per_second": len(times) / took, "p95_ms": 1000 * times[int(len(times) * 0.95)]}


def cookie_of(folder: Path) -> str:
    """A session of the user who measures, as a cookie."""
    start(folder)
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user, session = bench_user(), SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seconds", type=float, default=5)
    said = asked.parse_args()
    cookie = cookie_of(said.folder)
    from zhenwu.divisions.models import Division
    from zhenwu.packs import runtime

    village = Division.objects.filter(name__endswith="村").order_by("code").values_list("pk", flat=True)[0]
    row = runtime.ledger(LEDGER).rows("test").order_by("no").values_list("pk", flat=True)[0]
    pages = {name: path.replace("VILLAGE", str(village)).replace("ROW", str(row)) for name, path in PAGES.items()}
    found: dict[str, Any] = {}
    with served("tests.bench.bare:application", {}) as (port, server):
        asyncio.run(load(port, "/", "", 1))
        found["bare"] = measured(port, server, "/", "", said.seconds)
    with served("zhenwu.config.wsgi:application", {"ZHENWU_INSTANCE": str(said.folder)}) as (port, server):
        for name, path in pages.items():
            asyncio.run(load(port, path, cookie, 1))  # both workers have seen it
            found[name] = measured(port, server, path, cookie, said.seconds)
    report(found)


if __name__ == "__main__":
    main()
