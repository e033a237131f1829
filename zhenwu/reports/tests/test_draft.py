"""The annual report: what it says is what the indicators say, and it says nothing that nobody recorded."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.running import run
from zhenwu.indicators.queries import value
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.reports.actions import draft_report
from zhenwu.reports.citing import RED
from zhenwu.reports.errors import NoData, WrongDay
from zhenwu.reports.models import Report
from zhenwu.reports.tree import Tree

AS_OF = date(2020, 12, 31)


def text_of(report: Report) -> list[str]:
    return [line.text for line in report.tree.lines()]


def test_the_report_is_written_as_townships_write_it(report):
    text = text_of(report)
    assert report.title == "青石镇2020年工作总结"
    assert text[0].startswith("2020年，青石镇")
    assert text[0].endswith("数据截至2020年12月31日。")
    assert text[1:4] == ["一、2020年工作开展情况", "（一）安全生产工作", text[3]]
    assert text[3].startswith("全年排查发现隐患3处，销号1处，整改率33.3%")
    headings = [line.text for line in report.tree.lines() if line.level == "h1"]
    assert headings[-1].endswith("、下一步工作打算")


def test_every_figure_is_what_the_indicator_says(report):
    assert {"hz_n", "hz_closed", "hz_rate"} <= report.tree.figures.keys()
    for code, cited in report.tree.figures.items():
        figure = value(code, as_of=AS_OF, year=2020, signed=True)
        assert (cited.value, cited.text, cited.digest) == (str(figure.value), figure.text, figure.digest)
        assert cited.row_count == figure.row_count > 0
        assert cited.pack_hash == figure.pack_hash


def test_the_rows_behind_each_figure_are_kept(report):
    rows = dict(report.figure_rows.values_list("code", "rows"))
    assert {code: len(rows[code]["hazard"]) for code in ("hz_n", "hz_closed")} == {"hz_n": 3, "hz_closed": 1}
    assert report.tree.figures["hz_n"].ledgers == ("隐患整改销号台账",)


def test_sentences_without_figures_and_lines_without_data_are_left_out(report):
    text = "".join(text_of(report))
    assert "重大隐患" not in text.split("下一步工作打算")[0]
    assert "基层党建" not in text
    assert "上年结转" not in text


def test_of_a_ledger_begun_later_nothing_is_said_not_even_what_it_lacks(year, lin, places):
    def sign(day: date) -> None:
        values = {"sector": "校园", "for_year": day.year, "signer": "张青", "signed_on": day}
        row = Add(values, division=places["青山村"].pk, review=Review.APPROVED)
        commit(Draft("site_none", lin, [row], Source(SourceKind.SYSTEM), reason="试验", today=day))

    sign(date(2019, 3, 1))
    assert "隐患" not in "".join(text_of(draft_report(2019, None, lin)))
    assert "隐患" in "".join(text_of(draft_report(2020, AS_OF, lin)))


def test_the_body_reads_back_as_it_was_written(report):
    report.refresh_from_db()
    assert Tree.from_json(report.body).to_json() == report.body
    assert Tree.from_json(report.body) == report.tree


def test_open_red_findings_are_problems_with_their_number(year, add_hazard, lin):
    add_hazard("河口村", "2020-05-01", due_on=date(2020, 5, 31))
    run(["hazard.HZ-05"], as_of=AS_OF)
    report = draft_report(2020, AS_OF, lin)
    cited = report.tree.figures[RED + "hazard.HZ-05"]
    assert (cited.value, cited.row_count, cited.path) == ("1", 1, "/findings/?severity=red&check=hazard.HZ-05")
    sentence = next(text for text in text_of(report) if "差错" in text)
    assert "台账核对发现尚未整改的差错1条，均为“" in sentence
    parts = [line.text for line in report.tree.lines() if line.level == "h1"]
    assert parts == ["一、2020年工作开展情况", "二、存在的主要问题", "三、下一步工作打算"]


def test_sections_follow_the_plan(year, lin, places):
    report = draft_report(2020, AS_OF, lin, lines=["welfare", "safety"])
    assert report.tree.parts[0].sections[0].line == "safety"


def test_a_year_without_data_is_refused_with_what_to_do(year, lin):
    with pytest.raises(NoData) as refused:
        draft_report(2018, None, lin)
    assert "2018年没有可写进总结的数据" in str(refused.value)
    assert "录入或导入2018年的台账" in str(refused.value)
    assert not Report.objects.exists()


def test_rows_that_nobody_approved_are_named_in_the_refusal(add_hazard, lin):
    add_hazard("青山村", "2020-03-06", review=Review.SUBMITTED)
    with pytest.raises(NoData, match="另有1条2020年的记录还没有审核通过"):
        draft_report(2020, AS_OF, lin)


@pytest.mark.parametrize(
    ("year_asked", "as_of", "error"),
    [
        (2020, date(2019, 12, 31), WrongDay),
        (20, None, WrongDay),
        (9000, None, NoData),
        (2020, date(9000, 1, 1), WrongDay),
    ],
)
def test_a_day_that_does_not_go_with_the_year_is_refused(lin, year_asked, as_of, error):
    with pytest.raises(error):
        draft_report(year_asked, as_of, lin)


def test_a_protected_figure_of_few_persons_is_not_written_out(year, lin, monkeypatch):
    """The report is read by every office and goes to the county."""
    from zhenwu.indicators.queries import spec_of
    from zhenwu.reports import citing
    from zhenwu.reports.actions import docx_bytes
    from zhenwu.reports.queries import differences

    def spec(code: str):
        return spec_of(code).model_copy(update={"privacy": "S3"})

    monkeypatch.setattr(citing, "spec_of", spec)
    report = draft_report(2020, AS_OF, lin)
    cited = report.tree.figures["hz_n"]
    assert (cited.value, cited.text, cited.rows_text, cited.with_unit) == ("", "少于10", "少于10", "少于10处")
    assert docx_bytes(report)
    assert differences(report) == []
