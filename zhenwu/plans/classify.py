"""Which line of work, office and indicator a piece of plan text means. Proposals only: a person corrects them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from zhenwu.packs.spec import PackSpec
from zhenwu.plans.outline import Target

# Words of each line that townships write and no ledger needs to declare.
_LINE_WORDS: dict[str, tuple[str, ...]] = {
    "party": ("党建", "党支部", "党员", "三会一课", "主题党日", "村两委", "换届", "组织生活"),
    "integrity": ("党风廉政", "廉洁", "纪律", "巡察", "作风建设"),
    "supervision": ("督查", "督办", "考核", "目标管理"),
    "projects": ("项目", "投资", "招商", "开工", "竣工", "资金拨付"),
    "industry": ("产业", "种植", "养殖", "粮食", "茶", "生猪", "合作社", "企业", "电商", "工业", "品牌"),
    "infrastructure": ("公路", "道路", "桥", "饮水", "水利", "管网", "农田", "基础设施"),
    "culture": ("文物", "非遗", "文化", "传统村落", "红色"),
    "governance": ("网格", "治理", "法治", "法律", "矛盾", "信访", "调解", "平安"),
    "safety": ("安全", "隐患", "消防", "防汛", "地质灾害", "森林防火", "应急", "食品"),
    "ecology": ("生态", "环境", "河长", "巡河", "污水", "垃圾", "秸秆", "厕", "水质", "污染"),
    "forestry": ("造林", "林业", "退耕还林", "公益林", "绿化", "森林覆盖"),
    "population": ("人口", "普查", "户籍"),
    "poverty": ("脱贫", "返贫", "帮扶", "乡村振兴"),
    "employment": ("就业", "培训", "公益性岗位", "劳动力", "务工"),
    "veterans": ("退役军人", "优抚", "双拥", "征兵"),
    "welfare": ("低保", "特困", "救助", "养老", "残疾", "儿童", "兜底", "高龄"),
    "payments": ("一卡通", "补贴", "惠民惠农"),
    "service": ("便民", "政务服务", "代办", "放管服", "办件"),
    "health": ("疫情", "防疫", "疫苗", "卫生院", "医保", "健康"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """An indicator as the classifier knows it."""

    code: str
    label: str
    unit: str


def line_of(text: str, packs: Iterable[PackSpec]) -> str:
    """The line whose words the text uses most (longer words weigh more); "" when none is clearly ahead."""
    scores: dict[str, int] = defaultdict(int)
    for line, words in _LINE_WORDS.items():
        scores[line] += sum(len(word) * text.count(word) for word in words)
    for pack in packs:
        scores[pack.ledger.line] += sum(len(word) * text.count(word) for word in pack.ledger.keywords)
    best = sorted(scores.items(), key=lambda one: -one[1])[:2]
    if best[0][1] == 0 or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]


def indicator_of(target: Target, known: Iterable[Named]) -> str:
    """The code of the indicator that a target means: same unit, labels nearly the same; "" when none clearly is."""
    wanted = _plain(target.label)
    if len(wanted) < 2:
        return ""
    scored = sorted(
        ((fuzz.ratio(wanted, _plain(one.label)), one.code) for one in known if _same_unit(one.unit, target.unit)),
        reverse=True,
    )
    if not scored or scored[0][0] < 78 or (len(scored) > 1 and scored[0][0] - scored[1][0] < 3):
        return ""
    return scored[0][1]


def _plain(label: str) -> str:
    return re.sub(r"(全年|本年|年末|全镇|达到|力争|确保|数量?$|率$|[（）()、\s])", "", label)


def _same_unit(a: str, b: str) -> bool:
    return a == b or {a, b} <= {"元", "万元"} or {a, b} <= {"名", "人", "个"} or {a, b} <= {"处", "个", "起"}
