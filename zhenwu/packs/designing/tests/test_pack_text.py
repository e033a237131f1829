"""A design written as a pack file, and an existing file changed without losing what a person wrote there."""

import tomllib

import pytest

from zhenwu.packs.designing.design import Part, design_of
from zhenwu.packs.designing.propose import Taken, propose, read_sample
from zhenwu.packs.designing.tests.conftest import Township, as_file
from zhenwu.packs.designing.tests.tables import SAMPLES
from zhenwu.packs.designing.text import pack_text
from zhenwu.packs.reader import PackSet, read_beside
from zhenwu.packs.spec import PackSpec

FILE = """
# 手写的说明
retired = [9]

[ledger]
code = "own_lamp"      # 路灯
label = "路灯台账"
line = "infrastructure"
prefix = "ZLDX"
one_row = "一盏路灯"
unit = "村建所"
source = "村建所"
keywords = ["路灯"]

[[field]]
id = 1
code = "pole"
label = "灯杆号"       # 喷在杆上
type = "text"
pattern = "D\\\\d+"

[[field]]
id = 4
code = "kind"
label = "种类"
type = "choice"
options = ["LED", { value = "sodium", label = "钠灯", aliases = ["高压钠灯"] }]  # 2020年起只买LED

[[check]]
code = "LD-01"
label = "没有灯杆号"
severity = "yellow"
reason = "村建所要求"
message = "{no}没有灯杆号。"
sql = "SELECT id AS row, no FROM own_lamp WHERE pole IS NULL"
"""


def read(text: str) -> PackSpec:
    pack, _, problems = read_beside(text, "own", PackSet())
    assert not problems, [str(one) for one in problems]
    assert pack is not None
    return pack


@pytest.mark.parametrize("name", SAMPLES)
def test_every_proposal_is_a_pack_that_reads_without_problems(name):
    sample = SAMPLES[name]
    sheet, table, _ = read_sample(as_file(sample), sample.file)
    design = propose(sheet, table, sample.file, Township(), Taken(unit="党政办"))
    pack = read(pack_text(design))
    assert [one.code for one in pack.field] == [part.code for part in design.fields]
    assert [one.id for one in pack.field] == list(range(1, len(pack.field) + 1))


def test_a_pack_that_nobody_changed_is_written_as_it_stands():
    assert pack_text(design_of(read(FILE)), FILE) == FILE


def test_comments_and_what_the_page_does_not_edit_stay():
    design = design_of(read(FILE))
    design.fields[0].label = "灯杆编号"
    kind = design.fields[1]
    kind.options = [
        *kind.options,
        kind.options[0].model_copy(update={"value": "太阳能"}),
    ]
    text = pack_text(design, FILE)
    assert "# 手写的说明" in text
    assert "# 喷在杆上" in text
    pack = read(text)
    assert pack.field[0].label == "灯杆编号"
    assert pack.field[0].pattern == "D\\d+"
    assert [option.value for option in pack.field[1].options] == ["LED", "sodium", "太阳能"]
    assert pack.field[1].options[1].aliases == ("高压钠灯",)
    assert pack.ledger.keywords == ("路灯",)
    assert pack.check


def test_an_id_is_never_given_twice():
    design = design_of(read(FILE))
    design.parts.append(Part(number=9, code="height", label="高度", type="decimal", unit="米"))
    assert read(pack_text(design, FILE)).field[2].id == 10  # 9 is retired


def test_a_removed_field_leaves_its_id_behind():
    design = design_of(read(FILE))
    design.parts.remove(design.fields[1])
    text = pack_text(design, FILE)
    assert read(text).retired == (4, 9)
    without = FILE.replace("retired = [9]\n", "")
    text = pack_text(design, without)
    assert tomllib.loads(text)["retired"] == [4]


def test_fields_are_reordered_with_their_comments():
    design = design_of(read(FILE))
    design.parts.reverse()
    text = pack_text(design, FILE)
    assert [one.code for one in read(text).field] == ["kind", "pole"]
    assert "# 喷在杆上" in text
    assert read(text).check
