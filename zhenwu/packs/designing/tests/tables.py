"""Invented tables as townships keep them, with what a careful person would make of each column.

`columns` gives, per head: type (with unit after a blank), privacy class; `division`, `note` and `skip` are no fields.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from zhenwu.lib.idno import check_digit

NAMES = [
    "何春",
    "罗夏",
    "唐秋",
    "邓冬",
    "许东",
    "曹南",
    "彭西",
    "曾北",
    "谢中",
    "韩立",
    "宋远",
    "郑开",
    "冯明",
    "余光",
    "袁正",
]
VILLAGES = ("青山村", "河口村", "石板村", "云岭社区")


def idno(number: int, born: str = "19600101") -> str:
    first = f"519999{born}{number:03}"
    return first + check_digit(first)


def mobile(number: int) -> str:
    return f"139{number:08}"


def card(number: int) -> str:
    """19 digits with a right Luhn digit."""
    first = f"621799000000{number:06}"
    total = 0
    for place, digit in enumerate(reversed(first)):
        double = int(digit) * (1 if place % 2 else 2)
        total += double - 9 if double > 9 else double
    return first + str(-total % 10)


@dataclass(frozen=True)
class Sample:
    """`above` are rows over the head; `heads` one row of heads, or several; `merged` groups (row, first, last column)."""

    file: str
    heads: Sequence[Sequence[str]]
    row: Callable[[int], Sequence[Any]]
    columns: dict[str, str]
    key: Sequence[str]
    above: Sequence[Sequence[str]] = ()
    below: Sequence[Sequence[Any]] = ()
    merged: Sequence[tuple[int, int, int]] = ()
    rows: int = 14
    label: str = ""
    kind: str = "xlsx"
    extra: dict[str, Any] = field(default_factory=dict)


def _cycle(words: Sequence[Any], number: int) -> Any:
    return words[number % len(words)]


SAMPLES: dict[str, Sample] = {
    "灭火器": Sample(
        "2023年青石镇灭火器登记表（最终）.xlsx",
        [["序号", "所在村", "灭火器编号", "类 型", "规格(kg)", "存放位置", "压力是否正常", "检查日期", "下次检查时间", "责任人", "联系电话", "备注"]],
        lambda n: [n + 1, _cycle(VILLAGES, n), f"MHQ-{n:03}", _cycle(["干粉", "水基", "二氧化碳"], n), _cycle([4, 5], n),
                   f"村委会{n}楼楼道", _cycle(["是", "是", "否"], n), f"2023.{n % 12 + 1}.{n + 1}", date(2024, n % 12 + 1, 3), NAMES[n],
                   mobile(n), "" if n % 3 else "已充装"],
        {"序号": "skip", "所在村": "division", "灭火器编号": "text S0", "类型": "choice S0", "规格": "decimal kg S0", "存放位置": "text S0",
         "压力是否正常": "bool S0", "检查日期": "date S0", "下次检查时间": "date S0", "责任人": "text S1", "联系电话": "phone S2", "备注": "note"},
        ["灭火器编号"], above=[["青石镇灭火器登记表"], ["填报单位：应急办", "", "", "填报时间：2023年5月"]],
        below=[["合计", "", "", "", 60], ["填表人：何春", "", "", "审核人：罗夏"]], label="灭火器台账",
    ),
    "道路": Sample(
        "农村公路.xlsx",
        [["编号", "路线名称", "起点", "止点", "里程（公里）", "路面宽度(米)", "路面类型", "修建年份", "总造价(万元)", "养护责任人", "是否通客车"]],
        lambda n: [f"CX{n:02}", f"青{NAMES[n]}路", f"K{n}处", f"河口{n}组", round(1.2 + n / 7, 3), _cycle([3.5, 4.5, 6], n),
                   _cycle(["水泥", "沥青", "砂石"], n), 2005 + n, round(33.5 + n, 2), NAMES[n], _cycle(["是", "否"], n)],
        {"编号": "text S0", "路线名称": "text S0", "起点": "text S0", "止点": "text S0", "里程": "length_km S0", "路面宽度": "decimal 米 S0",
         "路面类型": "choice S0", "修建年份": "integer S0", "总造价": "money S0", "养护责任人": "text S1", "是否通客车": "bool S0"},
        ["农村公路编号"], label="农村公路台账",
    ),
    "老年食堂": Sample(
        "老年食堂用餐人员花名册.xls.xlsx",
        [["序号", "村（社区）", "姓名", "性别", "身份证号码", "年龄", "家庭住址", "困难类别", "健康状况", "监护人姓名", "监护人电话", "月餐费（元）", "用餐方式"]],
        lambda n: [float(n + 1), _cycle(VILLAGES, n), NAMES[n], _cycle("男女", n), idno(n), 63 + n % 9, f"{n}组{n}号",
                   _cycle(["低保", "特困", "无"], n), _cycle(["良好", "高血压", "糖尿病"], n), NAMES[-n - 1], mobile(n + 50), 150, _cycle(["堂食", "送餐"], n)],
        {"序号": "skip", "村(社区)": "division", "姓名": "text S1", "性别": "choice S1", "身份证号码": "idno S2", "年龄": "integer 岁 S1",
         "家庭住址": "text S2", "困难类别": "choice S2", "健康状况": "choice S3", "监护人姓名": "text S1", "监护人电话": "phone S2",
         "月餐费": "money S0", "用餐方式": "choice S0"},
        ["身份证号码"], label="老年食堂用餐人员台账",
    ),
    "养猪场": Sample(
        "规模养猪场情况统计表.xlsx",
        [["序号", "行政村", "养殖场名称", "统一社会信用代码", "负责人", "联系方式", "存栏数（头）", "其中", "", "年出栏(头)", "粪污处理方式", "动物防疫合格证号", "疫病情况"],
         ["", "", "", "", "", "", "", "能繁母猪", "育肥猪", "", "", "", ""]],
        lambda n: [n + 1, _cycle(VILLAGES, n), f"{NAMES[n]}养殖场", _cycle(["91510000MA62K1WT1X", ""], 1), NAMES[n], mobile(n + 7), 120 + n, 10 + n, 110,
                   300 + 5 * n, _cycle(["沼气池", "还田", "委托处理"], n), f"（青）动防合字第{n:04}号", "无"],
        {"序号": "skip", "行政村": "division", "养殖场名称": "text S0", "统一社会信用代码": "uscc S0", "负责人": "text S1", "联系方式": "phone S2",
         "存栏数": "integer 头 S0", "其中能繁母猪": "integer S0", "其中育肥猪": "integer S0", "年出栏": "integer 头 S0", "粪污处理方式": "choice S0",
         "动物防疫合格证号": "text S0", "疫病情况": "choice S0"},
        ["动物防疫合格证号"], merged=[(0, 7, 8)], label="规模养猪场台账",
    ),
    "水表": Sample(
        "水费抄表.csv",
        [["户号", "户主", "水表号", "抄表日期", "上月读数", "本月读数", "用水量(吨)", "单价", "应缴水费", "是否缴清", "抄表员"]],
        lambda n: [f"{n + 1:05}", NAMES[n], f"3300{n:04}", f"2023-03-{n + 1:02}", str(100 + n), str(112 + 2 * n), str(12 + n), "2.5", f"{2.5 * (12 + n):.2f}",
                   _cycle(["√", "×"], n), NAMES[-1]],
        {"户号": "text S0", "户主": "text S1", "水表号": "text S0", "抄表日期": "date S0", "上月读数": "integer S0", "本月读数": "integer S0",
         "用水量": "decimal 吨 S0", "单价": "money S0", "应缴水费": "money S0", "是否缴清": "bool S0", "抄表员": "text S1"},
        ["户号"], kind="csv", label="水费抄台账",
    ),
    "值班表": Sample(
        "3月值班安排.xlsx",
        [["日期", "星期", "带班领导", "值班人员", "值班电话", "交接时间", "值班情况记录"]],
        lambda n: [datetime(2023, 3, n + 1), _cycle("一二三四五六日", n), NAMES[n % 4], NAMES[n], "0826-3456789", time(8, 30),
                   "当天无异常，夜间巡查两次，处理群众来电一件，已经答复并做好了记录。"],
        {"日期": "date S0", "星期": "choice S0", "带班领导": "text S1", "值班人员": "text S1", "值班电话": "phone S2", "交接时间": "text S0",
         "值班情况记录": "longtext S0"},
        ["日期"], above=[["青石镇2023年3月值班安排表"]], label="值班台账",
    ),
    "农家书屋": Sample(
        "农家书屋借阅登记.xlsx",
        [["村别", "书名", "作者", "出版社", "ISBN", "借阅人", "借出日期", "归还日期", "押金（元）", "图书状态"]],
        lambda n: [_cycle(VILLAGES, n), f"《农事{n}讲》", f"{NAMES[n]}著", _cycle(["农业出版社", "人民出版社"], n), f"978750000{n:04}", NAMES[-n - 1],
                   f"2023年{n % 12 + 1}月{n + 1}日", f"2023/{n % 12 + 1}/{n + 5}" if n % 4 else "", 20, _cycle(["完好", "破损"], n)],
        {"村别": "division", "书名": "text S0", "作者": "text S0", "出版社": "choice S0", "ISBN": "text S0", "借阅人": "text S1", "借出日期": "date S0",
         "归还日期": "date S0", "押金": "money S0", "图书状态": "choice S0"},
        [], label="农家书屋借阅台账",
    ),
    "果树": Sample(
        "柑橘种植户.xlsx",
        [["序号", "村", "组", "种植户姓名", "种植面积（亩）", "品种", "株数", "树龄", "亩产(公斤)", "病虫害情况", "是否加入合作社", "流转期限至"]],
        lambda n: [n + 1, _cycle(VILLAGES, n), f"{n % 5 + 1}组", NAMES[n], 2.5 + n / 4, _cycle(["不知火", "春见", "爱媛"], n), 80 + n, 3 + n % 5, 1500.5,
                   _cycle(["红蜘蛛", "无", "炭疽病"], n), _cycle(["是", "否"], n), "2030年12月31日"],
        {"序号": "skip", "村": "division", "组": "choice S0", "种植户姓名": "text S1", "种植面积": "area_mu S0", "品种": "choice S0", "株数": "integer S0",
         "树龄": "integer S0", "亩产": "decimal 公斤 S0", "病虫害情况": "choice S0", "是否加入合作社": "bool S0", "流转期限至": "date S0"},
        ["村", "种植户姓名"], label="柑橘种植户台账",
    ),
    "犬只免疫": Sample(
        "犬只狂犬疫苗免疫登记.xlsx",
        [["序号", "村（居）", "犬主姓名", "犬主身份证", "电话", "犬只品种", "毛色", "性别(公/母)", "免疫日期", "疫苗批号", "耳标/犬牌号", "防疫员"]],
        lambda n: [n + 1, _cycle(VILLAGES, n), NAMES[n // 2], idno(n // 2), int(mobile(n // 2)), _cycle(["中华田园犬", "金毛", "泰迪"], n),
                   _cycle(["黄", "黑", "白"], n), _cycle(["公", "母"], n), 44990.0 + n, f"2022{n % 3:02}B", f"QP{n:05}", NAMES[-1]],
        {"序号": "skip", "村(居)": "division", "犬主姓名": "text S1", "犬主身份证": "idno S2", "电话": "phone S2", "犬只品种": "choice S0", "毛色": "choice S0",
         "性别(公/母)": "choice S1", "免疫日期": "date S0", "疫苗批号": "text S0", "耳标/犬牌号": "text S0", "防疫员": "text S1"},
        ["耳标/犬牌号"], label="犬只狂犬疫苗免疫台账",
    ),
    "志愿者": Sample(
        "志愿者名单(2).xlsx",
        [["姓名", "性别", "政治面貌", "证件号码", "手机号", "服务意向", "注册时间", "累计服务时长（小时）", "所在支部"]],
        lambda n: [NAMES[n], _cycle("男女", n), _cycle(["党员", "群众", "团员"], n), idno(n, "19880203"), f"{mobile(n)[:3]} {mobile(n)[3:7]} {mobile(n)[7:]}",
                   _cycle(["敬老、环保", "环保、宣传", "宣传", "敬老、宣传、应急"], n), datetime(2022, 5, n + 1, 9, 30 + n), 12.5 + n, _cycle(["青山支部", "河口支部"], n)],
        {"姓名": "text S1", "性别": "choice S1", "政治面貌": "choice S1", "证件号码": "idno S2", "手机号": "phone S2", "服务意向": "multichoice S0",
         "注册时间": "datetime S0", "累计服务时长": "decimal 小时 S0", "所在支部": "choice S0"},
        ["证件号码"], label="志愿者台账",
    ),
    "门面租金": Sample(
        "集体资产出租台账.xlsx",
        [["资产名称", "坐落位置", "面积（㎡）", "承租方", "承租人电话", "合同编号", "租赁起", "租赁止", "年租金", "应收", "实收", "收缴率", "收款账号"]],
        lambda n: [f"老街{n}号门面", f"青石老街{n}号", 35.5 + n, f"{NAMES[n]}商店", mobile(n), f"HT2023-{n:02}", "2023-01-01", "2025-12-31", 0.6 + n / 10, 0.6, 0.5, "83.3%",
                   card(n % 3)],
        {"资产名称": "text S0", "坐落位置": "text S0", "面积": "decimal ㎡ S0", "承租方": "text S0", "承租人电话": "phone S2", "合同编号": "text S0",
         "租赁起": "date S0", "租赁止": "date S0", "年租金": "money S0", "应收": "money S0", "实收": "money S0", "收缴率": "percent S0", "收款账号": "bank_account S2"},
        ["合同编号"], above=[["青石镇集体资产出租情况"], ["", "", "", "", "", "", "", "", "", "", "", "单位：万元"]], label="集体资产出租台账",
    ),
    "村卫生室药品": Sample(
        "村卫生室药品盘点.xlsx",
        [["药品名称", "规格", "剂型", "批准文号", "生产厂家", "生产日期", "有效期至", "库存数量", "单位", "进价(元)", "存放处", "管理员"]],
        lambda n: [f"{_cycle(['阿莫西林', '布洛芬', '板蓝根'], n)}{n}", _cycle(["0.25g*24粒", "10g*20袋"], n), _cycle(["胶囊", "片剂", "颗粒"], n), f"国药准字H2000{n:04}",
                   f"某某制药{n}厂", "20220301", "2024.03", 10 + n, _cycle(["盒", "瓶"], n), 12.5 + n, f"{n}号柜", NAMES[0]],
        {"药品名称": "text S0", "规格": "choice|text S0", "剂型": "choice S0", "批准文号": "text S0", "生产厂家": "text S0", "生产日期": "date S0",
         "有效期至": "date|month S0", "库存数量": "integer S0", "单位": "choice S0", "进价": "money S0", "存放处": "text S0", "管理员": "text S1"},
        ["批准文号"], label="村卫生室药品盘点台账",
    ),
    "残疾人": Sample(
        "残疾人辅具适配.xlsx",
        [["姓名", "残疾证号", "残疾类别", "残疾等级", "监护人", "联系电话", "家庭人均收入", "适配辅具", "适配日期", "满意度"]],
        lambda n: [NAMES[n], idno(n, "19750505") + "43", _cycle(["肢体", "视力", "听力"], n), _cycle(["一级", "二级"], n), NAMES[-n - 1], mobile(n), 5600 + n,
                   _cycle(["轮椅", "助行器"], n), date(2023, 6, n + 1), _cycle(["满意", "一般"], n)],
        {"姓名": "text S1", "残疾证号": "text S3", "残疾类别": "choice S3", "残疾等级": "choice S3", "监护人": "text S1", "联系电话": "phone S2",
         "家庭人均收入": "money S2", "适配辅具": "choice S0", "适配日期": "date S0", "满意度": "choice S0"},
        ["残疾证号"], label="残疾人辅具适配台账",
    ),
    "矛盾纠纷": Sample(
        "矛盾纠纷排查化解.xlsx",
        [["村社", "发生时间", "当事人", "纠纷类型", "简要情况", "调解措施", "调解结果", "调解员", "涉及金额（元）", "涉及人数"]],
        lambda n: [_cycle(VILLAGES, n), f"2023-{n % 12 + 1}-{n + 1}", f"{NAMES[n]}、{NAMES[-n - 1]}", _cycle(["邻里", "土地", "婚姻家庭"], n),
                   f"因田界{n}发生争执，一方电话{mobile(n)}，多次协商没有结果，请求村里出面调解处理此事。", "上门调解，讲清政策", _cycle(["成功", "未成功"], n), NAMES[2],
                   "" if n % 2 else 300 * n, 2],
        {"村社": "division", "发生时间": "date S0", "当事人": "text S1", "纠纷类型": "choice S0", "简要情况": "longtext S2", "调解措施": "longtext|text S0",
         "调解结果": "choice S0", "调解员": "text S1", "涉及金额": "money S0", "涉及人数": "integer S0"},
        ["发生时间", "当事人"], label="矛盾纠纷排查化解台账",
    ),
    "应急物资": Sample(
        "附件3：应急物资储备清单.xlsx",
        [["物资名称", "类别", "数量", "计量单位", "入库时间", "保质期（月）", "仓库地址", "库管员", "电话", "经度", "纬度", "是否完好"]],
        lambda n: [f"{_cycle(['编织袋', '救生衣', '手电'], n)}{n}型", _cycle(["防汛", "消防"], n), 100 + n, _cycle(["条", "件", "支"], n), f"2023年{n % 12 + 1}月", 36,
                   f"青石镇{n}号仓", NAMES[n % 3], mobile(n % 3), 106.5 + n / 1000, 29.5, _cycle(["是", "否"], n)],
        {"物资名称": "text S0", "类别": "choice S0", "数量": "integer S0", "计量单位": "choice S0", "入库时间": "date|month S0", "保质期": "integer 月 S0",
         "仓库地址": "text S0", "库管员": "text S1", "电话": "phone S2", "经度": "decimal S0", "纬度": "decimal S0", "是否完好": "bool S0"},
        ["物资名称"], label="应急物资储备台账",
    ),
    "公益性岗位": Sample(
        "公益性岗位人员工资发放.xlsx",
        [["人员信息", "", "", "", "岗位", "工资发放", "", ""], ["姓名", "身份证号", "所属村", "银行卡号", "", "发放月份", "金额(元)", "发放状态"]],
        lambda n: [NAMES[n], idno(n, "19700707"), _cycle(VILLAGES, n), card(n), _cycle(["保洁员", "护林员"], n), "2023年4月", 600, _cycle(["已发", "未发"], n)],
        {"人员信息姓名": "text S1", "人员信息身份证号": "idno S2", "人员信息所属村": "division", "人员信息银行卡号": "bank_account S2", "岗位": "choice S0",
         "工资发放发放月份": "month S0|S2", "工资发放金额": "money S0|S2", "工资发放发放状态": "choice S0|S2"},
        ["人员信息身份证号"], merged=[(0, 0, 3), (0, 5, 7)], label="公益性岗位人员工资发放台账",
    ),
    "路灯": Sample(
        "路灯巡检.xlsx",
        [["灯杆编号", "所属村", "功率(W)", "亮灯情况", "巡检时间", "巡检人", "故障描述", "维修费用", "完成度"]],
        lambda n: [f"D{n:03}", _cycle(VILLAGES, n), 60, _cycle(["亮", "不亮"], n), f"2023-4-{n + 1} 20:{n + 10}", NAMES[n], "灯头损坏" if n % 2 else "", 80.5 if n % 2 else "", f"{n * 5}%"],
        {"灯杆编号": "text S0", "所属村": "division", "功率": "integer W S0", "亮灯情况": "choice S0", "巡检时间": "datetime S0", "巡检人": "text S1",
         "故障描述": "text|choice S0", "维修费用": "money S0", "完成度": "percent S0"},
        ["灯杆编号"], label="路灯巡检台账",
    ),
}  # fmt: skip
