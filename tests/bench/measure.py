"""A job runs in a process of its own and says what it took as one line of JSON; memory is that process's peak."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_MARK = "BENCH "


class Clock:
    """Seconds and processor seconds since it was made. The latter hold on a machine that does other work too."""

    def __init__(self) -> None:
        self._begun, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._begun, time.process_time() - self._cpu


def peak_mib() -> int:
    """The most memory that this process ever held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # KiB on Linux


def report(measured: dict[str, Any]) -> None:
    print(_MARK + json.dumps({"peak_mib": peak_mib()} | measured), flush=True)


def job(module: str, *words: object, timeout: float = 600) -> dict[str, Any]:
    """Run `python -m tests.bench.<module> words…` and return what it reported."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *(str(word) for word in words)]
    done = subprocess.run(
        command, cwd=_ROOT, env=os.environ | {"PYTHONPATH": str(_ROOT)}, capture_output=True, text=True, timeout=timeout
    )
    line = next((line for line in reversed(done.stdout.splitlines()) if line.startswith(_MARK)), None)
    if done.returncode or line is None:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(line.removeprefix(_MARK))
    return found
