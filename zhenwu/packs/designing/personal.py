"""Numbers that identify a person, found wherever they stand in a column."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from zhenwu.lib.idno import read_idno
from zhenwu.packs.designing.sample import SampleColumn, as_text
from zhenwu.packs.designing.words import ACCOUNT, CODE, IDNO, NOT_ACCOUNT, PHONE

_FAR: Final = date(2199, 12, 31)
_DIGITS: Final = re.compile(r"(?<![\dA-Za-z])(?:\d[ \-]?){14,22}[\dXxХх×]?(?![\dA-Za-z])")
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_LANDLINE: Final = re.compile(r"^\(?0\d{2,3}\)?[ \-]?[2-9]\d{6,7}$|^[2-9]\d{6,7}$")
_MASKED: Final = re.compile(r"\d{3,6}[*●•xX]{4,14}\d{2,4}[\dXx]?$")


def holds_idno(value: Any) -> bool:
    """Whether a valid ID number of 18 or 15 digits stands in the cell, alone or among words."""
    return any(_is_idno(run) for run in _runs(value))


def holds_phone(value: Any) -> bool:
    """Whether a mobile number stands in the cell."""
    return bool(_MOBILE.search(as_text(value)))


def holds_account(value: Any) -> bool:
    """Whether a bank card number (16 to 19 digits, right by its check digit) stands in the cell."""
    return any(16 <= len(run) <= 19 and run.isdigit() and _luhn(run) for run in _runs(value))


def _runs(value: Any) -> list[str]:
    if isinstance(value, float) and not value.is_integer():
        return []  # the digits of a fraction are no number of anything
    text = as_text(value)
    return [re.sub(r"[ \-]", "", found) for found in _DIGITS.findall(text)] if len(text) >= 15 else []


def _is_idno(run: str) -> bool:
    if len(run) not in (15, 18):
        return False
    read = read_idno(run, on=_FAR)
    return read.ok and read.birth is not None and 1880 <= read.birth.year <= 2100


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0 and len(set(digits)) > 2


def _lost_digits(value: Any) -> bool:
    """A long number that a spreadsheet has rounded (5.1999910E+17)."""
    return isinstance(value, float) and 1e14 <= abs(value) < 1e19


# type, what it is called, the words of the head, what finds one in a cell
_KINDS: Final[tuple[tuple[str, str, re.Pattern[str], Callable[[Any], bool]], ...]] = (
    ("idno", "身份证号", IDNO, holds_idno),
    ("phone", "手机号", PHONE, holds_phone),
    ("bank_account", "银行卡号", ACCOUNT, holds_account),
)


def personal_type(column: SampleColumn) -> tuple[str, str] | None:
    """(type, why) of a column of personal numbers; None when it is none, though some cells may still hold one."""
    values = column.values
    for name, called, words, holds in _KINDS:
        found = sum(1 for value in values if holds(value))
        is_headed = bool(words.search(column.leaf)) and not (name == "bank_account" and NOT_ACCOUNT.search(column.leaf))
        if values and found * 10 >= len(values) * 6 and _alone(column, name):
            return name, f"{len(values)}个值中{found}个是{called}"
        if is_headed and (not values or _could_be(column, name, found)):
            return name, f"列名是“{column.leaf}”" + (f"，{found}个值是{called}" if found else "")
    return None


def _alone(column: SampleColumn, name: str) -> bool:
    """Whether the numbers stand alone in their cells: a telling of what happened may name one too."""
    longest = {"idno": 24, "phone": 30, "bank_account": 26}[name]
    alone = [text for text in column.texts if len(text) <= longest and len(re.findall(r"[\u3400-\u9fff]", text)) < 2]
    return len(alone) * 10 >= len(column.texts) * 8


def _could_be(column: SampleColumn, name: str, found: int) -> bool:
    """Whether a column so headed holds such numbers: most are, are masked, or were rounded by the spreadsheet."""
    if name == "phone":
        like = sum(1 for text in column.texts if _LANDLINE.match(text) or _MASKED.search(text) or _MOBILE.search(text))
        return like * 2 >= len(column.texts) and _alone(column, name)
    if name == "bank_account":
        like = sum(1 for text in column.texts if re.fullmatch(r"[\d \-]{8,30}", text) or _MASKED.search(text))
    else:
        like = sum(1 for text in column.texts if re.fullmatch(r"[\dXx \-]{14,20}", text) or _MASKED.search(text))
    like = max(like, found) + sum(1 for value in column.values if isinstance(value, float) and _lost_digits(value))
    return like * 2 >= len(column.texts) and (
        found > 0 or not CODE.search(column.leaf) or name != "bank_account" or like > 0
    )


def personal_cells(column: SampleColumn) -> str:
    """Why the column's words must not be open: "2个值里有手机号"; "" when no cell holds a personal number."""
    said = []
    for _, called, _, holds in _KINDS:
        if found := sum(1 for value in column.values if holds(value)):
            said.append(f"{found}个值里有{called}")
    return "、".join(said)
