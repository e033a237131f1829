"""Groups from a list and outlines from GeoJSON."""

import json
from datetime import date

import pytest

from zhenwu.divisions.effect import enter_event
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.loading import load_groups, load_outlines, outlines
from zhenwu.divisions.models import Division, Outline
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan
from zhenwu.divisions.queries import groups, outlines_of

SINCE, TODAY = date(2000, 1, 1), date(2020, 6, 1)
SQUARE = [[106.1, 29.1], [106.2, 29.1], [106.2, 29.2], [106.1, 29.1]]


def listed(tmp_path, *rows):
    file = tmp_path / "小组.csv"
    file.write_text("\n".join(",".join(row) for row in (("序号", "村", "组"), *rows)), encoding="utf-8")
    return file


def test_groups_of_a_list_get_codes_below_their_village(world, tmp_path):
    file = listed(
        tmp_path,
        ("1", "甲村村民委员会", "4组"),
        ("2", "甲村", "第五村民小组"),
        ("3", "乙", "下河组"),
        ("4", "乙村", "1社"),
    )
    loaded = load_groups(file, since=SINCE, by=None)
    assert [(one.name, one.code) for one in loaded.added] == [
        ("4组", "51999910020104"), ("5组", "51999910020105"), ("下河组", "51999910020204"),
    ]  # fmt: skip
    assert loaded.same == 1
    assert groups(world.甲.pk, TODAY).count() == 5
    assert load_groups(file, since=SINCE, by=None).added == []


def test_a_list_with_faults_loads_nothing(world, tmp_path):
    file = listed(tmp_path, ("1", "无此村", "1组"), ("2", "甲村", "9组"), ("3", "乙村", ""))
    with pytest.raises(DivisionRefused) as refused:
        load_groups(file, since=SINCE, by=None)
    assert [one[:14] for one in refused.value.problems] == ["第2行“村”填的是“无此村”", "第4行没有写组名。"]
    assert groups(world.甲.pk, TODAY).count() == 3


def test_a_list_without_its_columns_is_told_so(world, tmp_path):
    file = tmp_path / "别的.csv"
    file.write_text("姓名,电话\n张三,1\n", encoding="utf-8")
    with pytest.raises(DivisionRefused, match="没有“村”或“组”"):
        load_groups(file, since=SINCE, by=None)


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(ring=SQUARE, kind="Polygon", **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": [ring]}}


def test_outlines_find_their_places_by_code_or_name(world):
    text = collection(feature(code="519999100201"), feature(name="乙村"), feature(name="无此村"), feature(name="甲村"))
    given, left_out = load_outlines(text, on=TODAY, by=None)
    assert given == [world.甲, world.乙]
    assert left_out == ["第3个图形（无此村）：没有这样的现行单元。", "第4个图形：甲村已有一个，请合成一个多边形。"]
    (place, geometry), _ = outlines(TODAY)
    assert (place, geometry["type"], geometry["coordinates"][0]) == (world.甲, "Polygon", SQUARE)
    assert Outline.objects.get(division=world.甲).box == "106.1,29.1,106.2,29.2"
    load_outlines(collection(feature(name="甲村")), on=TODAY, by=None)
    assert Outline.objects.count() == 2


def test_a_renamed_place_keeps_its_border_and_a_merged_one_has_those_it_came_from(world):
    other = [[lon + 0.1, lat] for lon, lat in SQUARE]
    load_outlines(collection(feature(name="甲村"), feature(other, name="乙村")), on=TODAY, by=None)
    renamed = EventPlan("rename", "更名", date(2020, 3, 1), [UnitPlan(name="新甲村")], [FlowPlan(world.甲, 0)])
    enter_event(renamed, by=None)
    now = Division.objects.get(name="新甲村")
    assert json.loads(outlines_of([now])[now.pk][0])["coordinates"] == [SQUARE]
    flows = [FlowPlan(now, 0), FlowPlan(world.乙, 0)]
    enter_event(EventPlan("merge_new", "合村", date(2020, 6, 1), [UnitPlan(name="山河村")], flows), by=None)
    both = Division.objects.get(name="山河村", level="village")
    geometry, box = outlines_of([both, world.丁])[both.pk]
    assert (json.loads(geometry)["type"], len(json.loads(geometry)["coordinates"])) == ("MultiPolygon", 2)
    assert [round(float(one), 1) for one in box.split(",")] == [106.1, 29.1, 106.3, 29.2]
    flows = [FlowPlan(both, 0), FlowPlan(world.丙, 0)]
    enter_event(EventPlan("merge_new", "又合", date(2020, 9, 1), [UnitPlan(name="大河村")], flows), by=None)
    assert outlines_of([Division.objects.get(name="大河村", level="village")]) == {}, "a part of it is not known"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "不是 GeoJSON"), ("[]", "Polygon 或 MultiPolygon"), (collection(), "里面没有图形"), ("[" * 100_000, "不是 GeoJSON"),
        (collection({"geometry": {"type": "Point", "coordinates": [106, 29]}}), "第1个图形是Point"),
        (collection(feature(SQUARE[:3])), "没有闭合"), (collection(feature([[0, 0], [1, 0], [1, 1], [0, 0]])), "不在我国境内"),
        (collection(feature([["a", 1], *SQUARE[1:3], ["a", 1]])), "不是经纬度"),
        (collection(feature([[106.1, 29.1]] * 20_001)), "最多20000个"),
    ],
)  # fmt: skip
def test_what_is_no_border_is_refused_and_changes_nothing(world, text, cause):
    with pytest.raises(DivisionRefused, match=cause):
        load_outlines(text, on=TODAY, by=None)
    assert not Outline.objects.exists()
    assert Division.objects.count() == 18
