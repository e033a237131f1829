"""Numbers with units in running text: what is a figure, what it is worth, and what only looks like one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from zhenwu.lib.numerals import CHINESE_NUMERAL, SCALES, chinese_to_int, exact
from zhenwu.plans.outline.folding import fold, narrow
from zhenwu.plans.outline.model import Number

# Longest first: 平方米 before 平, 人次 before 人. Years, days of the month, ages and document numbers are no units.
_UNIT_WORDS: Final = (
    "元 美元 欧元 块钱 亩 公顷 平方米 平方千米 平方公里 平米 ㎡ m² m2 km² 立方米 立方 m³ ㎥ 方 公里 千米 km 米 厘米 毫米 里 "
    "吨 公斤 千克 kg 斤 克 升 毫升 千瓦时 千瓦 兆瓦 度 千伏安 千伏 KW kW MW "
    "个百分点 百分点 个工作日 工作日 个月 个 户次 户 人次 人·次 人 名 位 家次 家 件次 件 宗 项次 项 次 场次 场(次) 场 期 "
    "处 座 所 栋 幢 间 套 条次 条 台套 台(套) 台 辆次 辆 艘 架次 架 部 张 份 册 本 篇 批次 批 起 例 头 只 羽 尾 匹 株 棵 蔸 "
    "盆 袋 箱 瓶 盏 口 眼 片 块 段 道 支 队 组 幅 面 根 床 把 桌 顶 吨位 标箱 班次 班 课时 学时 学位 篇次 人份 剂次 剂 针 "
    "人月 村次 对 门 网格 % ‰ 倍 天 小时 分钟 垧 宗次 单 笔 款 枚 颗 粒 档 单位 担 口人 千升 台次 头次 羽次 亩次 "
    "户(次) 人(次) 台(次) 辆(次) 处(次) 家(次) 次(场) "
    "头(只) 只(羽) 个(次) 车次 车 趟 个点 公升 桶 坛 捆 卷 集 讲 株 窝 吨标准煤 吨标煤 标准箱 兆瓦时 万伏安 "
    "平方 米² 公分 封 席 案 轮 站 村 桩 井 塘 架次 人天 课 堂 节次 场会"
)
UNITS: Final = sorted(_UNIT_WORDS.split(), key=len, reverse=True)
_UNIT: Final = "|".join(map(re.escape, UNITS))
_RATE: Final = rf"(?:/(?:{_UNIT}|年|月|日)|/人·月|/人·年)?"
_SCALE: Final = "(?:万亿|[十百千]?亿|[十百千]?万|[十百千])"
_NUM: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_LESS: Final = r"(?:下降|减少|降低|下滑|回落|缩减|压减|负增长|减)(?:了|约|近|超过|超)?\s*"
_TAIL: Final = "(?:及以上|以上|及以下|以下|以内|之内|左右|上下)"
_CN_SMALL: Final = "[两二三四五六七八九]"

_FIGURE: Final = re.compile(
    rf"(?P<less>{_LESS})?"
    rf"(?P<sign>(?<=[为是达长速幅(:,。;\s])-|^-)?"
    rf"(?P<number>(?<![\d.])(?:{_NUM}))\s*"
    rf"(?:(?P<whole>千升|千瓦时|千克|千米|千瓦|千伏安|千伏)|(?P<more>[余多来几])?(?P<scale>{_SCALE})?"
    rf"(?:(?P<number2>\d+(?:\.\d+)?)(?P<scale2>[十百千]?万|[十百千]))?(?P<more2>[余多来几])?\s*(?P<unit>{_UNIT})?)"
    rf"(?P<rate>{_RATE})(?P<more3>余|多)?(?P<tail>{_TAIL})?"
)
_PERCENT: Final = re.compile(
    rf"(?P<less>{_LESS})?(?P<base>[百千])分之(?P<number>{CHINESE_NUMERAL}+(?:点[零一二三四五六七八九]+)?|{_NUM})(?P<tail>{_TAIL})?"
)
_CHENG: Final = re.compile(
    rf"(?P<less>{_LESS})?(?P<number>[1-9]|[一两二三四五六七八九])成(?P<half>[一二三四五六七八九半])?(?P<more>[多余])?(?P<tail>{_TAIL})?(?![立效果功员为本长熟交都不语分型品就新人了])"
)
# Written-out numbers are figures only from ten up or with a thing that can be counted: slogans are full of 两个 and 三项.
_CN_FIGURE: Final = re.compile(
    rf"(?P<less>{_LESS})?(?<!{CHINESE_NUMERAL})(?P<number>(?:{_CN_SMALL}|一(?=[百千万亿]|(?:座|所|栋|台|辆|处|口|家|条)[,。;、])|十){CHINESE_NUMERAL}*)"
    rf"(?P<more>[余多来])?(?P<unit>{_UNIT})(?P<rate>{_RATE})(?P<tail>{_TAIL})?"
)
_CN_THING_WORDS: Final = (
    "元 亩 公顷 平方米 公里 米 吨 公斤 户 人次 家 名 座 处 所 栋 台 辆 头 只 株 倍 百分点 个百分点 床"
)
_CN_THINGS: Final = frozenset(_CN_THING_WORDS.split())
_NO_FIGURE_UNITS: Final = frozenset({"里", "档", "班", "门", "对", "面", "单", "单位", "款", "度", "队", "企"})

_QUALIFIERS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "min",
        re.compile(
            r"(?:不少于|不低于|不小于|不下|不得少于|不得低于|突破|超过|超出|超|高于|大于|多于|至少|逾|≥|>=|>)了?\s*$"
        ),
    ),
    (
        "max",
        re.compile(
            r"(?:不超过|不高于|不大于|不多于|不突破|不得超过|不得高于|控制在|低于|少于|小于|不足|不到|未满|至多|最多|≤|<=|<)了?\s*$"
        ),
    ),
    ("approx", re.compile(r"(?:大约|约为|(?<![签合履预违节解条制])约|接近|将近|(?<![附邻临最靠])近|几乎|上下)\s*$")),
)
_NOT_MORE: Final = re.compile(r"(?:不|未|没有)(?:得|能|要)?(?:超过|突破|超出|高于|大于|多于|超)了?\s*$")
_TAILS: Final = {"以上": "min", "及以上": "min", "以下": "max", "及以下": "max", "以内": "max", "之内": "max"}
# What stands in front of a number that is no figure: ordinals, ranks, placeholders, document and id numbers.
_BEFORE: Final = re.compile(
    r"(?:第|(?<![底日月年末季度天之以初])前|[A-Za-z*×_/\\〔\[№#]|\d[,.]|号码\s*:?\s*|号:\s*|No\.?\s*|电话\s*:?\s*|[Xx×*]\s?)$"
)
_RANGE: Final = re.compile(r"\s*(?:-{1,2}|[—–~～―]{1,2}|至|到)\s*$")
_NO_CN_BEFORE: Final = re.compile(rf"(?:[第前\d.点A-Za-z“每逐]|{CHINESE_NUMERAL})$")
_LOW_END: Final = re.compile(rf"(?<![\d.A-Za-z〔第])({_NUM})\s*({_SCALE})?(?P<gap>{_RANGE.pattern[:-1]})$")
_QUOTED: Final = re.compile(r"《[^《》]{1,60}》|“[^“”]{1,14}”|「[^「」]{1,14}」|\"[^\"]{1,14}\"")


_MONEY: Final = re.compile(
    r"投资|资金|收入|产值|增加值|生产总值|GDP|税|财政|补贴|补助|贷款|"
    r"支出|总额|销售|利润|债务|金额|融资|预算|缺口|捐|分红|存款|营收|工资|价值"
)
_REACH: Final = 30  # how far before a number a word may stand that changes its meaning; keeps long lines cheap
_NUMBER_ENDS: Final = frozenset("0123456789０１２３４５６７８９十百千万亿")
_LONGEST_NUMBER: Final = 20


def _up_to(folded: str, at: int) -> str:
    return folded[max(0, at - _REACH) : at]


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in a text, not yet placed in a document. See model.Figure."""

    text: str
    value: Number
    unit: str
    qualifier: str | None
    start: int
    end: int


