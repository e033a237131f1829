"""`zhenwu divisions`: look, enter what happened, undo; and the national list by name."""

import json
from datetime import date

import pytest

from zhenwu.config.cli import divisions as commands
from zhenwu.config.national import find_towns, places_of, town_of
from zhenwu.config.setup import national_divisions
from zhenwu.divisions.models import Division, Event


@pytest.fixture
def run(places, command_of):
    return command_of(commands, "divisions")


def plan(tmp_path, **said):
    file = tmp_path / "方案.json"
    said = {
        "kind": "absorb", "title": "河口并入青山", "effective": "2020-06-01", "units": [{"place": "青山村"}],
        "flows": [{"source": "河口村", "unit": 0}],
    } | said  # fmt: skip
    file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return str(file)


def test_a_merger_that_happened_is_entered_looked_at_and_undone(run, tmp_path):
    code, made = run("effect", "--enter", plan(tmp_path), "--json")
    assert (code, made["state"]) == (0, "effective")
    code, tree = run("tree", "--on", "2020-06-01", "--json")
    assert [one["name"] for one in tree[0]["children"][0]["children"]] == ["青石社区", "青山村"]
    code, shown = run("show", "河口村", "--on", "2020-07-01", "--json")
    assert (shown["name"], shown["lineage"][0]["from"], shown["lineage"][0]["whole"]) == ("青山村", "河口村", True)
    code, listed = run("events", "--json")
    assert [one["title"] for one in listed] == ["河口并入青山"]
    code, undone = run("undo", made["id"], "--reason", "录错了", "--json")
    assert (code, undone["state"]) == (0, "approved")
    assert Division.objects.filter(valid_to=None).count() == 5


def test_a_draft_says_what_it_would_move_and_what_is_missing(run, tmp_path):
    code, made = run("draft", plan(tmp_path), "--json")
    assert (code, made["state"]) == (0, "draft")
    code, seen = run("events", made["id"], "--json")
    assert code == 1
    assert {one["code"] for one in seen["problems"] if one["severity"] == "red"} == {"DE1", "DE4"}
    assert [unit["place"]["name"] for unit in seen["units"]] == ["青山村", "河口村"]
    code, said = run("effect", made["id"])
    assert (code, Event.objects.get().state) == (1, "draft")
    assert "批复后才能生效" in said


def test_posts_are_listed_and_decided(run, tmp_path, chen, wu):
    code, made = run("draft", plan(tmp_path), "--json")
    assert code == 0
    code, said = run("effect", "--enter", plan(tmp_path, title="补录"))
    assert code == 1
    assert "还有1个任职没有定去向：吴岸（河口村村级录入）" in said
    (one,) = run("posts", made["id"], "--json")[1]
    assert (one["user"], one["heirs"], one["open"]) == ("吴岸", ["青山村"], True)
    for wrong in (("--to", "青山村"), ("--to", "青山村", "--end"), ("--to", "青山村")):
        assert run("posts", made["id"], *([str(one["post"])] if "--end" in wrong else []), *wrong)[0] == 2
    code, said = run("posts", made["id"], str(one["post"]), "--to", "外村", "--reason", "8号")
    assert code == 1
    assert "不能到外村" in said
    (one,) = run("posts", made["id"], str(one["post"]), "--to", "青山村", "--reason", "8号", "--json")[1]
    assert (one["said"], one["open"]) == ("随到青山村", False)
    assert run("effect", "--enter", plan(tmp_path, title="补录"), "--leave-posts")[0] == 0
    assert wu.appointments.get().valid_to is None


@pytest.mark.parametrize(
    ("changed", "code", "cause"),
    [
        ({"flows": [{"source": "无此村", "unit": 0}]}, 2, "找不到“无此村”"), ({"kind": "吞并"}, 1, "没有“吞并”这种调整类型"),
        ({"effective": "2020-13-01"}, 2, "不是调整方案"), ({"flows": [{"source": "河口村", "unit": 7}]}, 1, "没有列在调整后单元里"),
    ],
)  # fmt: skip
def test_a_plan_that_can_not_be_read_is_told_why(run, tmp_path, changed, code, cause):
    found, said = run("draft", plan(tmp_path, **changed))
    assert found == code
    assert cause in said
    assert not Event.objects.exists()


def test_any_real_township_is_found_by_its_name_with_its_villages():
    found = find_towns("常山县 青石镇")
    assert found == [("330822109", "浙江省衢州市常山县青石镇")]
    assert town_of("330822109") == found[0]
    assert town_of("519999100") is None
    county, town, *villages = places_of("330822109")
    assert (county[1], town[1], {one[2] for one in villages}) == ("常山县", "青石镇", {"village"})
    assert all(one[0].startswith("330822109") and len(one[0]) == 12 for one in villages)


def test_a_real_township_is_taken_over_with_the_classes_its_codes_say(db):
    from zhenwu.divisions.actions import create_divisions
    from zhenwu.divisions.checking import registry_problems

    create_divisions(national_divisions("330822109"), by=None, reason="初始区划")
    assert set(Division.objects.filter(level="village").values_list("cls", flat=True)) <= {"neighbourhood", "villagers"}
    assert [one for one in registry_problems(date(2023, 6, 30)) if one.severity == "red"] == []
