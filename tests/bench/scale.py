"""Many townships' marts in one place: one township is made and gathered, and the others are its files under other codes."""

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.checks import AS_OF, fill
from tests.bench.measure import report
from tests.bench.township import prepare, start

CHECKS = [f"bench_payment.B-{number}" for number in range(1, 6)]
SUMS = (
    "SELECT division AS place, pay_ym, sum(amount) AS total, count(*) AS n FROM bench_payment GROUP BY division, pay_ym"
)
_UNITS = ("bench_resident", "bench_payment")


def spread(instance: Path, where: Path, towns: int, payments: int) -> dict[str, Any]:
    """Links, not copies: the disk holds one township, a reader opens and reads each."""
    prepare(instance)
    fill(max(payments // 11, 1), payments)  # eleven months a person
    from zhenwu.mart.gathered.manifest import newest
    from zhenwu.mart.gathered.target import Target
    from zhenwu.mart.gathered.writing import gather
    from zhenwu.mart.store import mart

    target = Target.of(str(where))
    gather(mart(), target, units=_UNITS, packs="bench")
    [one] = newest(target)
    begun = time.perf_counter()
    for number in range(1, towns):
        other = replace(one, town=f"{519000 + number // 500}{100 + number % 500:03d}000", name=f"{number}号镇")
        target.make_folder(other.folder)
        target.make_folder(f"towns/{other.town}")
        for file in Path(target.path(one.folder)).iterdir():
            os.link(file, Path(target.path(other.folder)) / file.name)
        other.write(target)
    return {"towns": towns, "rows": towns * payments, "seconds": time.perf_counter() - begun}


def ask(instance: Path, where: Path, engine: str, memory: str) -> dict[str, Any]:
    """Seconds of each question to all townships at once, and the most memory that this process and Java held."""
    start(instance)
    from zhenwu.checks.registry import registry
    from zhenwu.config.cli.engines import Engine, opened
    from zhenwu.mart.engine import window
    from zhenwu.mart.gathered.target import Target
    from zhenwu.mart.gathered.towns import Gathered
    from zhenwu.mart.statements import Preparer
    from zhenwu.mart.store import running_schema
    from zhenwu.packs import runtime

    begun = time.perf_counter()
    gathered = Gathered(Target.of(str(where)), running_schema(), opened(Engine(engine), "local[2]", memory))
    preparer = Preparer(running_schema(), runtime.packs().packs["bench_payment"])
    asked = {code: registry().prepared(code).bad for code in CHECKS} | {"sums": preparer.prepare(SUMS, "bench")}
    took: dict[str, Any] = {"towns": len(gathered.towns), "open": time.perf_counter() - begun}
    for name, prepared in asked.items():
        begun = time.perf_counter()
        rows = [town.query(prepared, window(AS_OF)).num_rows for town in gathered.towns]
        took[name] = time.perf_counter() - begun
        took[f"{name} rows"] = sum(rows)
        print(name, f"{took[name]:.1f} s, {sum(rows):,} rows", flush=True)
    took["peak_mib"] = sum(_peak(pid) for pid in _family(os.getpid())) // 1024
    gathered.close()
    return took


def _family(pid: int) -> list[int]:
    """The process and those below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in _family(int(child)))]


def _peak(pid: int) -> int:
    """KiB that a process held at most."""
    said = Path(f"/proc/{pid}/status").read_text()
    return next(
        (int(line.split()[1]) for line in said.splitlines() if line.startswith("VmHWM")), 0
    )  # none: it has ended


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("step", choices=["spread", "ask"])
    asked.add_argument("instance", type=Path)
    asked.add_argument("where", type=Path)
    asked.add_argument("--towns", type=int, default=2000)
    asked.add_argument("--payments", type=int, default=25_000)
    asked.add_argument("--engine", default="duckdb")
    asked.add_argument("--memory", default="4g")
    said = asked.parse_args()
    if said.step == "spread":
        report(spread(said.instance, said.where, said.towns, said.payments))
    else:
        report(ask(said.instance, said.where, said.engine, said.memory))


if __name__ == "__main__":
    main()
