"""The report on paper: the figures of the document are those of the indicators, and each leads to its row."""

import shutil
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from zhenwu.indicators.queries import value
from zhenwu.reports.actions import make_report, write_docx
from zhenwu.reports.draft import official_day
from zhenwu.reports.errors import NoData, ReportError
from zhenwu.reports.models import Report

AS_OF = date(2020, 12, 31)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def body_of(path: Path) -> ElementTree.Element:
    with ZipFile(path) as package:
        return ElementTree.fromstring(package.read("word/document.xml")).find(f"{W}body")


def text_of(element: ElementTree.Element) -> str:
    return "".join(
        "\n" if one.tag == f"{W}br" else one.text or "" for one in element.iter() if one.tag in (f"{W}t", f"{W}br")
    )


def paragraphs(body: ElementTree.Element) -> list[str]:
    return [text_of(one) for one in body.findall(f"{W}p") if text_of(one)]


def appendix(body: ElementTree.Element) -> dict[str, list[str]]:
    """{bookmark: cells} of the rows below the head."""
    rows = body.find(f"{W}tbl").findall(f"{W}tr")[1:]
    return {
        row.find(f".//{W}bookmarkStart").get(f"{W}name"): [text_of(cell) for cell in row.findall(f"{W}tc")]
        for row in rows
    }


@pytest.fixture
def body(report, tmp_path) -> ElementTree.Element:
    write_docx(report, tmp_path / "总结.docx")
    return body_of(tmp_path / "总结.docx")


def test_every_figure_of_the_text_leads_to_its_row_with_the_indicators_value(body):
    rows = appendix(body)
    links = [link for one in body.findall(f"{W}p") for link in one.iter(f"{W}hyperlink")]
    assert len(links) >= 3
    assert {link.get(f"{W}anchor") for link in links} == rows.keys()
    for link in links:
        _number, name, shown, definition, counted, ledgers = rows[link.get(f"{W}anchor")]
        label, code = name.split("\n")
        figure = value(code, as_of=AS_OF, year=2020)
        assert (text_of(link), label) == (figure.text, figure.label)
        assert shown.startswith(figure.text)
        assert definition == figure.definition
        assert int(counted) == figure.row_count > 0
        assert ledgers


def test_every_row_leads_back_to_the_text(body):
    back = [link.get(f"{W}anchor") for link in body.find(f"{W}tbl").iter(f"{W}hyperlink")]
    marks = [mark.get(f"{W}name") for one in body.findall(f"{W}p") for mark in one.iter(f"{W}bookmarkStart")]
    assert back == marks


def test_the_document_has_the_parts_of_an_official_one(report, body):
    text = paragraphs(body)
    assert text[:2] == ["青石镇2020年工作总结", "（草稿）"]
    end = text.index("附件：数据来源表")
    written = report.created_at.astimezone().date()
    assert text[end + 1 : end + 5] == ["青石镇人民政府", official_day(written), "附件", "数据来源表"]


def test_the_page_and_the_document_say_the_same(report, body):
    said = [line.text for line in report.tree.lines()]
    assert paragraphs(body)[2 : 2 + len(said)] == said


def test_one_command_drafts_and_writes(year, lin, tmp_path):
    made = make_report(2020, tmp_path / "总结.docx", by=lin, as_of=AS_OF)
    assert Report.objects.get() == made
    assert paragraphs(body_of(tmp_path / "总结.docx"))[0] == made.title


def test_no_data_no_file_and_no_draft(year, lin, tmp_path):
    with pytest.raises(NoData):
        make_report(2018, tmp_path / "总结.docx", by=lin)
    with pytest.raises(ReportError, match="文件夹"):
        make_report(2020, tmp_path / "没有" / "总结.docx", by=lin)
    assert not (tmp_path / "总结.docx").exists()
    assert not Report.objects.exists()


@pytest.mark.libreoffice
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs soffice (libreoffice-writer-nogui) and pdftotext (poppler-utils) on PATH",
)
def test_libreoffice_sets_it_with_the_appendix_on_its_own_page(report, tmp_path):
    write_docx(report, tmp_path / "a.docx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "a.docx")], check=True, capture_output=True, timeout=180)
    text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], check=True, capture_output=True)
    pages = text.stdout.decode().removesuffix("\f").split("\f")
    assert "青石镇2020年工作总结" in pages[0].replace(" ", "")
    (first,) = [page for page in pages if "来源台账" in page.replace(" ", "")][:1]
    assert [line.strip() for line in first.splitlines() if line.strip()][:2] == ["附件", "数据来源表"]
