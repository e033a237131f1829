"""Identity number, GB 11643-1999: reading, repairing what is certain, naming what is not.

Only the format is judged. That the number belongs to the person is proved by the police comparison, never here.
"""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import date
from operator import mul
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from zhenwu.lib.readings import Issue, typed
from zhenwu.lib.text import fold_width, is_empty_mark

Sex = Literal["1", "2"]

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_ZEROS: Final = 48 * sum(_WEIGHTS)  # what the sum of the weighted bytes holds more than that of the digits
_PLAIN: Final = re.compile(r"[0-9]{17}[0-9X]")
_TO_X: Final = str.maketrans({"Х": "X", "х": "X", "×": "X", "Χ": "X", "χ": "X", "'": "", "‘": "", "’": "", "`": ""})
_BLOCK: Final = 1 << 13
# From digits to: the sum of the check digit, the year, month and day as MMDD.
_SUMS: Final = np.zeros((18, 3), dtype=np.float32)
_SUMS[:17, 0], _SUMS[6:10, 1], _SUMS[10:14, 2] = _WEIGHTS, (1000, 100, 10, 1), (1000, 100, 10, 1)
_CHECK_OF_SUM: Final = np.frombuffer(_CHECKS.encode(), dtype=np.uint8)[np.arange(9 * sum(_WEIGHTS) + 1) % 11]
_SEX_NAMES: Final = {"1": "男", "2": "女"}
_SCIENTIFIC: Final = re.compile(r"^\d(\.\d+)?E\+?\d+$")
_OLDEST_YEARS: Final = 110
_KEPT: Final = 15  # digits of a number that a spreadsheet keeps


@dataclass(frozen=True, slots=True)
class Idno:
    """A read number. `ok` means the format holds: digits, real birth date not after the day asked, check digit.

    `idno` is the 18-character form when the cell has one, even if its check digit is wrong; None when blank, rounded by a
    spreadsheet or unreadable. `birth`, `sex` ("1" 男, "2" 女) and `region` come from the number, not from the list.
    Blank gives ok=False and no issues: whether a blank is allowed is the ledger's rule.
    """

    ok: bool
    idno: str | None = None
    birth: date | None = None
    sex: Sex | None = None
    region: str | None = None
    issues: list[Issue] = field(default_factory=list)


def check_digit(first17: str) -> str:
    """The 18th character for 17 digits: `10X98765432`[S mod 11]."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError(f"校验码只能由 17 位数字算出，收到的是“{first17}”。")
    return _CHECKS[(sum(map(mul, first17.encode(), _WEIGHTS)) - _ZEROS) % 11]


def normalise_idno(raw: object) -> str:
    """Half-width, no spaces or apostrophes, X in capitals (also from Cyrillic Х and ×); still any length."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)  # a 15-digit number survives a spreadsheet cell whole
    text = fold_width("" if raw is None else str(raw)).translate(_TO_X)
    return "".join(text.split()).upper()


def read_idno(
    raw: object, *, on: date, name: str | None = None, sex: str | None = None, birth: date | None = None
) -> Idno:
    """Read one cell. `on` is the day that births may not be after; `sex` and `birth` are what the list says beside it."""
    issues: list[Issue] = []
    if isinstance(raw, str) and _PLAIN.fullmatch(raw):
        text = raw
    else:
        if is_empty_mark(raw):
            return Idno(ok=False)
        text = normalise_idno(raw)
        if lost := _lost_by_spreadsheet(raw, text, name):
            return Idno(ok=False, issues=[lost])
        if len(text) == 15 and text.isdigit():
            text = _from_15(text)
            issues.append(Issue("old15", "blue", f"15 位旧号已换算为 {text}，请与户籍登记核对。"))
        if not re.fullmatch(r"\d{17}[\dX]", text):
            return Idno(ok=False, issues=[_not_18(raw, text)])
    number_birth = _birth_of(text)
    if number_birth is None or number_birth > on:
        issues.append(_bad_birth(raw, text, number_birth, on))
    elif on.year - number_birth.year > _OLDEST_YEARS:
        issues.append(
            Issue("implausible", "yellow", f"按身份证号出生于 {number_birth:%Y-%m-%d}，已超过 110 岁，请核对。")
        )
    if (expected := check_digit(text[:17])) != text[17]:
        issues.append(_bad_check(raw, text, expected, name))
    elif text.endswith("000"):
        issues.append(
            Issue("maybe_rounded", "yellow", f"{typed(raw)}：末三位是 000，可能被表格软件改过，请对照身份证原件。")
        )
    rounded = any(issue.code == "rounded" for issue in issues)
    number_sex: Sex = "1" if int(text[16]) % 2 else "2"
    ok = not any(issue.severity == "red" for issue in issues)
    if ok:
        issues += _conflicts(number_birth, number_sex, birth, sex)
    return Idno(
        ok=ok,
        idno=None if rounded else text,
        birth=number_birth if number_birth and number_birth <= on else None,
        sex=None if rounded else number_sex,
        region=text[:6],
        issues=issues,
    )


