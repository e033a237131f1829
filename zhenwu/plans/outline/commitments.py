"""What is promised: measurable targets in a piece of plan text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from zhenwu.plans.outline.figures import Amount, amounts_in
from zhenwu.plans.outline.folding import fold, simple_fold
from zhenwu.plans.outline.model import Number


@dataclass(frozen=True, slots=True)
class Target:
    """`label` is what is measured, in the text's own words. `op` is >=, <= or = (the text states no direction).

    `value` has 万 and 亿 resolved, a promised decrease is negative. `raw` is the clause.
    """

    label: str
    op: str
    value: Number
    unit: str
    raw: str


_AT_LEAST: Final = re.compile(
    r"(?:达到?|提高到|提升到|提升至|提高至|增加到|增加至|增至|稳定在|保持在|扩大到|上升到|完成率达|不降)了?\s*$"
)
_AT_MOST: Final = re.compile(
    r"(?:下降到|下降至|降到|降至|降低到|降低至|减少到|减少至|压减到|压减至|压降至|压缩到|压缩至|缩短到|缩短至|控制在)\s*$"
)
_TRAILING: Final = re.compile(
    r"(?:达到?|提高到|提升到|提升至|提高至|增加到|增加至|增至|稳定在|保持在|扩大到|上升到|下降到|下降至|降到|降至|降低到|降低至|减少到|减少至|"
    r"压减到|压减至|压降至|压缩到|压缩至|缩短到|缩短至|控制在|力争|确保|实现|突破|超过|超|不少于|不低于|不超过|不高于|不得少于|不得超过|至少|约|近|为|在|是|"
    r"的|了|均|都|全部|累计|共|计)+$"
)
_LEADING: Final = re.compile(
    r"^(?:(?:到|在)?(?:(?:20\d\d年|今年|全年|年内|上半年|下半年|\d{1,2}月)(?:底|末|份)?(?:之?前)?|年底(?:之?前)?|[一二三四]季度末?(?:之?前)?|"
    r"[一二三四五六七八九十]{1,2}是|力争|确保|争取|努力|计划|预计|其中|分别|再|全力|实现|使|将)[,:]?)+"
)
# Verbs that need their object to say anything: what stands behind the number names it.
_BARE_VERB: Final = re.compile(
    r"^(?:再|新)?(?:完成|新建|新增|改造|改建|建成|建设|创建|培育|引进|打造|实施|启动|开展|组织|举办|培训|发展|种植|栽植|整治|修复|修建|硬化|安装|配备|拆除|清理|办理|申报|争取|"
    r"新认证|新培育|新引进|新开工|新入规|消除|销售|招录|选派|帮扶|救助|发放|流转|消化|盘活|化解|扶持|认定|评选|新铺|铺设|维修|更换|设置|设立)?(?:了|共)?$"
)
_STOPS: Final = "，。；：、！？（）,;:!?()【】"


def find_targets(text: str) -> list[Target]:
    """Every measurable promise in `text`, in order.

    A number that only describes something (年收入10万元以下的村, 超1000万元电商企业2家) is no target of its own.
    """
    folded = fold(text)
    amounts = amounts_in(text)
    found: list[Target] = []
    previous: Amount | None = None
    for amount, following in zip_longest(amounts, amounts[1:]):
        if _describes(folded, amount, following):
            continue
        label = _label(folded, amount, previous, found)
        found.append(Target(label, _op(folded, amount), amount.value, simple_fold(amount.unit), _clause(text, amount)))
        previous = amount
    return found


def _describes(folded: str, amount: Amount, following: Amount | None) -> bool:
    rest = re.split(f"[{re.escape(_STOPS)}]", folded[amount.end :])[0]
    if rest.startswith("的") and amount.qualifier in ("min", "max"):
        return True
    if following is None or not amount.end < following.start < amount.end + len(rest):
        return False
    between = folded[amount.end : following.start]
    counts_subjects = bool(_TRAILING.search(between)) and len(between) > 4  # 12个村收入达到15万元
    return counts_subjects or (amount.qualifier in ("min", "max") and not re.match(r"[和或至到]", rest))


def _op(folded: str, amount: Amount) -> str:
    before = folded[: amount.start]
    falls = amount.value < 0
    if amount.qualifier in ("min", "max"):
        return ">=" if (amount.qualifier == "min") is not falls else "<="
    if _AT_MOST.search(before):
        return "<="
    return ">=" if _AT_LEAST.search(before) else "="


def _label(folded: str, amount: Amount, previous: Amount | None, found: list[Target]) -> str:
    start = max((folded.rfind(stop, 0, amount.start) for stop in _STOPS), default=-1) + 1
    if previous and previous.end > start:
        start = previous.end
    before = folded[start : amount.start].strip()
    if not before and previous and previous.end >= amount.start and found:
        return found[-1].label  # 386户741人
    label = _LEADING.sub("", before).strip()
    shorter = _TRAILING.sub("", label).strip()
    if _BARE_VERB.fullmatch(shorter):
        behind = re.split(f"[{re.escape(_STOPS)}\\d]", folded[amount.end :])[0].strip()
        if behind or shorter:
            return shorter + behind
        return found[-1].label if found else ""
    if re.fullmatch(r"(?:同比|年均|平均)?(?:增长|增加|下降|减少|提高)", shorter) and found:
        return found[-1].label + shorter
    return shorter


def _clause(text: str, amount: Amount) -> str:
    start = max(text.rfind(stop, 0, amount.start) for stop in "，。；：,;:") + 1
    ends = [at for stop in "，。；,;" if (at := text.find(stop, amount.end)) >= 0]
    return text[start : min(ends, default=len(text))].strip()
