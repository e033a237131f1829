"""`python -m tests.bench.idno check`: a million ID numbers checked, beside the least that numpy can do for the check digit."""

import sys
from typing import Any

import numpy as np
import pyarrow as pa

from tests.bench.measure import Clock, report
from zhenwu.lib.idno import check_digit, idno_columns

_COUNT = 1_000_000
_KINDS = 5_000
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.float32)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)


def _numbers() -> list[str]:
    made = [f"519999{1930 + n % 90}{n % 12 + 1:02}{n % 28 + 1:02}{n % 1000:03}" for n in range(_KINDS)]
    whole = [one + check_digit(one) for one in made]
    return whole * (_COUNT // _KINDS)


def _bare(data: np.ndarray) -> int:
    """The check digit alone, of bytes that are known to be 18 characters each."""
    digits = (data[:, :17] - np.uint8(48)).astype(np.float32)
    return int((_CHECKS[(digits @ _WEIGHTS).astype(np.int32) % 11] == data[:, 17]).sum())


def check() -> dict[str, Any]:
    values = pa.array(_numbers())
    data = np.frombuffer(values.buffers()[2], dtype=np.uint8).reshape(-1, 18)
    bare, ours = [], []
    for _ in range(5):
        clock = Clock()
        right = _bare(data)
        bare.append(clock.read()[1])
        clock = Clock()
        found = idno_columns(values)
        ours.append(clock.read()[1])
        if right != int(found.ok.sum()) or right != _COUNT:
            raise RuntimeError("The two do not agree on what is right.")
    return {"count": _COUNT, "limit_cpu": min(bare), "cpu": min(ours)}


if __name__ == "__main__":
    report({"check": check}[sys.argv[1]]())