def amounts_in(text: str) -> list[Amount]:
    """Every figure in `text`, in order."""
    folded = fold(text)
    quoted = [match.span() for match in _QUOTED.finditer(folded)]
    found: list[Amount] = []
    for amount in sorted(_all(text, folded), key=lambda amount: (amount.start, -amount.end)):
        if found and amount.start < found[-1].end:
            continue
        at = bisect_left(quoted, (amount.start, 0)) - 1
        if at >= 0 and amount.end < quoted[at][1]:
            continue  # a number inside a short quotation names a programme: “十百千”工程
        found.append(amount)
    return _ranges(_falling_on(found, folded), text, folded)


def _falling_on(found: list[Amount], folded: str) -> list[Amount]:
    """分别下降40%和35%: the second falls as well."""
    for place, (first, second) in enumerate(pairwise(found)):
        gap = folded[first.end : second.start]
        told = re.search(r"分别$", _up_to(folded, first.start))
        falls = first.value < 0 and bool(told)
        if falls and re.fullmatch(r"[、,和及与]", gap) and second.unit == first.unit and second.value > 0:
            found[place + 1] = replace(second, value=-second.value)
    return found


def _ranges(found: list[Amount], text: str, folded: str) -> list[Amount]:
    """The ends of a range (3—5个, 8%至10%) are its least and its most; 由3个到5个 tells of a change.

    A least end without a unit of its own is printed as the whole range.
    """
    for place, (low, high) in enumerate(pairwise(found)):
        gap = folded[low.end : high.start]
        told = low.qualifier or high.qualifier or re.search(r"[由从自]\s*$", _up_to(folded, low.start))
        if _RANGE.fullmatch(gap) and not told and low.unit == high.unit and low.value < high.value:
            found[place : place + 2] = [replace(low, qualifier="min"), replace(high, qualifier="max")]
        if _RANGE.fullmatch(gap) and low.text[-1] in _NUMBER_ENDS and low.unit:
            found[place] = replace(found[place], text=text[low.start : high.end], end=high.end)
    return found


