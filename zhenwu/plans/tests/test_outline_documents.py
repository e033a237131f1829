"""Whole documents as they come: watermarks, advertisements, mixed numbers, hard line breaks, parts without headings."""

import pytest

from zhenwu.plans.outline import OutlineError, outline_of_text, read_outline
from zhenwu.plans.tests.test_outline_samples import SAMPLES, assert_figures, printed_and_expected, tree


@pytest.mark.parametrize("name", ["M1", "M2", "M3", "M4", "M5", "M6"])
def test_messy_document_gives_its_outline(name):
    printed, expected = printed_and_expected(name)
    for key in ("title", "year_summary", "year_plan"):
        assert printed[key] == expected[key]
    assert tree(printed) == expected["parts"]
    assert_figures(printed, expected)
    assert len(printed["figures"]) == len(expected["figures"])
    assert [noise["text"] for noise in printed["noise"]] == expected["noise"]
    keys = ("indicator", "unit", "base", "target", "due", "op", "office")
    assert [{key: t[key] for key in keys} for t in printed["targets"]] == expected.get("targets", [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encoding_makes_no_difference(tmp_path, encoding):
    path = tmp_path / "总结.txt"
    path.write_bytes((SAMPLES / "T01.txt").read_text("utf-8").encode(encoding))
    assert read_outline(path).as_json() == read_outline(SAMPLES / "T01.txt").as_json()


def test_full_width_digits_and_stops_read_like_half_width():
    outline = outline_of_text("二、计划\n１．新建冷库２座，投资１，２００．５万元。\n２．改造户厕８０％以上。")
    assert [point.text[:4] for point in outline.parts[0].sections[0].points] == ["新建冷库", "改造户厕"]
    assert [(f.value, f.unit, f.qualifier) for f in outline.figures] == [
        (2, "座", None), (12005000, "元", None), (80, "%", "min"),
    ]  # fmt: skip


def test_insertion_inside_a_paragraph_goes_to_noise_and_places_stay_true():
    text = "一、产业\n新建冷库3座（更多材料见 www.example.com 公众号），库容200吨。"
    outline = outline_of_text(text)
    assert outline.parts[0].text == "新建冷库3座，库容200吨。"
    assert "www.example.com" in outline.noise[0].text
    start, end = outline.figures[1].span
    assert text.split("\n")[1][start:end] == "200吨"


def test_figure_in_a_joined_line_names_the_line_it_was_read_from():
    outline = read_outline(SAMPLES / "M3.txt")
    lines = (SAMPLES / "M3.txt").read_text("utf-8").splitlines()
    figure = next(figure for figure in outline.figures if figure.text == "500亩")
    start, end = figure.span
    assert lines[figure.paragraph - 1][start:end] == "500亩"


def test_work_with_words_of_websites_is_no_noise():
    outline = outline_of_text(
        "一、宣传\n1.开通微信公众号1个，推送文章120篇。\n2.动员下载反诈应用3000人次。\n镇图书室新购农业文库12套，接待读者400人次。"
    )
    assert outline.noise == []
    assert [f.value for f in outline.figures] == [1, 120, 3000, 12, 400]


def test_number_glued_to_its_count_is_a_marker():
    outline = outline_of_text("一、完成情况\n1.9个社区建成驿站。\n2.1.5公里道路完成硬化。")
    assert [(p.marker, p.text) for p in outline.parts[0].sections[0].points] == [
        ("1.", "9个社区建成驿站。"), ("2.", "1.5公里道路完成硬化。"),
    ]  # fmt: skip


def test_unheaded_problems_paragraph_is_a_part_of_its_own():
    outline = outline_of_text(
        "2023年工作总结\n一、主要成效\n全年修路5公里。\n在肯定成绩的同时，我们也清醒地看到：一是产业弱；二是人才少。"
    )
    assert [(part.heading, part.kind) for part in outline.parts] == [("一、主要成效", "summary"), ("", "problems")]
    assert [p.text for p in outline.parts[1].sections[0].points] == ["产业弱；", "人才少。"]


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("2023年工作总结暨2024年工作计划", (2023, 2024)),
        ("2023年工作总结及明年工作打算", (2023, 2024)),
        ("二〇二三年工作总结和二〇二四年工作安排", (2023, 2024)),
        ("2024年上半年工作总结和下半年工作安排", (2024, 2024)),
        ("2024年政府工作报告", (2023, 2024)),
    ],
)
def test_years_follow_from_the_title(title, years):
    outline = outline_of_text(f"{title}\n一、工作总结\n修路5公里。\n二、下一步工作计划\n修路6公里。")
    assert (outline.year_summary, outline.year_plan) == years


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("空.txt", b"", "文件是空的"),
        ("空白.txt", b"  \n\n", "没有文字"),
        ("图.txt", b"\xff\xff\xff\x00\x01", "编码不认识"),
        ("表.xlsx", b"PK\x03\x04", "另存为 docx 或 txt"),
        ("大.txt", b"1" * (20 * 1024 * 1024 + 1), "超过 20 MB"),
        ("长.txt", b"1\n" * 400_001, "只保留正文"),
    ],
)
def test_unreadable_file_says_what_to_do(tmp_path, name, data, says):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(OutlineError, match=says) as error:
        read_outline(path)
    assert name in str(error.value)


def test_missing_file_says_so(tmp_path):
    with pytest.raises(OutlineError, match="找不到"):
        read_outline(tmp_path / "没有.docx")
