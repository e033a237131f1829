"""What the ledger of a sample is called, and whose line of work it is."""

import re
from collections.abc import Iterable, Sequence

from zhenwu.lib.sheets import Sheet, Table
from zhenwu.lib.text import fold_width

_KIND = r"(?:情况|信息|基本情况|基本信息)?(?:台账|统计表|登记表|登记簿|登记册|汇总表|一览表|明细表|花名册|名单|名册|清单|清册|情况表|记录表|记录簿|记录|登记|排班表|值班表|安排表|公示表|花名|表|册|簿)"
_LEADING = re.compile(
    r"^(?:附件\d*[:：.、]?|附表\d*[:：.、]?|关于|\d{4}[-—~至]\d{4}年?度?|(?:20|19)\d{2}[年.-]?(?:度|\d{1,2}月份?|[上下]半年|第?[一二三四1-4]季度)?|[一二三四]季度|\d{1,2}月份?)"
)
_PLACE = re.compile(r"^.{1,12}?(?:镇|乡|街道|县|市|区)(?=.{3,})")

LINE_WORDS: dict[str, str] = {
    "party": "党员 党建 党费 支部 主题党日 组织生活", "integrity": "廉政 纪检 巡察 党风", "supervision": "督办 督查 值班 会议 议定事项",
    "projects": "项目 工程 招标 合同", "industry": "种植 养殖 果树 果园 茶 产业 合作社 猪 牛 羊 鱼塘 农机 大户 家庭农场 租金 经营",
    "infrastructure": "道路 公路 路灯 水表 供水 自来水 桥 管网 水电 污水 厕所 电表", "culture": "文化 农家书屋 图书 书屋 文物 体育 广场舞 非遗 活动室",
    "governance": "网格 矛盾 纠纷 信访 志愿 村规 积分 治理 犬 狗 出租屋 门牌 物业", "safety": "安全 消防 灭火器 隐患 应急 防汛 燃气 防溺水 加油站 危房 物资",
    "ecology": "河长 环保 垃圾 污染 秸秆 水质 湿地 保洁", "forestry": "林 护林 森林 古树 退耕 苗木", "population": "人口 户籍 流动 出生 计生 门牌",
    "poverty": "脱贫 监测户 帮扶 防返贫 小额信贷", "employment": "就业 务工 培训 公益性岗位 招聘", "veterans": "退役 军人 优抚 参战 兵役",
    "welfare": "低保 特困 残疾 老人 养老 食堂 敬老 困难 救助 高龄 儿童 慰问 助餐", "payments": "一卡通 补贴 发放", "service": "便民 办件 代办 窗口",
    "health": "卫生 药品 诊所 卫生室 疫苗 防疫 疫情 健康 体检 村医 医疗 接种",
}  # fmt: skip


def label_of(sheet: Sheet, table: Table, filename: str) -> tuple[str, str]:
    """(台账名称, why): the title above the table, else the file's name, else the sheet's."""
    above = [
        fold_width(cell).strip()
        for row in sheet.rows[: table.header_rows[0] - 1]
        for cell in row
        if isinstance(cell, str) and 3 < len(cell.strip()) <= 60
    ]
    titles = [text for text in above if re.search(_KIND + r"(?:[(（].*[)）])?$", re.sub(r"\s+", "", text))]
    stem = re.sub(r"(?:\.[A-Za-z]{2,4})+$", "", filename)
    choices = [(text, "取自表的标题") for text in titles[:1]] + [(stem, "取自文件名"), (sheet.name, "取自工作表名")]
    for text, why in choices:
        if (
            (name := plain_title(text))
            and re.search(r"[\u3400-\u9fff]", name)
            and not re.match(r"^(?:新建|工作簿|副本|表格?\d*$)", name)
        ):
            return f"{name}台账", why
    return "新台账", "表里没有标题，请填写"


def plain_title(text: str) -> str:
    """`2023年青石镇消防器材统计表(修改稿)` → 消防器材"""
    text = re.sub(r"[\s_《》“”\"]+", "", fold_width(text))
    text = re.sub(r"[(（\[【].*?[)）\]】]", "", text)
    text = re.sub(r"(?:最终|终稿|修改|定稿|最新|汇总版|新|副本|v?\d+(?:\.\d+)*|[-—–.]+)+$", "", text, flags=re.I)
    before = None
    while before != text:
        before = text
        text = _LEADING.sub("", text).lstrip("-—_.、:：度年")
        text = _PLACE.sub("", text)
        text = re.sub(r"^(?:人民政府|各村(?:（社区）)?|全镇|全村|本村|我镇|我村|辖区)", "", text)
    text = re.sub(_KIND + "$", "", text)
    return re.sub(r"(?:20|19)\d{2}年?(?:\d{1,2}月)?$", "", text)[:30]


def line_of(label: str, heads: str, allowed: Iterable[str]) -> tuple[str, str]:
    """(line of work, the word that tells it): of the lines that this person works in. The title tells more than the heads."""
    allowed = list(allowed)
    found = {
        line: [word for word in LINE_WORDS.get(line, "").split() if word in label or word in heads] for line in allowed
    }  # fmt: skip

    def weight(line: str) -> int:
        return sum(len(word) * (4 if word in label else 1) for word in found[line])

    best = max(sorted(allowed, key=lambda line: line != "governance"), key=weight, default="governance")
    return best, (found.get(best) or [""])[0]


def keywords_of(label: str) -> Sequence[str]:
    return [re.sub(r"台账$", "", label)] if label else []