def facts_of(number: str) -> tuple[bool, date | None, Sex]:
    """(whether it is right, birth, sex) of a number as `read_idno` gives it, without naming what is wrong."""
    birth = _birth_of(number)
    return birth is not None and check_digit(number[:17]) == number[17], birth, "1" if int(number[16]) % 2 else "2"


def _lost_by_spreadsheet(raw: object, text: str, name: str | None) -> Issue | None:
    number_cell = isinstance(raw, float) and abs(raw) >= 1e15
    if number_cell or _SCIENTIFIC.match(text):
        shown = f"{raw:.5E}" if isinstance(raw, float) else raw
        return Issue(
            "scientific",
            "red",
            f"{typed(shown)}：表格软件把身份证号当成数字，后几位已丢失，无法还原。"
            f"请把这一列设为“文本”格式，{_by_paper(name)}。",
        )
    if isinstance(raw, int) and len(text) == 18 and text.endswith("000"):
        return _rounded(raw, text, name)
    return None


def kept_digits(raw: object) -> str:
    """The first digits of a number that a spreadsheet has kept as a number: 15 of them; "" when it kept fewer than 14, or when
    the number is whole."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return (
            f"{raw:.14e}".partition("e")[0].replace(".", "")
            if 1e17 <= raw < 1e18 and (isinstance(raw, float) or raw % 1000 == 0)
            else ""
        )
    text = normalise_idno(raw)
    if _SCIENTIFIC.match(text):
        mantissa, _, power = text.partition("E")
        digits = mantissa.replace(".", "")
        return digits[:_KEPT] if len(digits) >= _KEPT - 1 and power.lstrip("+") == "17" else ""
    is_lost = _PLAIN.fullmatch(text) and text.endswith("000") and check_digit(text[:17]) != text[17]
    return text[:_KEPT] if is_lost else ""


def _rounded(raw: object, text: str, name: str | None) -> Issue:
    return Issue(
        "rounded",
        "red",
        f"{typed(raw)}：末三位变成了 000，是表格软件按数字保存造成的，后三位已丢失。"
        f"请把这一列设为“文本”格式，{_by_paper(name)}。",
        proposal=text[:15],
    )


def _by_paper(name: str | None) -> str:
    return f"按{name}的身份证原件重填" if name else "按身份证原件重填"


def _from_15(text: str) -> str:
    # Sequence numbers 996 to 999 were kept for people born before 1900.
    century = "18" if text[-3:] in {"996", "997", "998", "999"} else "19"
    first17 = text[:6] + century + text[6:]
    return first17 + check_digit(first17)


def _not_18(raw: object, text: str) -> Issue:
    guess = text.replace("O", "0").replace("I", "1").replace("L", "1")
    if guess != text and re.fullmatch(r"\d{17}[\dX]", guess) and check_digit(guess[:17]) == guess[17]:
        return Issue(
            "letters", "red", f"{typed(raw)}：里面有字母 O、I 或 l，是否应为 {guess}？请核对后重填。", proposal=guess
        )
    if re.fullmatch(r"[\dX]+", text):
        return Issue(
            "length", "red", f"{typed(raw)}：共 {len(text)} 位，身份证号应为 18 位（旧号 15 位），请对照原件重填。"
        )
    return Issue("characters", "red", f"{typed(raw)}：身份证号只能是数字，末位可以是 X，请对照原件重填。")


def _birth_of(text: str) -> date | None:
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def _bad_birth(raw: object, text: str, birth: date | None, on: date) -> Issue:
    late = birth and f"出生日期 {birth:%Y-%m-%d} 晚于 {on:%Y-%m-%d}"
    why = late or f"第 7 至 14 位“{text[6:14]}”不是真实的日期"
    return Issue("birth", "red", f"{typed(raw)}：{why}，请对照身份证原件重填。")


def _bad_check(raw: object, text: str, expected: str, name: str | None) -> Issue:
    if text.endswith("000"):
        return _rounded(raw, text, name)
    return Issue(
        "check_digit",
        "red",
        f"{typed(raw)}：末位校验码应为 {expected}，实为 {text[17]}，其中有一位填错，请对照身份证原件。",
    )


def _conflicts(number_birth: date | None, number_sex: Sex, birth: date | None, sex: str | None) -> list[Issue]:
    issues = []
    listed = {"男": "1", "女": "2", "1": "1", "2": "2"}.get((sex or "").strip())
    if listed and listed != number_sex:
        issues.append(
            Issue("sex", "red", f"表中性别为{_SEX_NAMES[listed]}，身份证号为{_SEX_NAMES[number_sex]}，请核对两项。")
        )
    if birth and number_birth and birth != number_birth:
        issues.append(
            Issue(
                "birth_differs",
                "red",
                f"表中出生日期 {birth:%Y-%m-%d}，身份证号为 {number_birth:%Y-%m-%d}，请核对两项。",
            )
        )
    return issues


@dataclass(frozen=True, slots=True)
class IdnoColumns:
    """Derived columns of many numbers; where `ok` is False the others are NaT / 0."""

    ok: np.ndarray  # bool
    birth: np.ndarray  # datetime64[D]
    sex: np.ndarray  # uint8: 1 男, 2 女, 0 unknown


def idno_ok_many(values: "pa.StringArray | list[str | None]", *, on: date | None = None) -> np.ndarray:
    """Which of many normalised numbers (18 characters, capital X) are right; None, 15 digits and spaces are False.

    What is False here goes through `read_idno`, which repairs or explains.
    """
    matrix, candidate = _matrix(values)
    good = np.empty(len(matrix), dtype=bool)
    for start in range(0, len(matrix), _BLOCK):
        good[start : start + _BLOCK] = _right(matrix[start : start + _BLOCK], on)[0]
    if len(good) == len(candidate):
        return good
    candidate[candidate] = good
    return candidate


def idno_columns(values: "pa.StringArray | list[str | None]", *, on: date | None = None) -> IdnoColumns:
    """Check and derive in one pass over the Arrow buffer, in blocks that stay in the processor's cache."""
    matrix, candidate = _matrix(values)
    ok = np.zeros(len(candidate), dtype=bool)
    birth = np.full(len(candidate), np.datetime64("NaT"), dtype="datetime64[D]")
    sex = np.zeros(len(candidate), dtype=np.uint8)
    places = np.flatnonzero(candidate)
    for start in range(0, len(matrix), _BLOCK):
        block, at = matrix[start : start + _BLOCK], places[start : start + _BLOCK]
        good, year, month_day = _right(block, on)
        months = ((year - 1970) * 12 + month_day // 100 - 1).astype("datetime64[M]")
        born = months.astype("datetime64[D]") + (month_day % 100 - 1)
        ok[at] = good
        birth[at] = np.where(good, born, np.datetime64("NaT"))
        sex[at] = np.where(good, 2 - (block[:, 16] & 1), 0)
    return IdnoColumns(ok, birth, sex)


def _right(block: np.ndarray, on: date | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of rows of 18 bytes: which are right numbers born by `on`, the year, and month and day as MMDD (0 where not digits).

    One multiplication of the block gives all three sums, which stay below 2**24 where float32 is exact; numpy multiplies
    matrices of integers ten times slower. What a sum means is looked up.
    """
    digits = block - np.uint8(48)  # wraps around for anything below "0", so one comparison finds all that is no digit
    odd = np.flatnonzero(digits > 9)
    odd_rows = odd[odd % 18 != 17] // 18
    if len(odd_rows):
        digits[odd_rows] = 0  # month 00, so never right
    total, year, month_day = (digits.astype(np.float32) @ _SUMS).astype(np.int32).T
    good = (_CHECK_OF_SUM[total] == block[:, 17]) & (_DAYS[month_day] & _YEARS[year] != 0)
    if on is not None:
        good &= year * 10_000 + month_day <= on.year * 10_000 + on.month * 100 + on.day
    return good, year, month_day


def _real_days() -> tuple[np.ndarray, np.ndarray]:
    """Tables by MMDD and by year whose bits meet where the day is in the year: 1 any year, 2 a leap year; year 0 is none."""
    in_days, in_years = np.zeros(10_000, dtype=np.uint8), np.ones(10_000, dtype=np.uint8)
    for month in range(1, 13):
        in_days[month * 100 + 1 : month * 100 + monthrange(2001, month)[1] + 1] = 1
    in_days[229] = 2
    in_years[[year for year in range(1, 10_000) if isleap(year)]] = 3
    in_years[0] = 0
    return in_days, in_years


_DAYS, _YEARS = _real_days()


def _matrix(values: "pa.StringArray | list[str | None]") -> tuple[np.ndarray, np.ndarray]:
    """The 18-byte values as rows of bytes, and which of all values those are."""
    array = values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
    array = array.cast(pa.string())
    if len(array) == 0:
        return np.empty((0, 18), dtype=np.uint8), np.zeros(0, dtype=bool)
    buffers = array.buffers()
    offsets = np.frombuffer(buffers[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    candidate = np.diff(offsets) == 18
    if array.null_count:
        candidate &= array.is_valid().to_numpy(zero_copy_only=False)
    data = np.frombuffer(buffers[2], dtype=np.uint8) if buffers[2] is not None else np.empty(0, dtype=np.uint8)
    if candidate.all():
        return data[offsets[0] : offsets[-1]].reshape(-1, 18), candidate
    return data[offsets[:-1][candidate][:, None] + np.arange(18)], candidate
