import pytest

from zhenwu.lib.text import (
    clean_header,
    clean_name,
    fold_width,
    is_ditto,
    is_empty_mark,
    name_doubt,
    name_key,
    split_unit,
    unit_in_note,
)  # fmt: skip


def test_width_is_folded_but_chinese_punctuation_stays():
    assert fold_width("ＡＢ１２％．５") == "AB12%.5"
    assert fold_width("面积（㎡）：①平房，②楼房") == "面积（㎡）：①平房，②楼房"
    assert fold_width("张\u200b三\ufeff　李") == "张三 李"


@pytest.mark.parametrize(
    ("raw", "name", "remark"),
    [
        ("张　三（户主）", "张三", "户主"),
        ("张 三", "张三", None),
        ("张三(已故)", "张三", "已故"),
        ("阿依古丽.买买提", "阿依古丽·买买提", None),
        ("阿依古丽•买买提", "阿依古丽·买买提", None),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提", None),
        ("'欧阳  明【党员】（组长）", "欧阳明", "党员；组长"),
        ("John  Smith", "John Smith", None),
        ("（空）", "", "空"),
    ],
)
def test_names_are_cleaned(raw, name, remark):
    assert clean_name(raw) == (name, remark)


def test_dots_and_spaces_do_not_part_a_name():
    assert name_key("阿依古丽·买买提") == name_key("阿依古丽买买提") == name_key("阿依古丽 . 买买提".replace(" ", ""))


def test_lost_characters_are_asked_about():
    assert "没有显示出来" in name_doubt("张?")
    assert "没有显示出来" in name_doubt("张□")
    assert "拼写" in name_doubt("张龙+天")
    assert name_doubt("张䶮") is None


def test_headers_lose_breaks_and_keep_their_unit_apart():
    assert clean_header(" 身份\n证 号 ") == "身份证号"
    assert split_unit("金额（万元）") == ("金额", "万元")
    assert split_unit("面积\n(单位：亩)") == ("面积", "亩")
    assert split_unit("标准(元/人·月)") == ("标准", "元/人·月")
    assert split_unit("姓名(户主)") == ("姓名(户主)", None)


def test_a_note_row_may_state_the_unit():
    assert unit_in_note("填报单位：青石镇  单位：万元") == "万元"
    assert unit_in_note("填报单位：青石镇") is None


def test_marks_for_nothing_and_for_the_same():
    assert all(is_empty_mark(raw) for raw in (None, "", " ", "/", "—", "——", "无", "／"))
    assert not any(is_empty_mark(raw) for raw in (0, "0", "否", False))
    assert is_ditto("〃")
    assert is_ditto(" 同上 ")
    assert not is_ditto("同上村")
