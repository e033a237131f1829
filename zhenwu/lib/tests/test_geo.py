"""Points as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.lib.geo import read_point


@pytest.mark.parametrize(
    ("said", "point"),
    [
        ("106.123456,27.654321", "106.123456,27.654321"),
        ("27.654321，106.123456", "106.123456,27.654321"),
        ("１０６.１２３４５６　２７.６５４３２１", "106.123456,27.654321"),
        ("(106.123456, 27.654321)", "106.123456,27.654321"),
        ("27°39′N 106°7′E", "106.116667,27.650000"),
        ("东经106°7′12.5″，北纬27°39′", "106.120139,27.650000"),
        ("北纬27度39分18秒 东经106度7分12秒", "106.120000,27.655000"),
        ("N27.6543 E106.1234", "106.123400,27.654300"),
        ("27.6543N,106.1234E", "106.123400,27.654300"),
        ("经度：106.1234 纬度：27.6543", "106.123400,27.654300"),
        ("lat=27.6543, lng=106.1234", "106.123400,27.654300"),
        ("106°7.25' 27°39.5'", "106.120833,27.658333"),
        ("106.1234567,27.6543215", "106.123457,27.654322"),
        ("106°07'12\" 27°39'18\"", "106.120000,27.655000"),
    ],
)
def test_a_point_is_read(said, point):
    assert read_point(said).value == point


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("27.1,28.2", "两个数都像纬度"), ("106.1,107.2", "两个数都像经度"), ("2.35,48.85", "不在我国境内"), ("106.1", "看不出"),
        ("106.1,27.1,300", "看不出"), ("东经106.1 东经27.1", "两个都写成了经度"), ("106°75′ 27°39′", "小于60"),
        ("东经27.1 北纬106.1", "不在我国境内"), ("西经106.1 北纬27.1", "不在我国境内"), ("-106.1,27.1", "不在我国境内"),
        ("桥头往东两里", "看不出"), ("106.5°7′ 27°", "小于60"), ("x" * 200, "太长"),
    ],
)  # fmt: skip
def test_what_is_no_point_is_refused_with_words(said, cause):
    assert cause in (read_point(said).error or "")


def test_an_empty_cell_says_nothing_and_a_coarse_point_is_remarked():
    assert read_point("  ") == read_point(None)
    assert "一公里" in (read_point("106.12,27.65").note or "")
    assert read_point("106.1234,27.6543").note is None


_LON = st.decimals(Decimal("73.001"), Decimal("135.999"), places=6)
_LAT = st.decimals(Decimal("3.001"), Decimal("53.999"), places=6)


@given(_LON, _LAT, st.booleans(), st.sampled_from([",", "，", " ", "、", "; "]))
def test_decimal_degrees_in_any_order_keep_every_digit(lon, lat, turned, between):
    said = between.join((f"{lat:.6f}", f"{lon:.6f}") if turned else (f"{lon:.6f}", f"{lat:.6f}"))
    assert read_point(said).value == f"{lon:.6f},{lat:.6f}"


@given(st.text(max_size=40))
def test_no_text_stops_the_reader(said):
    read_point(said)
