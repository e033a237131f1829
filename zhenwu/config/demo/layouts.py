"""How the offices of the demo township head their rosters: titles, the headers they use instead of the labels, sheets."""

from collections.abc import Callable
from dataclasses import dataclass, field

from zhenwu.config.demo.world import Row


@dataclass(frozen=True)
class SheetPlan:
    """One sheet: which rows go on it, in which order; `only` limits the fields (a supplement to rows already there)."""

    name: str
    rows: Callable[[list[Row]], list[Row]] = lambda rows: rows
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """`headers` by field code (`division` is the place); `groups` put a label over neighbouring columns; money columns of
    `wan` are written in 万元; `layered` splits rows by the field that points to the same ledger."""

    ledger: str
    title: str
    office: str
    headers: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wan: tuple[str, ...] = ()
    layered: str = ""
    sheets: tuple[SheetPlan, ...] = (SheetPlan("台账"),)
    subtotals: bool = False


_FUNDS = ("fund_central", "fund_prov", "fund_local", "fund_eastwest", "fund_bond", "fund_self")
_KIN = ("name", "sex", "birth", "live_status", "father", "mother", "guardian")

LAYOUTS = (
    Layout(
        "person", "青石镇人口花名册", "便民服务中心", {"division": "户籍村", "idno": "身份证号码", "edu": "文化程度", "phone": "联系电话", "hukou_group": "村民小组"},
        sheets=(
            SheetPlan("花名册"),
            SheetPlan("亲属关系", lambda rows: [one for one in rows if one["father"] or one["mother"] or one["guardian"]], _KIN),
        ),
    ),
    Layout(
        "household", "青石镇户台账", "便民服务中心", {"hno": "户编号", "head": "户主姓名", "grp": "组", "addr": "住址"},
        sheets=(
            SheetPlan("户籍户", lambda rows: [one for one in rows if one["hkind"] == "hukou"]),
            SheetPlan("共同生活家庭", lambda rows: [one for one in rows if one["hkind"] == "living"]),
        ),
    ),
    Layout("household_member", "青石镇户成员表", "便民服务中心", {"household": "户号", "person": "姓名", "from_date": "入户日期", "to_date": "离户日期"}),
    Layout("party_branch", "青石镇党组织基本情况统计表", "党建办", {"name": "党组织名称", "parent": "隶属党组织", "term_start": "换届时间", "term_end": "届满时间",
           "secretary": "书记姓名", "secretary_phone": "联系电话", "division": "所在村"}, layered="parent"),
    Layout("party_member", "青石镇党员名册", "党建办", {"person": "姓名", "branch": "所在党支部", "kind": "人员类别", "join_on": "入党时间", "full_on": "转正时间",
           "mobile": "是否流动党员", "division": "所在村"}, subtotals=True),
    Layout("party_development", "青石镇发展党员台账", "党建办", {"person": "姓名", "branch": "所在支部", "d01": "申请入党时间", "d03": "确定积极分子时间",
           "d07": "确定发展对象时间", "d15": "接收预备党员时间", "division": "所在村"}),
    Layout("development_review", "青石镇入党积极分子（预备党员）考察登记表", "党建办", {"development": "发展对象", "reviewed_on": "考察时间"}),
    Layout("branch_life", "青石镇“三会一课”台账", "党建办", {"branch": "支部名称", "kind": "会议类别", "held_on": "召开时间", "chair": "主持人", "recorder": "记录人",
           "expected": "应到人数", "present": "实到人数", "topic": "议题", "division": "所在村"}),
    Layout("hazard_site", "青石镇安全排查对象底册", "应急办", {"sector": "行业领域", "kind": "点位类型", "name": "点位名称", "duty_name": "责任人姓名", "manager": "包保领导",
           "spot": "经纬度", "division": "所属村"}, subtotals=True),
    Layout("site_none", "青石镇无此类排查对象声明汇总表", "应急办", {"for_year": "年度"}),
    Layout("hazard_inspection", "青石镇安全隐患拉网式排查记录", "应急办", {"sector": "排查领域", "site": "检查对象", "inspect_on": "检查日期", "lead_name": "带队领导",
           "found_n": "发现问题数", "fixed_now": "立即整改数", "division": "村名"}),
    Layout("hazard", "青石镇隐患整改销号台账", "应急办", {"found_by_way": "隐患来源", "inspection": "排查编号", "detail": "问题描述", "grade": "隐患等级",
           "fix_owner": "整改责任人", "due_on": "整改期限", "fund": "整改资金(万元)", "close_on": "销号时间", "division": "村名"}, wan=("fund",), layered="repeat_of"),
    Layout("river_segment", "青石镇河湖名录", "水利站", {"name": "河段名称", "length": "长度(公里)", "villages": "流经村"}),
    Layout("river_head", "青石镇河长名录", "水利站", {"segment": "河流名称", "level": "河长级别", "head_name": "河长姓名", "valid_from": "任职时间", "valid_to": "卸任时间"}),
    Layout("river_patrol", "青石镇巡河记录", "水利站", {"segment": "巡查河段", "patrol_on": "巡河日期", "minutes": "时长（分钟）", "km": "里程（公里）",
           "find_n": "发现问题数", "find_text": "巡河情况"}),
    Layout("eco_issue", "青石镇生态环境问题清单", "水利站", {"found_way": "来源", "ref_no": "原始记录编号", "spot_text": "问题地点", "found_on": "发现时间",
           "due_on": "办结时限", "closed_on": "销号日期", "fine": "罚款(元)"}),
    Layout("gov_project", "青石镇政府投资项目台账", "经济发展办", {"total_invest": "总投资(万元)", "est_feas": "估算投资(万元)", "budget_est": "概算(万元)",
           "fund_arrived": "到位资金(万元)", "client": "建设单位", "final_amt": "决算金额(万元)", "fund_central": "中央", "fund_prov": "省级",
           "fund_local": "市县", "fund_eastwest": "东西部协作", "fund_bond": "债券", "fund_self": "自筹", "division": "所在村"},
           {"资金来源(万元)": _FUNDS}, ("total_invest", "est_feas", "budget_est", "fund_arrived", "final_amt", *_FUNDS), "parent"),
    Layout("project_contract", "青石镇项目合同台账", "经济发展办", {"project": "项目名称", "amount": "合同金额(万元)", "limit_price": "招标控制价(万元)",
           "settled_amt": "审定价(万元)", "perf_bond": "履约保证金(万元)", "award_on": "中标时间", "signed_on": "签订时间"},
           wan=("amount", "limit_price", "settled_amt", "perf_bond"), layered="main"),
    Layout("project_payment", "青石镇项目资金拨付台账", "财政所", {"project": "项目名称", "contract": "合同编号", "kind": "款项性质", "amount": "拨付金额(元)",
           "measured": "审定产值(元)", "invoice_amt": "发票金额(元)", "paid_on": "拨付时间"}, subtotals=True),
    Layout("project_progress", "青石镇项目月调度表", "经济发展办", {"project": "项目名称", "progress_month": "填报月份", "reported_on": "报送时间",
           "cum_invest": "累计完成投资(万元)", "physical_pct": "形象进度(%)"}, wan=("cum_invest",)),
    Layout("dibao", "青石镇最低生活保障台账", "民政办", {"applicant": "户主姓名", "receive_date": "申请日期", "monthly": "月保障金(元)", "dclass": "低保类别",
           "income_year": "年收入(元)", "income_pc_m": "人均月收入(元)"}),
    Layout("dibao_member", "青石镇低保家庭成员花名册", "民政办", {"person": "姓名", "boost_amt": "增发金额(元)"}),
)  # fmt: skip
