"""Pages of reports: for those who work for the whole township; every figure is a link to its rows."""

from datetime import date
from html import escape
from io import BytesIO
from zipfile import ZipFile

import pytest

from zhenwu.changes.models import AuditEntry, Watched
from zhenwu.reports.actions import docx_bytes
from zhenwu.reports.models import Report

PAGES = ("", "docx/", "differences/")


def test_a_report_is_asked_for_and_shown(year, live, lin):
    page = live(lin).post("/reports/new/", {"year": "2020", "as_of": "2020-12-31", "boundary": "now"}, follow=True)
    made = Report.objects.get()
    assert page.redirect_chain == [(f"/reports/{made.pk}/", 302)]
    assert (made.created_by, made.as_of) == (lin, date(2020, 12, 31))
    assert "青石镇2020年工作总结" in live(lin).get("/reports/").content.decode()


def test_every_figure_of_the_page_is_a_link_that_opens(report, live, lin):
    client = live(lin)
    page = client.get(f"/reports/{report.pk}/").content.decode()
    assert "全年排查发现隐患" in page
    for cited in report.tree.figures.values():
        assert f'href="{escape(cited.path)}"' in page
        assert client.get(cited.path).status_code == 200


def test_who_enters_for_a_village_sees_no_report(report, live, chen, wu):
    for user in (chen, wu):
        client = live(user)
        found = [client.get(f"/reports/{report.pk}/{page}").status_code for page in PAGES]
        found += [client.get("/reports/").status_code, client.get("/reports/new/").status_code]
        found += [client.post(f"/reports/{report.pk}/freeze/").status_code]
        found += [client.post("/reports/new/", {"year": "2020"}).status_code]
        assert set(found) == {404}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"year": "二〇二〇", "as_of": ""}, "年度填的是“二〇二〇”"),
        ({"year": "2020", "as_of": "2020-13-01"}, "截至日期填的是“2020-13-01”"),
        ({"year": "2020", "as_of": "2019-12-31"}, "早于2020年"),
        ({"year": "2018", "as_of": ""}, "2018年没有可写进总结的数据"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(year, live, lin, typed, said):
    page = live(lin).post("/reports/new/", typed | {"boundary": "now"})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert f'value="{typed["year"]}"' in page.content.decode()
    assert not Report.objects.exists()


def test_the_download_is_the_document(report, live, leader):
    answer = live(leader).get(f"/reports/{report.pk}/docx/")
    assert answer.content == docx_bytes(report)
    assert ZipFile(BytesIO(answer.content)).testzip() is None
    assert "filename*=UTF-8''" in answer["Content-Disposition"]


def test_changes_since_are_listed(report, add_hazard, live, lin):
    page = live(lin).get(f"/reports/{report.pk}/differences/")
    assert "没有变化" in page.content.decode()
    add_hazard("河口村", "2020-06-01")
    page = live(lin).get(f"/reports/{report.pk}/differences/")
    assert "多了1行。" in page.content.decode()


def test_a_refused_signing_says_why_on_the_page(report, live, lin):
    page = live(lin).post(f"/reports/{report.pk}/freeze/")
    assert page.status_code == 422
    assert "定稿由分管领导或党政主要领导签发" in page.content.decode()
    assert not Report.objects.get().is_frozen


def test_who_took_a_report_out_stands_in_the_audit_log(live, leader, report):
    live(leader).get(f"/reports/{report.pk}/docx/")
    [entry] = AuditEntry.objects.filter(kind=Watched.EXPORT)
    assert entry.by == leader
    assert report.title in entry.said
