"""Word files give the same outline as the text, though their numbers are made by Word."""

import json
import shutil
import subprocess

import docx
import pytest

from zhenwu.plans.outline import OutlineError, read_outline
from zhenwu.plans.tests.make_docx import Look, make_docx
from zhenwu.plans.tests.test_outline_samples import SAMPLES, assert_figures, tree


def assert_same_as_sample(path, name):
    expected = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    printed = json.loads(json.dumps(read_outline(path).as_json()))
    assert tree(printed) == expected["parts"]
    for key in ("title", "year_summary", "year_plan"):
        assert printed[key] == expected[key]
    assert_figures(printed, expected)
    keys = ("indicator", "unit", "base", "target", "due")
    assert [{key: t[key] for key in keys} for t in printed["targets"]] == expected.get("targets", [])
    assert [(noise["text"], noise["reason"]) for noise in printed["noise"]] == [
        ("内部资料  注意保存", "页眉"),
        ("第 1 页 共 5 页", "页脚"),
    ]


@pytest.mark.parametrize(
    ("name", "by_style"),
    [("T01", False), ("T01", True), ("T03", False), ("T03", True), ("T05", False), ("T10", False), ("T10", True)],
)
def test_word_version_gives_the_same_outline(tmp_path, name, by_style):
    source = (SAMPLES / f"{name}.txt").read_text("utf-8")
    assert_same_as_sample(make_docx(source, tmp_path / "计划.docx", Look(by_style=by_style)), name)


def test_numbers_do_not_stand_in_the_text_of_the_word_version(tmp_path):
    path = make_docx((SAMPLES / "T03.txt").read_text("utf-8"), tmp_path / "计划.docx")
    texts = [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    assert "城市更新有序推进。" in texts
    assert "上半年工作完成情况" in texts


def test_unnumbered_heading_styles_make_parts_and_sections(tmp_path):
    document = docx.Document()
    document.add_heading("青石镇2024年工作计划", 0)
    for heading, text in (("产业", "新建冷库3座。"), ("民生", "新建幼儿园1所。")):
        document.add_heading(heading, 1)
        document.add_heading(f"{heading}任务", 2)
        document.add_paragraph(text)
    document.save(tmp_path / "a.docx")
    outline = read_outline(tmp_path / "a.docx")
    assert [(p.heading, p.kind, [(s.heading, s.text) for s in p.sections]) for p in outline.parts] == [
        ("产业", "plan", [("产业任务", "新建冷库3座。")]),
        ("民生", "plan", [("民生任务", "新建幼儿园1所。")]),
    ]


def test_broken_word_file_names_the_file(tmp_path):
    path = tmp_path / "坏.docx"
    path.write_bytes(b"PK\x03\x04broken")
    with pytest.raises(OutlineError, match=r"坏\.docx：不是 docx 文件"):
        read_outline(path)


def test_old_word_file_needs_libreoffice_and_says_so(tmp_path, monkeypatch):
    path = tmp_path / "旧.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutlineError, match=r"旧\.doc：读 \.doc 文件需要 LibreOffice"):
        read_outline(path)


@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_old_word_file_is_read_through_libreoffice(tmp_path):
    made = make_docx((SAMPLES / "T01.txt").read_text("utf-8"), tmp_path / "总结.docx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "doc", "--outdir", str(tmp_path), str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    made.unlink()
    assert_same_as_sample(tmp_path / "总结.doc", "T01")
