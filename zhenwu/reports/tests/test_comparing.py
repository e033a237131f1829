"""A year in which villages merged: both boundaries stand side by side in the report."""

from datetime import date

import pytest

from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Division
from zhenwu.reports.actions import draft_report, write_docx
from zhenwu.reports.models import Report

from .test_official import body_of, paragraphs, text_of

AS_OF = date(2020, 12, 31)


@pytest.fixture
def merged(year, lin, places):
    new = Division(code="519999100203", name="青河村", parent=places["town"])
    merge([places["青山村"], places["河口村"]], into=new, on=date(2020, 7, 1), title="合并", approval="1号", by=lin)
    return draft_report(2020, AS_OF, lin)


def test_each_new_village_shows_its_former_ones_and_all_add_up(merged):
    table = Report.objects.get(pk=merged.pk).tree.comparison
    rows = {name: cells for name, _, cells in table.rows}
    column = next(place for place, head in enumerate(table.heads) if "隐患" in head)
    said = {name: int(cells[column]) for name, cells in rows.items()}
    assert said["青河村"] == said["其中：原青山村"] + said["其中：原河口村"] + said["其中：合并后青河村"] == 3
    assert said["全镇"] == said["青河村"] + said["青石社区"]
    assert "由3个调整为2个" in table.said


def test_it_is_an_appendix_of_page_and_document(merged, lin, live, tmp_path):
    page = live(lin).get(f"/reports/{merged.pk}/").content.decode()
    assert "分村数据对照表" in page
    assert "其中：原青山村" in page
    write_docx(merged, tmp_path / "总结.docx")
    body = body_of(tmp_path / "总结.docx")
    assert {"附件：1.数据来源表", "2.分村数据对照表", "附件2"} <= set(paragraphs(body))
    tables = body.findall("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tbl")
    assert "其中：原河口村" in text_of(tables[1])


def test_a_year_without_changes_has_none(report):
    assert report.tree.comparison is None
