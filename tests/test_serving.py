"""`zhenwu serve` as an operator meets it: a background worker beside the web workers, kept alive, stopped with the server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_command_line import zhenwu


def until(what: Callable[[], object], seconds: float = 90) -> object:
    """What `what` gives, once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come to pass in time")


def workers(instance: Path) -> set[int]:
    folder = instance / "workers"
    return {int(one.name.partition("-")[0]) for one in folder.glob("[!.]*")} if folder.is_dir() else set()


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]


@pytest.fixture
def serving(tmp_path):
    instance = tmp_path / "instance"
    made = zhenwu("init", "--code", "510182104", instance=instance)
    assert made.returncode == 0, made.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ZHENWU_", "DJANGO_"))}
    words = ["-m", "zhenwu.config.cli", "--instance", str(instance), "serve", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen([sys.executable, *words], env=env)

    def answers() -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read() == b"ok"
        except OSError:
            return False

    try:
        until(answers)
        yield server, instance
    finally:
        server.kill()
        server.wait()


def test_a_worker_is_kept_alive_and_stopped_with_the_server(serving):
    server, instance = serving
    [first] = until(lambda: workers(instance))
    os.kill(first, signal.SIGKILL)
    second = until(lambda: next(iter(workers(instance) - {first}), None))
    assert is_running(second)
    server.terminate()
    server.wait(60)
    assert not is_running(second)
    assert workers(instance) <= {first}  # the killed one could not tidy up; the next look at the workers does
