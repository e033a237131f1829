"""What a column is: each way of telling says a type and why, the first that is sure wins."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from zhenwu.lib.dates import read_date, read_month
from zhenwu.packs.designing import words
from zhenwu.packs.designing.design import Use
from zhenwu.packs.designing.numbers import number_type
from zhenwu.packs.designing.personal import personal_cells, personal_type
from zhenwu.packs.designing.sample import Known, NothingKnown, SampleColumn, as_text
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.texts import Uscc

_FAR: Final = date(2099, 12, 31)
_MOST_OPTIONS = 12
_YES_NO: Final = frozenset(["是", "否", "√", "×", "✓", "✗", "✔", "Y", "N", "y", "n"])
_TICKS: Final = frozenset(["√", "✓", "✔", "☑"])
_TIME_OF_DAY: Final = re.compile(r"\d{1,2}[:：]\d{2}")
_SERIAL_HEADS: Final = frozenset({"序号", "序", "行号", "行次", "No", "NO", "no", "№", "#"})


@dataclass(frozen=True)
class Guess:
    """What a column is. `target`: field, or what every ledger has: division (the place), note; or skip."""

    type: str
    why: str
    unit: str = ""
    options: tuple[str, ...] = ()
    target: Use = "field"
    notes: tuple[str, ...] = ()
    is_name: bool = False  # of a person


def guess(column: SampleColumn, known: Known, *, place_taken: bool = False) -> Guess:
    """The type of one column. `place_taken`: another column says already where a row belongs."""
    for way in _WAYS:
        if found := way(column, known):
            if found.target == "division" and place_taken:
                return Guess("division", found.why, notes=found.notes)
            return found
    return _text(column)


def _serial(column: SampleColumn, known: Known) -> Guess | None:
    """1 to n, or a column headed 序号: the platform numbers the rows itself."""
    if personal_cells(column):
        return None
    if column.leaf in _SERIAL_HEADS:
        return Guess("", "是序号，记录会自动编号", target="skip")
    if not words.SERIAL.search(column.leaf) or not column.values:
        return None
    numbers = [value for value in column.values if isinstance(value, (int, float)) or str(value).strip().isdigit()]
    counted = [int(float(value)) for value in numbers]
    if (
        len(counted) == len(column.values)
        and counted == list(range(counted[0], counted[0] + len(counted)))
        and counted[0] in (0, 1)
    ):
        return Guess("", "是从1开始的序号，记录会自动编号", target="skip")
    return None


def _note(column: SampleColumn, known: Known) -> Guess | None:
    if words.NOTE.search(column.leaf) and not personal_cells(column):
        return Guess("", "每条记录都有“备注”，这一列导入到那里", target="note")
    return None


def _personal(column: SampleColumn, known: Known) -> Guess | None:
    found = personal_type(column)
    return Guess(found[0], found[1]) if found else None


def _uscc(column: SampleColumn, known: Known) -> Guess | None:
    rule = Uscc(FieldSpec(id=1, code="uscc", label="代码", type="uscc"))
    right = sum(1 for text in column.texts if not rule.problem_with(text.replace(" ", "").upper()))
    if (column.values and right * 10 >= len(column.values) * 8) or (
        words.USCC.search(column.leaf) and (right or not column.values)
    ):
        return Guess(
            "uscc", f"{len(column.values)}个值中{right}个是统一社会信用代码" if right else f"列名是“{column.leaf}”"
        )
    return None


def _place(column: SampleColumn, known: Known) -> Guess | None:
    is_headed = bool(words.PLACE.search(column.leaf))
    all_words = list(column.distinct)
    if len(all_words) > 200 or words.GROUP.search(column.leaf) or personal_cells(column):
        return None
    found = known.places(all_words)
    rows = sum(count for text, count in column.distinct.items() if text in found)
    others = [text for text in all_words if text not in found]
    notes = (
        (f"本镇没有这些村（社区）：{'、'.join(others[:4])}，导入时需要改。",) if others and _knows_places(known) else ()
    )
    if found and (rows * 10 >= len(column.values) * 9 or is_headed):
        return Guess(
            "division", f"{len(column.values)}个值中{rows}个是本镇的村（社区）", target="division", notes=notes
        )
    if is_headed and all(_PLACE_ENDS.search(one) for one in all_words):
        return Guess("division", f"列名“{column.leaf}”是村（社区）", target="division", notes=notes)
    return None


_PLACE_ENDS: Final = re.compile(r"(?:村|社区|居|镇|乡|街道|委会)$")


def _knows_places(known: Known) -> bool:
    """Whether there is a township to know them: without one no place is wrong."""
    return not isinstance(known, NothingKnown)


def _yes_no(column: SampleColumn, known: Known) -> Guess | None:
    said = set(column.distinct)
    if not said:
        return Guess("bool", f"列名“{column.leaf}”是问是否") if words.BOOL.search(column.leaf) else None
    headed = bool(words.BOOL.search(column.leaf))
    if said <= _YES_NO or (headed and said <= _YES_NO | {"有", "无", "1", "0", "已", "未", "对", "错", "没有"}):
        if said <= _TICKS and not headed and column.is_full:
            return None
        return Guess("bool", f"值只有“{'、'.join(sorted(said))}”")
    return None


def _moment(column: SampleColumn, known: Known) -> Guess | None:
    """Dates, months, and dates with a time of day."""
    if column.values and all(isinstance(value, time) for value in column.values):
        return Guess("text", "是钟点，按文字登记")
    days = [value for value in column.values if isinstance(value, date)]
    clocked = sum(1 for value in days if isinstance(value, datetime) and value.time() != time())
    written = [text for text in column.texts if _TIME_OF_DAY.search(text) and re.search(r"\d{4}[-/.年]", text)]
    count = len(column.values)
    if count and (clocked * 2 >= count or (not days and len(written) * 10 >= count * 9)):
        plain = clocked * 2 >= count or all(
            re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2})?", text) for text in written
        )
        return (
            Guess("datetime", f"{count}个值都有日期和钟点")
            if plain
            else Guess("text", "日期和钟点的写法不规则，按文字登记")
        )
    headed = bool(words.DATE.search(column.leaf)) or bool(words.MONTH.search(column.leaf))
    if words.CODE.search(column.leaf) and not headed and not days:
        return None
    if not count:
        if words.MONTH.search(column.leaf):
            return Guess("month", f"列名“{column.leaf}”是月份")
        return (
            Guess("date", f"列名“{column.leaf}”是日期") if re.search(r"日期|时间$|生日|年月日", column.leaf) else None
        )
    if words.YEAR.search(column.leaf) and not days:
        return None
    read = [(value, _as_date(value, headed)) for value in column.values]
    right = sum(1 for _, one in read if one)
    if right * 10 < count * (8 if headed else 9):
        return _months(column)
    monthly = sum(1 for _, one in read if one == "month")
    if monthly * 10 >= right * 9 and (words.MONTH.search(column.leaf) or not headed):
        return Guess("month", f"{count}个值中{right}个是年月")
    bad = [as_text(value) for value, one in read if not one]
    notes = (f"读不出日期的值：{'、'.join(bad[:3])}，导入时需要改。",) if bad else ()
    all_words = f"{count}个值全部是日期" if right == count else f"{count}个值中{right}个是日期"
    return Guess("date", all_words, notes=notes)


def _as_date(value: Any, headed: bool) -> str:
    """ "day" or "month" when the cell is a date; plain numbers are dates only under a head that says so."""
    if isinstance(value, (date, datetime)):
        return "day"
    if isinstance(value, bool):
        return ""
    text = as_text(value)
    if not headed and re.fullmatch(r"\d+(\.\d+)?", text) and not re.fullmatch(r"(19|20)\d{2}[01]\d[0-3]\d", text):
        return ""
    if re.fullmatch(r"\d{1,4}", text) or (not headed and not re.search(r"\d", text)):
        return ""
    read = read_date(value, today=_FAR)
    if read.error or read.value is None or not 1900 <= read.value.year <= 2099 or read.precision == "year":
        return ""
    return read.precision


def _months(column: SampleColumn) -> Guess | None:
    right = 0
    for value in column.values:
        if isinstance(value, (int, float)) and not words.MONTH.search(column.leaf):
            continue
        read = read_month(value, today=_FAR)
        right += (
            read.error is None
            and len(read.months) == 1
            and "年" in as_text(value) + "年" * bool(re.match(r"\d{4}\D?\d", as_text(value)))
        )
    if column.values and right * 10 >= len(column.values) * 9 and words.MONTH.search(column.leaf):
        return Guess("month", f"{len(column.values)}个值中{right}个是年月")
    return None


def _number(column: SampleColumn, known: Known) -> Guess | None:
    found = number_type(column)
    if found is None or (words.BOOL.search(column.leaf) and set(column.distinct) <= {"0", "1"}):
        return None
    return Guess(found[0], found[2], unit=found[1])


def _person(column: SampleColumn, known: Known) -> Guess | None:
    """Names: a link to the registry when (nearly) all are found in it and each means one person, else text."""
    if words.BOOL.search(column.leaf) or not (words.PERSON.search(column.leaf) or _are_names(column)):
        return None
    if (
        sum(1 for text in column.texts if re.fullmatch(r"[\u3400-\u9fff·]{2,15}(?:[(（].{1,8}[)）])?", text)) * 10
        < len(column.texts) * 7
    ):
        return None
    found = known.persons(list(column.distinct)) if len(column.distinct) >= 5 else set()
    if found and len(found) * 100 >= len(column.distinct) * 98:
        return Guess("person", f"{len(column.distinct)}个姓名中{len(found)}个在人口台账里，各只有一人")
    return Guess("text", f"列名“{column.leaf}”，值是姓名", is_name=True)


def _are_names(column: SampleColumn) -> bool:
    """Words of two to four characters that begin with a surname, under a head that ends like a person (库管员, 带队人)."""
    if not words.ENDS_AS_PERSON.search(column.leaf) or not column.texts:
        return False
    like = sum(1 for text in column.texts if re.fullmatch(r"[\u3400-\u9fff·]{2,4}", text) and text[0] in words.SURNAMES)
    return like * 10 >= len(column.texts) * 9


def _unit(column: SampleColumn, known: Known) -> Guess | None:
    """Offices of the township."""
    found = known.units(list(column.distinct)) if column.distinct else set()
    if found and len(found) == len(column.distinct):
        return Guess("unit", f"{len(column.values)}个值都是本镇的站所")
    return None


def _choices(column: SampleColumn, known: Known) -> Guess | None:
    """Few short words that come again and again."""
    if (
        not column.values
        or column.is_filled_with_numbers
        or words.PERSON.search(column.leaf)
        or words.ADDRESS.search(column.leaf)
    ):
        return None
    if words.CODE.search(column.leaf) and not words.CHOICE.search(column.leaf):
        return None
    if words.NOTE.search(column.leaf) or personal_cells(column):
        return None
    headed = bool(words.CHOICE.search(column.leaf))
    if not headed and words.LONG.search(column.leaf) and max(map(len, column.distinct)) > 6:
        return None
    if listed := _multichoice(column, headed):
        return listed
    distinct, count = len(column.distinct), len(column.values)
    if (
        max(map(len, column.distinct)) <= 16
        and distinct <= _MOST_OPTIONS
        and (distinct * 2 <= count or (headed and distinct < count))
        and (headed or count >= 5)
    ):
        return Guess("choice", f"{count}个值只有{distinct}种", options=_by_use(column.distinct))
    return None


def _multichoice(column: SampleColumn, headed: bool) -> Guess | None:
    listed = [[part.strip() for part in re.split(r"[、,，;；]", text) if part.strip()] for text in column.texts]
    if any(
        re.search(r"[，；。]", text) and max(map(len, parts), default=0) > 6
        for text, parts in zip(column.texts, listed, strict=True)
    ):
        return None  # sentences
    if sum(1 for parts in listed if len(parts) > 1) < max(2, len(listed) // 10):
        return None
    singles = {parts[0] for parts in listed if len(parts) == 1}
    parts = Counter(part for one in listed for part in one)
    if (
        len(parts) > _MOST_OPTIONS
        or max(map(len, parts)) > 10
        or sum(parts.values()) < len(parts) * (2 if headed else 3)
    ):
        return None
    if any(re.search(r"\d", part) for part in parts) or (
        not singles and not headed and len(column.distinct) < len(parts)
    ):
        return None
    return Guess("multichoice", f"每格是几个词，合起来只有{len(parts)}种", options=_by_use(parts))


def _by_use(counted: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counted, key=lambda word: -counted[word]))


def _text(column: SampleColumn) -> Guess:
    texts = column.texts
    if not texts:
        kind = "longtext" if words.LONG.search(column.leaf) else "text"
        return Guess(kind, "列中没有值，按列名猜")
    longest, total = max(map(len, texts)), sum(map(len, texts))
    if (
        any("\n" in str(value) for value in column.values)
        or longest > 60
        or total > 25 * len(texts)
        or (words.LONG.search(column.leaf) and not words.CODE.search(column.leaf) and longest > 15)
    ):
        return Guess("longtext", f"文字较长，最长{longest}字")
    return Guess("text", f"{len(texts)}个值是文字，最长{longest}字")


_WAYS: Final[tuple[Callable[[SampleColumn, Known], Guess | None], ...]] = (
    _serial, _personal, _note, _uscc, _place, _yes_no, _moment, _number, _unit, _person, _choices,
)  # fmt: skip
