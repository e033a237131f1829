"""By which columns a row is known again: unique and complete in the sample, and of a kind that stays the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from zhenwu.packs.designing import words
from zhenwu.packs.designing.sample import SampleColumn


@dataclass(frozen=True)
class Candidate:
    """A column that may be part of the key: `code` is its field, or division."""

    code: str
    type: str
    label: str
    column: SampleColumn


# how well a type tells rows apart for good; what changes (amounts, telephones, remarks) never does
_WORTH = {
    "idno": 100, "uscc": 90, "person": 80, "household": 80, "text": 40, "division": 36, "date": 37, "month": 30, "datetime": 25,
    "integer": 5, "choice": 15, "unit": 10,
}  # fmt: skip
_MOST = 8
_ONE_A_DAY = re.compile(r"^(?:值班)?(?:日期|时间|月份)$")
_OTHER_DAYS = re.compile(r"出生|到期|截止|有效期|生产|下次|归还|止$|至$")


def propose_key(candidates: Sequence[Candidate]) -> tuple[list[str], str]:
    """(codes, why); ([], why) when no three columns tell all rows apart."""
    ranked = sorted(
        (one for one in candidates if one.column.is_full and _worth(one) > 0), key=_worth, reverse=True
    )[:_MOST]  # fmt: skip
    for size in (1, 2, 3):
        found = [some for some in combinations(ranked, size) if _tells_apart(some)]
        if size == 1:
            found = [some for some in found if _worth(some[0]) >= 40]
        if found:
            best = max(found, key=lambda some: sum(_worth(one) for one in some) / len(some))
            labels = "、".join(one.label for one in best)
            return [
                one.code for one in best
            ], f"样表中{len(best[0].column.cells)}行的{labels}{'都' if len(best) > 1 else ''}不重复、没有空"
    return [], "样表中找不到能区分每一行的栏，再次导入时按全部栏比对"


def _worth(one: Candidate) -> int:
    worth = _WORTH.get(one.type, 0)
    label = one.column.leaf
    if one.type == "text" and words.CODE.search(label) and not words.ADDRESS.search(label):
        worth += 45
    elif one.type == "text" and words.PERSON.search(label):
        worth = 38  # two people may have one name: never a key by itself
    elif one.type == "text" and label.endswith("名称"):
        worth += 12
    elif one.type in ("date", "month") and _ONE_A_DAY.match(label):
        worth = 42
    elif one.type in ("date", "month") and _OTHER_DAYS.search(label):
        worth = 12
    elif one.type == "integer" and words.YEAR.search(label):
        worth += 20
    elif one.type == "integer":
        worth = 0
    if one.type == "text" and (max(map(len, one.column.texts), default=0) > 40 or words.LONG.search(label)):
        worth = 0
    elif one.type == "text" and len(one.column.distinct) * 2 < len(one.column.texts):
        worth = min(worth, 10)
    return worth


def _tells_apart(some: Sequence[Candidate]) -> bool:
    rows = [tuple(one.column.cells[at] for one in some) for at in range(len(some[0].column.cells))]
    return bool(rows) and len(set(map(str, rows))) == len(rows)
