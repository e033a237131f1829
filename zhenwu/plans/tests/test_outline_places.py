"""Text that was cut, joined and mended still knows where it stood."""

from hypothesis import given
from hypothesis import strategies as st

from zhenwu.plans.outline import outline_of_text
from zhenwu.plans.outline.traced import Span, Traced, joined


def test_cut_and_joined_text_knows_its_places():
    first = Traced.whole("投资1460余（广告）", 3).without([(7, 11)])
    whole = first + Traced.whole("万元。", 4)
    assert whole.text == "投资1460余万元。"
    assert whole[2:9].spans() == (Span(3, 2, 7), Span(4, 0, 2))
    assert joined([first, whole]).place(len(first) + 8) == (4, 1)


def test_replacement_stands_where_it_began():
    mended = Traced.whole("改厕&nbsp;30户", 1).edited([(2, 8, " ")])
    assert mended.text == "改厕 30户"
    assert mended.place(2) == (1, 2)
    assert mended[3:].spans() == (Span(1, 8, 11),)


@given(st.text(min_size=1, max_size=30), st.data())
def test_every_character_leads_back_to_itself(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    traced = Traced.whole(text, 1).without(spans)
    assert all(text[traced.place(at)[1]] == char for at, char in enumerate(traced.text))


def test_points_headings_and_repairs_say_where_they_stand():
    text = "一、完成情况\n（一）修路\n1.新建公路\n2O公里，投资12. 5万元。\n2.改厕30户。"
    said = outline_of_text(text).as_json()
    section = said["parts"][0]["sections"][0]
    assert section["place"] == [[2, 0, 5]]
    assert section["items"][1]["place"] == [[5, 2, 8]]
    lines = text.split("\n")
    for repair in said["repairs"]:
        assert repair["printed"] == "".join(lines[number - 1][start:end] for number, start, end in repair["place"])
    assert [(f["value"], f["unit"]) for f in said["figures"]] == [(20, "公里"), (125000, "元"), (30, "户")]
