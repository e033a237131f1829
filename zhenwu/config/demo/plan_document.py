"""The township's work plan for 2020, as it would have been sent out: a Word document with styles and automatic numbers.
Its targets are measured by the indicators of the demo's ledgers. Invented from end to end."""

from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

_TITLE = "青石镇2019年工作总结和2020年工作计划"
_OPENING = (
    "2019年，在县委、县政府的坚强领导下，青石镇党委、政府团结带领全镇干部群众，围绕“强党建、保安全、护生态、惠民生”的思路，"
    "较好完成了各项任务。现将有关情况报告如下。"
)
_LAST_YEAR = (
    ("党的建设全面加强", "全年召开支部党员大会80次，讲党课76次，新发展党员6名，三会一课完成率96.5%。"),
    ("项目建设有序推进", "实施政府投资项目38个，完成投资3620万元，15个项目通过验收。"),
    ("安全生产总体平稳", "开展安全排查2100次，发现隐患196处，整改190处，整改率96.9%。"),
    ("生态环境持续改善", "管护河湖15条44.8公里，办结生态环境问题41个。"),
    ("民生保障不断增强", "年末农村低保在保318户，全年新增42户、退出37户。"),
)
_PROBLEMS = "一是部分党支部组织生活质量不高；二是个别项目推进偏慢；三是隐患排查还有盲区；四是低保动态核查不够及时。"
_PLAN: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "坚持固本强基，全面加强党的建设",
        (
            "严肃党内组织生活。三会一课完成率达到100%，支部主题党日每月至少开展1次，镇党委书记讲党课不少于1次。（责任单位：党建办，完成时限：12月底）",
            "严把党员发展关。新发展党员6名以上，新确定入党积极分子不少于3名，每半年对积极分子和预备党员考察1次。（责任单位：党建办，完成时限：12月底）",
            "优化组织设置。结合村级建制调整，6月底前完成合并村党组织设置，村（社区）党组织覆盖率保持100%。（责任单位：党建办，完成时限：6月30日）",
        ),
    ),
    (
        "坚持项目带动，扎实推进基础设施建设",
        (
            "抓好项目实施。实施政府投资项目45个以上，本年完成投资4000万元以上，年度计划项目开工率达到80%。（责任单位：经济发展办，配合单位：各村、社区）",
            "规范项目管理。严格执行月调度，项目月报及时率达到100%，竣工项目60日内组织验收。（责任单位：经济发展办，完成时限：12月底）",
            "加快资金拨付。实施项目资金支付率达到80%以上，到期质保金应退尽退，农民工工资按月足额支付。（责任单位：财政所，配合单位：经济发展办）",
        ),
    ),
    (
        "坚持底线思维，坚决守住安全稳定",
        (
            "开展拉网式排查。对道路交通、安全生产、食品药品、森林防灭火、疫情防控、地质灾害六个领域按频次排查，排查覆盖率达到100%。（责任单位：应急办，配合单位：各村、社区）",
            "狠抓隐患整改。隐患整改率达到98%以上，按期整改率达到95%以上，重大隐患当天管控、挂牌督办。（责任单位：应急办，完成时限：12月底）",
            "做好防汛和地质灾害防治。4月底前全面更新群测群防员和两卡，汛期每周排查1次。（责任单位：应急办，完成时限：9月30日）",
        ),
    ),
    (
        "坚持绿色发展，持续改善生态环境",
        (
            "全面推行河长制。镇级河长每月巡河1次、村级河长每周巡河1次，村级巡河达标率达到100%，河长公示牌完好率达到100%。（责任单位：水利站）",
            "整治突出问题。生态环境问题办结率达到95%以上，严重问题当天上报。（责任单位：水利站，配合单位：各村、社区）",
        ),
    ),
    (
        "坚持民生为本，织密兜牢保障网底",
        (
            "做实人口底数。6月1日前完成大坪、红岩、茶山、云台四村合并，户籍、党组织、资产账目同步移交。（责任单位：便民服务中心，完成时限：6月1日）",
            "精准实施低保。低保动态核查率达到100%，审核确认按时率达到100%，做到应保尽保、应退尽退。（责任单位：民政办，完成时限：12月底）",
            "防范化解风险。每季度开展一次账账比对，对已死亡、已迁出、重复享受的及时停发。（责任单位：民政办、纪委办）",
        ),
    ),
)
_NUMERALS = "一二三四五六七八九十"


def write_plan(path: Path) -> None:
    """Writes the document. The first section's points are numbered by Word, the others 一是 … in one paragraph or by hand."""
    document = Document()
    _fonts(document)
    title = document.add_paragraph(_TITLE, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(_OPENING)
    document.add_paragraph("一、2019年工作总结", style="Heading 1")
    for number, (head, text) in enumerate(_LAST_YEAR):
        document.add_paragraph(f"（{_NUMERALS[number]}）{head}。{text}")
    document.add_paragraph(f"（{_NUMERALS[len(_LAST_YEAR)]}）存在的主要问题。{_PROBLEMS}")
    document.add_paragraph("二、2020年工作计划", style="Heading 1")
    for number, (head, points) in enumerate(_PLAN):
        document.add_paragraph(f"（{_NUMERALS[number]}）{head}", style="Heading 2")
        if number == 0:
            for point in points:
                document.add_paragraph(point, style="List Number")
        elif number % 2:
            for index, point in enumerate(points, 1):
                document.add_paragraph(f"{index}.{point}")
        else:
            document.add_paragraph("".join(f"{_NUMERALS[index]}是{point}" for index, point in enumerate(points)))
    document.add_paragraph("青石镇人民政府").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph("2020年1月10日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    said = document.core_properties
    said.title, said.author = _TITLE, "青石镇党政办"
    said.created = said.modified = datetime(2020, 1, 10, 9)
    document.save(str(path))


def _fonts(document: Any) -> None:
    """Chinese fonts for Chinese text; the default template would fall back to a Japanese one."""
    for name, font, size in (
        ("Normal", "仿宋", 16), ("Title", "宋体", 22), ("Heading 1", "黑体", 16), ("Heading 2", "楷体", 16), ("List Number", "仿宋", 16),
    ):  # fmt: skip
        style = document.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)
