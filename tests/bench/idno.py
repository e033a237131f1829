"""`python -m tests.bench.idno check`: a million ID numbers checked, beside plain numpy that judges the same."""

import sys
from typing import Any

import numpy as np
import pyarrow as pa

from tests.bench.measure import Clock, report
from zhenwu.lib.idno import check_digit, idno_ok_many

_COUNT = 1_000_000
_KINDS = 5_000
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.float32)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_MONTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _numbers() -> list[str]:
    """Right ones, and one in fifty with a wrong check digit, a day that is none, or a letter."""
    made = [f"519999{1930 + n % 90}{n % 12 + 1:02}{n % 28 + 1:02}{n % 1000:03}" for n in range(_KINDS)]
    whole = [one + check_digit(one) for one in made]
    whole[::150] = [one[:17] + ("1" if one[17] != "1" else "2") for one in whole[::150]]
    no_days = [f"{one[:10]}0230{one[14:17]}" for one in whole[50::150]]
    whole[50::150] = [one + check_digit(one) for one in no_days]
    whole[100::150] = [one[:3] + "O" + one[4:] for one in whole[100::150]]
    return whole * (_COUNT // _KINDS)


def _check_digits(values: pa.StringArray) -> np.ndarray:
    """The check digit alone, of bytes that are known to be 18 characters each."""
    data = np.frombuffer(values.buffers()[2], dtype=np.uint8).reshape(-1, 18)
    digits = (data[:, :17] - np.uint8(48)).astype(np.float32)
    right: np.ndarray = _CHECKS[(digits @ _WEIGHTS).astype(np.int32) % 11] == data[:, 17]
    return right


def _bare(values: pa.StringArray) -> np.ndarray:
    """The same judgement as ours (17 digits, real date, check digit), as one would write it in numpy."""
    data = np.frombuffer(values.buffers()[2], dtype=np.uint8).reshape(-1, 18)
    digits = (data[:, :17] - np.uint8(48)).astype(np.int32)
    year = digits[:, 6] * 1000 + digits[:, 7] * 100 + digits[:, 8] * 10 + digits[:, 9]
    month, day = digits[:, 10] * 10 + digits[:, 11], digits[:, 12] * 10 + digits[:, 13]
    real = (year > 0) & (month >= 1) & (month <= 12)
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    real &= (day >= 1) & (day <= _MONTHS[np.where(real, month, 0)] + leap)
    return _check_digits(values) & real & (data[:, :17] >= 48).all(axis=1) & (data[:, :17] <= 57).all(axis=1)


def check() -> dict[str, Any]:
    values = pa.array(_numbers())
    jobs = {"digit": _check_digits, "limit": _bare, "cpu": idno_ok_many}
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(5):
        found = {}
        for name, one in jobs.items():
            clock = Clock()
            found[name] = one(values)
            took[name].append(clock.read()[1])
        if not np.array_equal(found["limit"], found["cpu"]) or not 0 < found["cpu"].sum() < _COUNT:
            raise RuntimeError("The two do not agree on what is right.")
    least = {name: min(seconds) for name, seconds in took.items()}
    return {"count": _COUNT, "limit_cpu": least["limit"], "digit_cpu": least["digit"], "cpu": least["cpu"]}


if __name__ == "__main__":
    report({"check": check}[sys.argv[1]]())
