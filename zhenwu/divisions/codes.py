"""What a division's code says and how it must look: GB/T 2260 and 10114, and the statistics bureau's rules.

Digits 1–6 the county, 7–9 the town, 10–12 the village; a group has its village's twelve and two of its own.
"""

import re
from collections.abc import Collection, Iterator

from zhenwu.divisions.models import Class, Level

DIGITS = {Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12, Level.GROUP: 14}  # that say which one it is
_ABOVE = {Level.TOWN: 6, Level.VILLAGE: 9, Level.GROUP: 12}  # … that are its parent's
_TOWNS = ((1, 99, Class.STREET), (100, 199, Class.TOWN), (200, 399, Class.TOWNSHIP), (400, 599, Class.SIMILAR))
_VILLAGES = ((1, 199, Class.NEIGHBOURHOOD), (200, 399, Class.VILLAGERS), (400, 599, Class.SIMILAR))
_RANGES = {Level.TOWN: _TOWNS, Level.VILLAGE: _VILLAGES}
_TAILS = ("村民委员会", "居民委员会", "村委会", "居委会")
VIRTUAL = ("498", "598")  # a village unit that stands for none


def own_digits(code: str) -> str:
    """The digits that say which place it is: 519999100000 → 519999100. What begins with them lies in it."""
    levels = (0, 2, 4, *DIGITS.values())  # the country, a province, a city, and ours
    return next((code[:digits] for digits in levels if not code[digits:].strip("0")), code)


def class_of(code: str, level: str) -> str:
    """The class that a code's range says; "" when it says none."""
    if level == Level.GROUP:
        return Class.GROUP
    number = own_number(code, level)
    return next((str(cls) for first, last, cls in _RANGES.get(Level(level), ()) if first <= number <= last), "")


def own_number(code: str, level: str) -> int:
    """The digits of a code that are the place's own, as a number; -1 when they are none."""
    digits = DIGITS[Level(level)]
    said = code[-2:] if level == Level.GROUP else code[digits - 3 : digits]
    return int(said) if said.isdecimal() else -1


def code_problem(code: str, level: str, parent_code: str | None) -> str:
    """DV1: what is wrong with a code; "" when nothing is."""
    if level == Level.GROUP:
        if not re.fullmatch(r"\d{14}", code):
            return f"组的代码是14位数字（村的12位加2位组号），填的是“{code}”。"
    elif not re.fullmatch(r"\d{12}", code):
        return f"区划代码是12位数字，填的是“{code}”。"
    above = _ABOVE.get(Level(level), 0)
    if parent_code and above and code[:above] != parent_code[:above]:
        return f"区划代码{code}的前{above}位应与上级（{parent_code[:above]}）相同。"
    return ""


def class_problem(code: str, level: str, cls: str) -> str:
    """DV2: whether the class is another than the code's range says; "" when it is not."""
    meant = class_of(code, level)
    if not cls or level == Level.COUNTY or cls == meant:
        return ""
    ranges = [(first, last) for first, last, one in _RANGES.get(Level(level), ()) if one == cls]
    said = f"应在{ranges[0][0]:03d}–{ranges[0][1]:03d}之间" if ranges else "没有对应的代码段"
    return f"类别是{Class(cls).label}，代码{code}的本级三位{said}。"


def free_codes(level: str, parent_code: str, cls: str, taken: Collection[str], wish: str = "") -> Iterator[str]:
    """Codes below a parent that nobody has, the wish first if it lies there. `taken` are codes in use."""
    above = parent_code[: _ABOVE[Level(level)]]
    if level == Level.GROUP:
        numbers, shape = range(1, 100), above + "{:02d}"
    else:
        first, last = next(((a, b) for a, b, one in _RANGES[Level(level)] if one == cls), (1, 599))
        numbers, shape = range(first, last + 1), above + ("{:03d}" if level == Level.VILLAGE else "{:03d}000")
    if wish and wish.startswith(above) and wish not in taken:
        yield wish
    for number in numbers:
        if (code := shape.format(number)) not in taken and code != wish:
            yield code


def short_name(name: str) -> str:
    """青山村村民委员会 → 青山村; 青石社区居委会 → 青石社区."""
    for tail in _TAILS:
        name = name.removesuffix(tail)
    return name
