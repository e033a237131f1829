"""The demo township: the same for the same seed, checked by its packs, with the answers it gives itself."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from zhenwu.config.demo import build, write_files
from zhenwu.config.demo.inspect import Inspection
from zhenwu.config.demo.planted import FEWER, FULL, TIMES
from zhenwu.lib.idno import read_idno
from zhenwu.packs.reader import read_packs, shipped_folder
from zhenwu.plans.outline import find_targets, read_outline

SMALL = 1_500


@pytest.fixture(scope="module")
def demo():
    return build(seed=1, persons=SMALL)


@pytest.fixture(scope="module")
def inspection(demo):
    made = Inspection(demo, read_packs([shipped_folder()]))
    yield made
    made.close()


def test_the_same_seed_gives_the_same_township(demo):
    again, other = build(seed=1, persons=SMALL), build(seed=2, persons=SMALL)
    assert again.rows == demo.rows
    assert again.oracle == demo.oracle
    assert other.rows["person"] != demo.rows["person"]


def test_too_few_persons_is_refused():
    with pytest.raises(ValueError, match="at least 1000"):
        build(persons=200)


def test_fourteen_villages_become_eleven(demo):
    assert len(demo.boundaries["before"]) == 14
    assert len(demo.boundaries["after"]) == 11
    assert set(demo.merger.sources) == set(demo.boundaries["before"]) - set(demo.boundaries["after"])
    assert sum(code[9:] < "200" for code in demo.boundaries["before"]) == 2


def test_no_number_belongs_to_a_real_region_and_all_but_the_planted_one_are_right(demo):
    numbers = [(row["idno"], row["id"]) for row in demo.rows["person"] if row["idno"]]
    assert all(number.startswith("519999") for number, _ in numbers)
    wrong = {person for number, person in numbers if not read_idno(number, on=demo.oracle.as_of).ok}
    assert wrong == {one.subject[0] for one in demo.oracle.planted if one.check == "person.PE1"}
    assert len({number for number, _ in numbers}) == len(numbers)


def test_every_ledger_has_planted_errors(demo, inspection):
    ledgers = Counter(one.check.split(".")[0] for one in demo.oracle.planted)
    without_checks = {code for code, pack in inspection.pack_set.packs.items() if not (pack.check or pack.coverage)}
    assert set(demo.rows) - set(ledgers) <= without_checks
    assert len({one.check for one in demo.oracle.planted}) > 160


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_township_of_full_size_has_every_kind_five_times_in_different_villages(seed, demo):
    full = build(seed=seed, persons=FULL)
    times = Counter(one.check for one in full.oracle.planted)
    assert {code for code, count in times.items() if count < TIMES} == FEWER.keys()
    assert len(times) > 160
    assert len(set(full.oracle.planted)) == len(full.oracle.planted)
    assert {one.check for one in demo.oracle.planted} == times.keys()  # a small one has each at least once
    rows = {row["id"]: row for some in full.rows.values() for row in some}
    places = {}
    for one in full.oracle.planted:
        places.setdefault(one.check, set()).add(rows.get(one.subject[0], {}).get("division"))
    assert sum(len(some) >= 4 for some in places.values()) > 100


def test_a_small_township_gets_as_many_as_fit(demo):
    times = Counter(one.check for one in demo.oracle.planted)
    assert sum(count >= TIMES for count in times.values()) > 60
    assert times["dibao.DB1"] < TIMES  # of 28 families


def assert_found_is_planted(demo, inspection):
    found = inspection.findings()
    planted = {(one.check, one.subject) for one in demo.oracle.planted}
    assert sorted(planted - found.keys()) == []
    assert sorted(found.keys() - planted) == []
    spared = {(one.check, one.subject) for one in demo.oracle.spared}
    assert spared
    assert sorted(spared & found.keys()) == []


def assert_figures_are_counted(demo, inspection):
    """Of the ledgers that the demo keeps; of the others there is nothing to count."""
    packs = inspection.pack_set.packs
    kept = {one.code for code, pack in packs.items() if demo.rows.get(code) for one in pack.indicator}
    kept |= {code.partition(".")[0] for code in demo.oracle.figures}
    counted = {code: value for code, value in inspection.figures().items() if code.partition(".")[0] in kept}
    differing = {
        code: (counted.get(code, "absent"), demo.oracle.figures.get(code, "absent"))
        for code in counted.keys() | demo.oracle.figures.keys()
        if counted.get(code, "absent") != demo.oracle.figures.get(code, "absent")
    }
    assert differing == {}


def test_the_planted_errors_are_found_all_of_them_and_nothing_else(demo, inspection):
    assert_found_is_planted(demo, inspection)


def test_every_figure_of_the_packs_equals_the_generators_own_counting(demo, inspection):
    assert_figures_are_counted(demo, inspection)


@pytest.mark.parametrize(("seed", "persons"), [(2, 1_500), (3, 4_000), (4, FULL)])
def test_so_they_are_from_other_seeds_and_in_other_sizes(seed, persons):
    demo = build(seed=seed, persons=persons)
    inspection = Inspection(demo, read_packs([shipped_folder()]))
    try:
        assert_found_is_planted(demo, inspection)
        assert_figures_are_counted(demo, inspection)
    finally:
        inspection.close()


def test_some_rows_stand_just_on_the_right_side_of_a_limit(demo):
    limits = {one.check for one in build(seed=1, persons=FULL).oracle.spared}
    assert len(limits) >= 35
    assert limits <= {one.check for one in demo.oracle.planted}


def test_files_hold_plan_rosters_and_answers(demo, tmp_path):
    rosters = write_files(demo, tmp_path)
    assert {one.ledger for one in rosters} == set(demo.rows)
    assert all((tmp_path / one.file).is_file() for one in rosters)
    oracle = json.loads((tmp_path / "oracle.json").read_text())
    assert {code: value and Decimal(value) for code, value in oracle["figures"].items()} == demo.oracle.figures
    assert len(oracle["planted"]) == len(demo.oracle.planted)
    assert len(oracle["spared"]) == len(demo.oracle.spared)
    assert json.loads((tmp_path / "manifest.json").read_text()) == [vars(one) for one in rosters]


def test_the_plan_is_read_as_a_tree_of_points_with_targets(demo, tmp_path):
    write_files(demo, tmp_path)
    outline = read_outline(tmp_path / "plan-2020.docx")
    assert outline.title == "青石镇2019年工作总结和2020年工作计划"
    plan = next(part for part in outline.parts if "计划" in part.heading)
    assert [len(section.points) for section in plan.sections] == [3, 3, 3, 2, 3]
    targets = {
        target.label: target.value
        for section in plan.sections
        for point in section.points
        for target in find_targets(point.text)
    }
    assert targets["三会一课完成率"] == 100
    assert targets["本年完成投资"] == 40_000_000
    assert targets["隐患整改率"] == 98
    assert targets["低保动态核查率"] == 100
