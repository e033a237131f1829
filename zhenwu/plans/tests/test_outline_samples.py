"""The four shared samples give the outline written beside them."""

import json
import re
from pathlib import Path

import pytest

from zhenwu.plans.outline import read_outline

SAMPLES = Path(__file__).with_name("samples")


def short(point: str) -> str:
    return re.sub(r"\s+", "", point)[:12]


def tree(printed: dict) -> list[dict]:
    """What the contract says about parts, with points as short as the samples list them."""
    return [
        {
            "heading": part["heading"],
            "kind": part["kind"],
            "sections": [
                {"heading": section["heading"], "points": [short(point) for point in section["points"]]}
                for section in part["sections"]
            ],
        }
        for part in printed["parts"]
    ]


def printed_and_expected(name: str, suffix: str = "txt") -> tuple[dict, dict]:
    expected = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return json.loads(json.dumps(read_outline(SAMPLES / f"{name}.{suffix}").as_json())), expected


def assert_figures(printed: dict, expected: dict) -> None:
    """Every listed figure is there with value, unit and qualifier; nothing that is no figure is."""
    for figure in expected["figures"]:
        same = [
            found
            for found in printed["figures"]
            if (found["value"], found["unit"], found.get("qualifier"))
            == (figure["value"], figure["unit"], figure.get("qualifier"))
        ]
        # one sample lists 整改率100％ with its label; the number itself is 100％
        assert any(figure["text"].endswith(found["text"]) for found in same), figure
    for text in expected["not_figures"]:
        assert not [found for found in printed["figures"] if found["text"] in text or text in found["text"]], text


@pytest.mark.parametrize("name", ["T01", "T03", "T05", "T10"])
def test_sample_gives_its_outline(name):
    printed, expected = printed_and_expected(name)
    for key in ("title", "year_summary", "year_plan"):
        assert printed[key] == expected[key]
    assert tree(printed) == expected["parts"]
    assert_figures(printed, expected)
    assert [
        {key: target[key] for key in ("indicator", "unit", "base", "target", "due")} for target in printed["targets"]
    ] == (expected.get("targets", []))
    assert printed["noise"] == []


def test_half_year_document_names_its_halves():
    printed, _ = printed_and_expected("T03")
    assert [part["half"] for part in printed["parts"]] == [1, 2]


def test_figure_knows_its_place():
    outline = read_outline(SAMPLES / "T01.txt")
    lines = (SAMPLES / "T01.txt").read_text("utf-8").splitlines()
    for figure in outline.figures:
        start, end = figure.span
        assert lines[figure.paragraph - 1][start:end] == figure.text
    tea = next(figure for figure in outline.figures if figure.text == "9000万元")
    part, section, point = tea.path
    assert "首次突破9000万元" in outline.parts[part].sections[section].points[point].text


def test_point_below_a_heading_line_keeps_its_own_items():
    outline = read_outline(SAMPLES / "T03.txt")
    last = outline.parts[1].sections[0].points[3]
    assert last.title == "抓好文明城区创建迎检"
    assert [(point.marker, point.text) for point in last.points] == [
        ("(1)", "每周开展1次集中整治。"),
        ("(2)", "整改率100％。"),
    ]
    demolished = outline.parts[0].sections[0].points[1]
    assert [point.text for point in demolished.points] == ["沿街商铺违建31处；", "楼顶违建52处。"]
