"""Chinese numerals, and the 十 百 千 万 亿 that stand behind a digit or in front of a unit."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

DIGITS: Final = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
SCALES: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8}
CHINESE_NUMERAL: Final = f"[{''.join(DIGITS)}{''.join(SCALES)}]"

_GROUPS: Final = ((10**8, "亿"), (10**4, "万"))
# 千克 is a unit of its own, not a thousand 克; 百分点 is not a hundred of anything.
_WHOLE_UNITS: Final = ("千克", "千米", "千瓦", "千伏", "千卡", "千帕", "百分点", "百分比", "百分号")
_LONGEST = 60  # longer than any number that is said


def chinese_to_int(text: str) -> int:
    """二十三 -> 23, 两万三千零五 -> 23005, 一百二 -> 120, 二〇二四 -> 2024, 负三 -> -3.

    Raises ValueError when the text is not one numeral.
    """
    body = text.removeprefix("负")
    if len(body) > _LONGEST:
        raise ValueError(f"“{text[:20]}…”不是中文数字：太长。")
    if not body or not re.fullmatch(f"{CHINESE_NUMERAL}+", body):
        raise ValueError(f"“{text}”不是中文数字，应由 一二三…十百千万亿 组成。")
    if not any(char in SCALES for char in body):
        if len(body) > 1 and "两" in body:
            raise ValueError(f"“{text}”不是中文数字：“两”不能逐位读。")
        value = int("".join(str(DIGITS[char]) for char in body))
    else:
        value = _with_scales(body, text)
    return -value if text.startswith("负") else value


def _with_scales(body: str, text: str) -> int:
    for unit, char in _GROUPS:
        if char in body:
            head, _, tail = body.rpartition(char)
            if not head:
                raise ValueError(f"“{text}”不是中文数字：“{char}”前面缺数。")
            if len(tail) == 1 and DIGITS.get(tail, 0) > 0:
                return chinese_to_int(head) * unit + DIGITS[tail] * unit // 10  # 三万五 is 35,000
            if (low := _with_scales(tail, text) if tail else 0) >= unit:
                raise ValueError(f"“{text}”不是中文数字：数位顺序不对。")
            return chinese_to_int(head) * unit + low
    return _below_ten_thousand(body, text)


def _below_ten_thousand(body: str, text: str) -> int:
    total, digit, last_scale, zero_before = 0, None, 10**4, False
    for char in body:
        if char in DIGITS:
            if digit is not None:
                raise ValueError(f"“{text}”不是中文数字：“{char}”前面缺十、百、千。")
            zero_before = zero_before or DIGITS[char] == 0
            digit = DIGITS[char] or None
            continue
        scale = SCALES[char]
        if scale >= last_scale or (digit is None and scale != 10):
            raise ValueError(f"“{text}”不是中文数字：“{char}”的位置不对。")
        total, digit, last_scale, zero_before = total + (digit or 1) * scale, None, scale, False
    if digit is not None:
        # 一百二 means 120, 一百零二 means 102
        total += digit * (last_scale // 10 if 10 < last_scale < 10**4 and not zero_before else 1)
    return total


_RANK: Final = re.compile(rf"^第?({CHINESE_NUMERAL}+|\d{{1,2}}|[ivx]{{1,4}})(级|等|类|档|星)?$")
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}


def rank_of(text: str) -> tuple[int, str] | None:
    """一级, 壹级, 1级 and Ⅰ级 are (1, "级"); a bare number has the word "". None for what is no rank."""
    match = _RANK.match(unicodedata.normalize("NFKC", text).strip().lower())
    if match is None:
        return None
    said = match[1]
    try:
        number = int(said) if said.isdecimal() else _ROMAN[said] if said[0] in "ivx" else chinese_to_int(said)
    except (KeyError, ValueError):
        return None
    return number, match[2] or ""


def int_to_chinese(value: int) -> str:
    """23005 -> 二万三千零五, 12 -> 十二. Raises ValueError from 10**16 upwards."""
    if value < 0:
        return "负" + int_to_chinese(-value)
    if value >= 10**16:
        raise ValueError(f"数 {value} 太大，写成中文数字不易读，请用阿拉伯数字。")
    for unit, char in _GROUPS:
        if value >= unit:
            low = value % unit
            tail = _tail(low, gap=low < unit // 10) if low else ""
            return int_to_chinese(value // unit) + char + tail
    return _four_digits(value) if value else "零"


def _tail(value: int, *, gap: bool) -> str:
    """The rest of a number behind 万 or 亿: with 零 in front where places are empty, and 一十, never a bare 十."""
    text = int_to_chinese(value)
    return ("零" if gap else "") + ("一" + text if text.startswith("十") else text)


def _four_digits(value: int) -> str:
    text, places = "", str(value)
    for place, char in zip(range(len(places) - 1, -1, -1), places, strict=True):
        if char != "0":
            text += "零一二三四五六七八九"[int(char)] + ("", "十", "百", "千")[place]
        elif text and not text.endswith("零"):
            text += "零"
    text = text.rstrip("零")
    return text[1:] if text.startswith("一十") else text


def split_scale(unit: str) -> tuple[int, str]:
    """万亩 -> (10000, 亩), 百万元 -> (1000000, 元), 千克 -> (1, 千克). The unit may be left empty: 亿 -> (10**8, "")."""
    factor = 1
    while unit and unit[0] in SCALES and not unit.startswith(_WHOLE_UNITS):
        factor *= SCALES[unit[0]]
        unit = unit[1:]
    return factor, unit


def exact(value: Decimal) -> int | Decimal:
    """A whole number as int, anything else as the Decimal without trailing zeros."""
    return int(value) if value == value.to_integral_value() else value.normalize()