def _all(text: str, folded: str) -> Iterator[Amount]:
    for match in _FIGURE.finditer(folded):
        yield from _digits(match, text, folded)
    for match in _PERCENT.finditer(folded):
        if (value := _written(match["number"])) is not None:
            yield _amount(match, text, folded, value, "%" if match["base"] == "百" else "‰")
    for match in _CHENG.finditer(folded):
        before = _up_to(folded, match.start())
        digit = match["number"]
        told = match["tail"] or match["half"] or re.search(r"[长降约近超过达高少]$", before)
        if not re.search(r"[\d第]$", before) and (digit != "一" or told):
            tens = (int(digit) if digit.isdigit() else chinese_to_int(digit)) * 10
            more = 5 if match["half"] == "半" else chinese_to_int(match["half"]) if match["half"] else 0
            yield _amount(match, text, folded, Decimal(tens + more), "%")
    for match in _CN_FIGURE.finditer(folded):
        yield from _chinese(match, text, folded)


def _digits(match: re.Match[str], text: str, folded: str) -> Iterator[Amount]:
    unit = match["whole"] or match["unit"] or ""
    printed = _printed_unit(match, text) or _money(_up_to(folded, match.start("number")))
    if len(match["number"]) > _LONGEST_NUMBER:  # an id, not a count
        return
    start = match.start("number")
    before = _up_to(folded, start)
    if not (unit or _is_bare_sum(match, folded)) or (_BEFORE.search(before) and not match["sign"]):
        return
    if unit in _NO_FIGURE_UNITS and not match["scale"]:
        return
    if unit in ("千伏", "kV") and re.match(r"变电|线路|输电|输变电", folded[match.end() :]):  # a kind of station
        return
    if unit == "小时" and match["number"] == "24":  # round the clock, no amount
        return
    if unit == "%" and folded[match.end() : match.end() + 1] == "%":
        return
    if re.match(r"[Xx×*]", folded[match.end("number") : match.end("number") + 1]):
        return
    value = _scaled(match["number"], match["scale"])
    if match["number2"]:
        value += _scaled(match["number2"], match["scale2"])
    if match["sign"]:
        value = -value
    yield from _low_end(folded, start, value, printed, match, text)
    yield _amount(match, text, folded, value, printed)


