"""What is proposed for tables never seen before."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.lib.idno import check_digit
from zhenwu.packs.designing.guessing import guess
from zhenwu.packs.designing.privacy import PERSONAL_TYPES, privacy_of
from zhenwu.packs.designing.propose import Taken, propose, read_sample
from zhenwu.packs.designing.sample import NothingKnown, SampleColumn
from zhenwu.packs.designing.tests.conftest import Township, as_file
from zhenwu.packs.designing.tests.tables import SAMPLES, card, mobile


def proposed(name: str, known=None):
    sample = SAMPLES[name]
    sheet, table, _ = read_sample(as_file(sample), sample.file)
    return propose(sheet, table, sample.file, known or Township(), Taken(codes={"hazard"}, prefixes={"YH"}))


def said(part) -> str:
    """As `tables.py` writes it."""
    if not part.is_field:
        return part.use
    return " ".join(word for word in (part.type, part.unit, part.privacy) if word)


def is_as(expected: str, part) -> bool:
    """`date|month S0`: either will do."""
    wanted, found = expected.split(), said(part).split()
    return len(wanted) == len(found) and all(one in each.split("|") for one, each in zip(found, wanted, strict=True))


def wrong_columns(name: str) -> list[str]:
    parts = {part.label: part for part in proposed(name).parts}
    heads = {re.sub(r"^(?:农村公路)", "", label): part for label, part in parts.items()}
    wanted = SAMPLES[name].columns
    assert set(heads) == set(wanted), "the columns themselves"
    return [
        f"{name} {head}: {said(heads[head])}, not {one}" for head, one in wanted.items() if not is_as(one, heads[head])
    ]


def test_nearly_every_column_of_tables_never_seen_is_read_right():
    wrong = [line for name in SAMPLES for line in wrong_columns(name)]
    columns = sum(len(sample.columns) for sample in SAMPLES.values())
    print(f"{columns - len(wrong)} of {columns} columns right")
    assert len(wrong) * 20 <= columns, wrong
    print("\n".join(wrong))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_key_tells_the_rows_apart(name):
    design = proposed(name)
    labels = {part.code: part.label for part in design.fields} | {"division": "村"}
    wanted = list(SAMPLES[name].key)
    if wanted:
        assert {labels[code] for code in design.key} == set(wanted)
    assert design.whys["key"]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_ledger_is_called_after_the_table(name):
    design = proposed(name)
    assert design.label == SAMPLES[name].label
    assert design.code.startswith("own_")
    assert re.fullmatch("[A-Z]{4}", design.prefix)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_proposal_says_why(name):
    for part in proposed(name).parts:
        assert part.whys, part.label
        assert all(part.whys), part.label


def test_samples_show_nothing_personal():
    for name in SAMPLES:
        text = proposed(name).model_dump_json()
        assert not re.search(r"519999\d{8}|139\d{8}|621799\d{4}", text), name


def test_who_is_in_the_registry_is_linked_to_it(township):
    from zhenwu.packs.designing.tests.tables import NAMES

    design = proposed("老年食堂", township(NAMES))
    named = {part.label: part.type for part in design.fields}
    assert named["姓名"] == "person"
    assert named["监护人姓名"] == "person"


def test_a_table_read_without_a_township_still_has_its_place():
    assert {part.label: part.use for part in proposed("灭火器", NothingKnown()).parts}["所在村"] == "division"


def test_a_village_that_is_not_ours_is_said_and_still_a_village():
    column = SampleColumn(0, ("所在村",), "", ["青山村", "别处村", "远方村", "远方村"])
    one = guess(column, Township())
    assert one.target == "division"
    assert "别处村、远方村" in one.notes[0]


# a personal number is never proposed as open text

_BORN = st.dates().filter(lambda day: 1900 <= day.year <= 2020)


@st.composite
def id_numbers(draw) -> str:
    first = f"{draw(st.integers(110000, 659999))}{draw(_BORN):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + check_digit(first)


_MOBILES = st.integers(0, 10**8 - 1).map(mobile)
_CARDS = st.integers(0, 10**6 - 1).map(card)
_PERSONAL = st.one_of(id_numbers(), _MOBILES, _MOBILES.map(int), _MOBILES.map(float), _CARDS)
_TEXTS = st.text(alphabet="青石镇村组的路灯人员一二三 ，。", max_size=20)
_WRITTEN = st.tuples(
    _TEXTS, _PERSONAL.map(lambda one: str(int(one)) if isinstance(one, float) else str(one)), _TEXTS
).map("".join)
_OTHER = st.one_of(
    _TEXTS,
    st.integers(0, 5000),
    st.floats(0, 100),
    st.sampled_from(["是", "否", "青山村", "", "2023-05-01", "/"]),
    st.dates(),
)
_HEADS = st.sampled_from(
    [
        "备注",
        "村",
        "数量",
        "日期",
        "类型",
        "说明",
        "是否",
        "金额(元)",
        "编号",
        "姓名",
        "电话",
        "账号",
        "病情",
        "面积",
        "单位",
        "序",
        "内容",
        "x",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    head=_HEADS,
    others=st.lists(_OTHER, max_size=12),
    own=st.lists(st.one_of(_PERSONAL, _WRITTEN), min_size=1, max_size=4),
    data=st.data(),
)
def test_a_column_that_holds_a_personal_number_is_never_open(head, others, own, data):
    cells = [None if cell == "" else cell for cell in data.draw(st.permutations([*others, *own]))]
    column = SampleColumn(0, (head,), "", cells)
    one = guess(column, Township())
    privacy, _ = privacy_of(column, one, about_people=False)
    assert one.target == "field"
    assert one.type in PERSONAL_TYPES or privacy in ("S2", "S3"), (one, privacy)
