"""The outline of a plan beside its document: a piece under focus lights up where it was read from; at a desk and on a phone."""

import os
from pathlib import Path

import pytest

from zhenwu.plans.actions import make_plan
from zhenwu.plans.tests.annotated import FOLDER, read_annotated

from .conftest import PHONE, WIDE


@pytest.fixture
def plan(db, lin, offices, tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(read_annotated(FOLDER / "b09.txt").text, "utf-8")
    return make_plan(path, by=lin)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_piece_lights_up_in_the_document(visit, plan, leader, size):
    at = visit(leader, size)
    page = at.open(f"/plans/{plan.pk}/outline/")
    assert at.overflow() <= 0
    page.focus("a[data-node='n0-0']")
    lit = page.locator(".is-lit")
    assert "聚焦转型升级" in "".join(lit.all_inner_texts())
    page.keyboard.press("ArrowDown")
    said = "".join(lit.all_inner_texts())
    assert "聚焦城乡融合" in said  # a heading over two lines: both light up
    assert "靓丽" in said
    assert page.locator(".tone-noise", has_text="3").count() >= 1
    assert page.locator(".tone-figure", has_text="126 栋").count() == 1
    if size is WIDE:
        page.locator("[data-source] span", has_text="泵阀、鞋革").first.click()
        assert page.evaluate("document.activeElement.dataset.node") == "n1-0-0"
    if folder := os.environ.get("ZHENWU_SHOTS"):
        page.screenshot(path=str(Path(folder, f"outline-{size['width']}.png")))
    assert at.faults == []