def _printed_unit(match: re.Match[str], text: str) -> str:
    """The unit in the document's own characters, half-width."""
    groups = [name for name in ("whole", "unit", "rate") if name in match.re.groupindex and match[name]]
    return narrow("".join(text[match.start(name) : match.end(name)] for name in groups))


def _money(before: str) -> str:
    """元 for a sum without its unit, where the words in front speak of money."""
    return "元" if _MONEY.search(re.split(r"[。;]", before)[-1]) else ""


def _is_bare_sum(match: re.Match[str], folded: str) -> bool:
    """投资1200万， - an amount without its unit."""
    scale = match["scale"] or ""
    return scale.endswith(("万", "亿")) and bool(re.match(r"[,。;、)]|$", folded[match.end() : match.end() + 1]))


def _low_end(folded: str, start: int, high: Decimal, unit: str, match: re.Match[str], text: str) -> Iterator[Amount]:
    """The first number of a range (3—5个, 8%至10%, 3000-4000元); it takes the unit of the second."""
    before = _up_to(folded, start)
    first = _LOW_END.search(before)
    if first is None or match["sign"] or match["less"]:
        return
    value = _scaled(first[1], first[2] or match["scale"])
    if value < high:
        begin = start - len(before)
        low, end = begin + first.start(), begin + first.start("gap")
        yield Amount(text[low:end], exact(value), unit, None, low, end)


def _chinese(match: re.Match[str], text: str, folded: str) -> Iterator[Amount]:
    number, unit = match["number"], match["unit"]
    small = len(number) == 1
    if (small and unit not in _CN_THINGS) or unit in _NO_FIGURE_UNITS:
        return
    if _NO_CN_BEFORE.search(_up_to(folded, match.start("number"))):
        return
    rest = folded[match.end() : match.end() + 2]
    if re.match(rf"[一二两三四五六七八九十]|{'[一同共联]' if small else '[一]'}", rest):
        return  # 三家两厂, 两户一策: a slogan counts on
    try:
        value = Decimal(chinese_to_int(number))
    except ValueError:
        return
    yield _amount(match, text, folded, value, _printed_unit(match, text))


def _amount(match: re.Match[str], text: str, folded: str, value: Decimal, unit: str) -> Amount:
    groups = match.groupdict()
    start = match.start("number")
    if groups.get("base"):
        start = match.start("base")
    if groups.get("sign"):
        start = match.start("sign")
    if groups["less"]:
        value, start = -abs(value), match.start("less")
    end = match.end()
    before = _up_to(folded, match.end("less") if groups["less"] else match.start())
    more = any(groups.get(name) for name in ("more", "more2", "more3"))
    return Amount(text[start:end].strip(), exact(value), unit, _qualifier(before, groups["tail"], more), start, end)


def _qualifier(before: str, tail: str | None, more: bool) -> str | None:
    if tail in _TAILS:
        return _TAILS[tail]
    if tail or more:
        return "approx"
    if _NOT_MORE.search(before):
        return "max"
    return next((name for name, pattern in _QUALIFIERS if pattern.search(before)), None)


def _scaled(number: str, scale: str | None) -> Decimal:
    value = Decimal(number.replace(",", ""))
    for char in scale or "":
        value *= SCALES[char]
    return value


def _written(number: str) -> Decimal | None:
    if number[0].isdigit():
        return Decimal(number.replace(",", ""))
    whole, _, fraction = number.partition("点")
    try:
        digits = "".join(str(chinese_to_int(char)) for char in fraction)
        return Decimal(f"{chinese_to_int(whole)}.{digits}" if digits else chinese_to_int(whole))
    except ValueError:
        return None
