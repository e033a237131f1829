"""Word files give the same outline as the text, though their numbers are made by Word."""

import json

import pytest

from zhenwu.plans.outline import read_outline
from zhenwu.plans.tests.make_docx import Look, make_docx
from zhenwu.plans.tests.test_outline_samples import SAMPLES, assert_figures, tree


@pytest.mark.parametrize("by_style", [False, True])
@pytest.mark.parametrize("name", ["T01", "T03", "T05", "T10"])
def test_word_version_gives_the_same_outline(tmp_path, name, by_style):
    path = make_docx((SAMPLES / f"{name}.txt").read_text("utf-8"), tmp_path / "计划.docx", Look(by_style=by_style))
    expected = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    if by_style and name == "T05":
        pytest.skip("its headings carry no numbers")
    printed = json.loads(json.dumps(read_outline(path).as_json()))
    assert tree(printed) == expected["parts"]
    for key in ("title", "year_summary", "year_plan"):
        assert printed[key] == expected[key]
    assert_figures(printed, expected)
    assert [target["target"] for target in printed["targets"]] == [t["target"] for t in expected.get("targets", [])]
    assert [(noise["text"], noise["reason"]) for noise in printed["noise"]] == [
        ("内部资料  注意保存", "页眉"),
        ("第 1 页 共 5 页", "页脚"),
    ]
