"""Yes-or-no, phone and account cells."""

import re
from dataclasses import dataclass
from typing import Final

from zhenwu.lib.readings import Reading, typed
from zhenwu.lib.text import fold_width

_YES_WORDS: Final = "√ ✓ ✔ ☑ 是 有 对 达标 已达标 合格 已 1 y yes true t ü þ"  # ü and û are √ and × of Wingdings
_NO_WORDS: Final = "× ✗ ✘ ☒ x 否 无 没有 不是 未 未达标 不达标 不合格 错 0 n no false f û"
_YES: Final = frozenset(_YES_WORDS.split())
_NO: Final = frozenset(_NO_WORDS.split())


def read_bool(raw: object) -> Reading[bool]:
    """√ 是 有 达标 1 -> True, × 否 无 0 -> False. Blank, "/" and "—" are None: a blank is never "no"."""
    if raw is None or isinstance(raw, bool):
        return Reading(raw)
    text = f"{raw:g}" if isinstance(raw, (int, float)) else fold_width(str(raw)).strip().lower()
    if text in {"", "/", "-", "—", "——"}:
        return Reading()
    if text in _YES:
        return Reading(True)
    if text in _NO:
        return Reading(False)
    return Reading(error=f"{typed(raw)}，看不出是或否：请填“是”或“否”，不清楚就留空。")


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """The main number and the others of the same cell. Mobile numbers are 11 digits, landlines `0826-1234567`."""

    value: str | None = None
    others: tuple[str, ...] = ()
    note: str | None = None
    error: str | None = None


def read_phone(raw: object) -> PhoneReading:
    """Read one cell; of several numbers the first is the main one."""
    text = _digits_cell(raw)
    if text in {"", "/", "-", "—", "——", "无"}:
        return PhoneReading()
    if _lost(raw, text):
        return PhoneReading(error=f"{typed(raw)}，号码被表格软件改成了科学计数法：请把这一列设为“文本”格式后重填。")
    numbers = [_one_phone(part) for part in re.split(r"[/、,，;；|\n]+|\s{2,}|(?<=\d{11})\s", text) if part.strip()]
    if not numbers or None in numbers:
        return PhoneReading(error=f"{typed(raw)}，不是电话号码：请填 11 位手机号，或带区号的座机，如 0826-1234567。")
    found = [number for number in numbers if number]
    notes = []
    if len(found) > 1:
        notes.append(f"一格有 {len(found)} 个号码，第一个作为主要号码。")
    if any(len(number) in (7, 8) for number in found):
        notes.append("座机没有区号，请补上。")
    return PhoneReading(found[0], tuple(found[1:]), "".join(notes) or None)


def _one_phone(part: str) -> str | None:
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", re.sub(r"[\s\-()（）]", "", part))
    if re.fullmatch(r"1[3-9]\d{9}", digits) or re.fullmatch(r"[2-9]\d{6,7}", digits):
        return digits
    # Two-digit trunk codes are those of Beijing (010) and the 02x cities; all others have three digits after the 0.
    if match := re.fullmatch(r"(010|02\d|0[3-9]\d{2})([2-9]\d{6,7})", digits):
        return f"{match[1]}-{match[2]}"
    return None


def read_account(raw: object) -> Reading[str]:
    """A bank account as digits. Numbers a spreadsheet has cut are refused: their last digits are gone."""
    text = re.sub(r"[\s\-]", "", _digits_cell(raw))
    if text in {"", "/", "—", "——", "无"}:
        return Reading()
    if _lost(raw, text) or (isinstance(raw, (int, float)) and abs(raw) >= 1e15):
        return Reading(
            error=f"{typed(raw)}，账号被表格软件当成数字，后几位已丢失：请把这一列设为“文本”格式，按存折或银行卡重填。"
        )
    if not re.fullmatch(r"\d{8,30}", text):
        return Reading(error=f"{typed(raw)}，不是银行账号：只填数字，请按存折或银行卡重填。")
    return Reading(text)


def _digits_cell(raw: object) -> str:
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    return fold_width("" if raw is None else str(raw)).strip().strip("'‘’`")


def _lost(raw: object, text: str) -> bool:
    return (isinstance(raw, float) and not raw.is_integer()) or bool(re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text))
