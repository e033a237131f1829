"""Pack files that are wrong: every problem of every file at once, each with its place, its cause and what to do."""

import pytest

from zhenwu.packs.errors import PacksBroken
from zhenwu.packs.reader import load_dump, read_packs
from zhenwu.packs.tests.conftest import pack, text


def problems(folder) -> list[str]:
    with pytest.raises(PacksBroken) as broken:
        read_packs([folder])
    return [str(one) for one in broken.value.problems]


def only_problem(folder) -> str:
    [found] = problems(folder)
    return found


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (text(1, "name", type='"txet"'), "own/packs/a.toml, field 1 (name): type “txet” is not known. Known types: "),
        (text(1, "name", lable='"名"'), "field 1 (name), lable: is not a key of this table. Check the spelling"),
        (text(1, "on"), "'on': on is an SQL word; put the subject into the name (on → patrol_on)"),
        (text(1, "source"), "'source': source is a column every ledger has"),
        (text(1, "a__b"), "field 1 (a__b), code: 'a__b': String should match pattern"),
        (text(1, "delete_"), "field 1 (delete_), code: 'delete_': String should match pattern"),
        (text(1, "save"), "field 1 (save): save means something else in every row."),
        (text(1, "change_id"), "field 1 (change_id): every row has a column change_id already."),
        (text(1, "name", required='"fixed"'), "required from “fixed”, which is no state of this ledger."),
        (text(1, "name", required_when='{ kind = ["大"] }'), "required_when names kind, which is no field."),
        (text(1, "name", min=1), "min and max are for numbers, not for text."),
        (text(1, "name", many="true"), "type text holds one value"),
        (text(1, "kind", type='"choice"'), "type choice needs options."),
        (text(1, "kind", type='"choice"', options='["大", "大"]'), "field 1 (kind) option 大: is given 2 times."),
        (text(1, "kind", type='"choice"', options='["大"]', default='"小"'), "default “小” is no option."),
        (text(1, "kind", type='"choice"', options=f'["{"长" * 65}"]'), "String should have at most 64 characters"),
        (text(1, "tel", type='"phone"'), 'type phone is personal data. Set privacy = "S2" or "S3".'),
        (text(1, "who", type='"ref"'), "a reference names its ledger. Write ref:<ledger>."),
        (text(1, "who", type='"ref:nothing"'), "there is no ledger nothing to refer to."),
        (text(1, "name", pattern='"["'), "pattern does not compile"),
        (text(1, "name", pattern='"(a+)+b"'), "pattern repeats what repeats already"),
        (text(1, "name", pattern='"(甲乙|甲乙丙)*"'), "pattern repeats what repeats already"),
        (text(1, "total", type='"computed"'), "a computed field needs a formula"),
        ('id = 1\nlabel = "名"\ntype = "text"', "field 1 (?), code: is missing. Add it."),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_cause(write, field, said):
    assert said in only_problem(write(a=pack("trial", field)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([text(1, "a"), text(1, "b")], "field id 1: is given 2 times."),
        ([text(1, "a"), text(2, "a")], "field code a: is given 2 times."),
        (
            [text(1, "tel", type='"phone"', privacy='"S2"'), text(2, "tel_hash")],
            "field 2 (tel_hash): its column tel_hash is also one of field 1 (tel).",
        ),
        ([text(1, "who", type='"person"'), text(2, "who_id")], "its column who_id is also one of field 1 (who)."),
    ],
)
def test_fields_that_meet_are_named(write, fields, said):
    assert said in "\n".join(problems(write(a=pack("trial", *fields))))


@pytest.mark.parametrize(
    ("ledger", "more", "said"),
    [
        ('key = ["gone"]', "", "ledger.key: there is no field gone. Known: "),
        ('key = ["created_at"]', "", "ledger.key: there is no field created_at."),
        ('main_date = "name"', "", "ledger.main_date: name is no date."),
        ('title = ["gone"]', "", "ledger.title: there is no field gone."),
        (
            "",
            '[[rule]]\ncode = "r"\ncompare = ["name", "<=", "gone"]\nmessage = "x"',
            "rule r: there is no field gone.",
        ),
        (
            "",
            '[[rule]]\ncode = "r"\ncompare = ["name", "<=", "other"]\nmessage = "{no}不对"',
            "rule r: its message names {no}, which it does not compare.",
        ),
        (
            "",
            '[lifecycle]\ninitial = "b"\nstates = [{ code = "a", label = "甲" }]',
            "lifecycle.initial: b is no state.",
        ),
        (
            "",
            '[lifecycle]\ninitial = "a"\nstates = [{ code = "a", label = "甲" }, { code = "b", label = "乙" }]',
            "state b: no transition leads to it.",
        ),
    ],
)
def test_a_ledger_that_is_wrong_is_named_with_its_cause(write, ledger, more, said):
    body = pack("trial", text(1, "name"), text(2, "other"), ledger=ledger, more=more)
    assert said in "\n".join(problems(write(a=body)))


def test_the_id_of_a_removed_field_is_not_given_again(write):
    said = only_problem(write(a="retired = [1]\n" + pack("trial", text(1, "name"))))
    assert said.endswith("field 1 (name): id 1 belonged to a removed field. Take a number never used.")


INDICATOR = (
    '[[indicator]]\ncode = "n"\nlabel = "数"\nunit = "个"\ndefinition = "全部"\nkind = "stock"\nsql = "SELECT 1"\n'
)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"a": pack("trial", text(1, "name")), "b": pack("trial", text(1, "name"), prefix="SZ")},
            "own/packs/a.toml, ledger.code: trial is also declared in own/packs/b.toml. Give it its own code.",
        ),
        (
            {"a": pack("trial", text(1, "name")), "b": pack("trial_b", text(1, "name"))},
            "own/packs/b.toml, ledger.prefix: SY is also the prefix of trial. Choose another.",
        ),
        (
            {"a": pack("trial", text(1, "name"), more=INDICATOR * 2)},
            "own/packs/a.toml, indicator n: is given 2 times. Each may stand once.",
        ),
        (
            {
                "a": pack("trial", text(1, "name"), more=INDICATOR),
                "b": pack("trial_b", text(1, "name"), prefix="SZ", more=INDICATOR),
            },
            "own/packs/b.toml, indicator n: is also declared by trial. Codes are unique.",
        ),
        (
            {
                "a": pack("trial", text(1, "to_b", type='"ref:trial_b"')),
                "b": pack("trial_b", text(1, "to_a", type='"ref:trial"'), prefix="SZ"),
            },
            "own/packs/a.toml: references go round: trial → trial_b → trial. Keep one direction.",
        ),
    ],
)
def test_files_that_do_not_go_together_are_named(write, files, said):
    assert said in problems(write(**files))


def test_a_reference_to_itself_is_no_cycle(write):
    found = read_packs([write(a=pack("trial", text(1, "before", type='"ref:trial"')))])
    assert list(found.packs) == ["trial"]


def test_a_registry_is_referred_to_by_its_own_type(write):
    person = pack("trial_person", text(1, "name"), prefix="SZ", ledger='model = "people.Person"')
    said = only_problem(write(a=pack("trial", text(1, "who", type='"ref:trial_person"')), b=person))
    assert "trial_person is a registry, not a ledger. Use the type person or household." in said


def test_toml_that_does_not_parse_is_named_with_its_line(write):
    said = only_problem(write(a='[ledger]\ncode = "trial"\nlabel = 试验\n'))
    assert said.startswith("own/packs/a.toml: not valid TOML: ")
    assert "line 3" in said


def test_a_file_that_is_not_utf8_is_named(folder):
    (folder / "a.toml").write_bytes(pack("trial", text(1, "name")).encode("gb18030"))
    assert only_problem(folder) == "own/packs/a.toml: the file is not UTF-8. Save it as UTF-8."


def test_a_byte_order_mark_is_no_problem(folder):
    (folder / "a.toml").write_text(pack("trial", text(1, "name")), encoding="utf-8-sig")
    assert list(read_packs([folder]).packs) == ["trial"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("parameter = 5", "parameter: is not a list of tables. Write [[parameter]], in two brackets."),
        ('[parameter]\ncode = "a"', "parameter: is not a list of tables."),
        ("[other]", "other: parameters.toml holds only [[parameter]] tables."),
        ('[[parameter]]\ncode = "a"\nlabel = "甲"\nvalue = 1', "parameter 1 (a): source: Field required."),
        (
            '[[parameter]]\ncode = "a"\nlabel = "甲"\nvalue = 1\nsource = "文"\nfrom = 2020-01-01\nto = 2019-01-01',
            "parameter 1 (a): ends before it begins.",
        ),
        (
            '[[parameter]]\ncode = "a"\nlabel = "甲"\nvalue = 1\nsource = "文"\n' * 2,
            "parameter 2 (a): has a second value from 1900-01-01.",
        ),
    ],
)
def test_parameters_that_are_wrong_are_named(write, parameters, said):
    assert said in only_problem(write(parameters=parameters))


def test_a_period_is_for_flows(write):
    said = only_problem(write(a=pack("trial", text(1, "name"), more=INDICATOR + 'period = "month"')))
    assert 'indicator n: period = "month" is for flows; a stock is as on any day. Leave period out.' in said
    flow = INDICATOR.replace('"stock"', '"flow"') + 'period = "month"'
    assert read_packs([write(a=pack("trial", text(1, "name"), more=flow))]).packs


def test_all_problems_of_all_files_come_at_once(write):
    found = problems(
        write(
            a=pack("trial_a", text(1, "on"), text(2, "x", type='"txet"')),
            b=pack("trial_b", text(1, "x", type='"txet"'), text(2, "x"), prefix="SZ"),
            c="[ledger",
        )
    )
    assert [one.split(":")[0] for one in found] == [
        "own/packs/a.toml, field 1 (on), code",
        "own/packs/c.toml",
        "own/packs/b.toml, field code x",
        "own/packs/b.toml, field 1 (x)",
    ]


def test_references_come_before_what_refers_to_them(write):
    found = read_packs([
        write(
            a=pack("trial_a", text(1, "up", type='"ref:trial_c"')),
            b=pack("trial_b", text(1, "name"), prefix="SZ"),
            c=pack("trial_c", text(1, "up", type='"ref:trial_b"'), prefix="SX"),
        )
    ])  # fmt: skip
    assert list(found.packs) == ["trial_b", "trial_c", "trial_a"]


def test_what_is_kept_in_the_database_reads_back_as_the_same_packs(write):
    field = text(1, "kind", type='"choice"', options='[{ value = "a", label = "甲", aliases = ["子"] }]')
    life = '[lifecycle]\ninitial = "a"\nstates = [{ code = "a", label = "甲", deadline = { field = "created_at", days = 3 } }]'
    found = read_packs([write(a=pack("trial", field, text(2, "n", type='"decimal"', min=0.5), more=life))])
    again = load_dump(found.dump())
    assert again.packs == found.packs
    assert again.hash == found.hash


def test_what_names_a_row_is_no_more_private_than_the_row(write):
    ledger = 'title = ["ill"]\nprivacy = "S1"\n'
    said = only_problem(write(a=pack("trial", text(1, "ill", privacy='"S2"'), ledger=ledger)))
    assert "field 1 (ill): names the row, but is S2 in a ledger that is S1" in said


def test_a_link_does_not_show_names_of_a_more_private_ledger(write):
    secret = pack("secret", text(1, "name", privacy='"S2"'), prefix="SX", ledger='title = ["name"]\nprivacy = "S3"\n')
    plain = pack("trial", text(1, "who", type='"ref:secret"', privacy='"S1"'))
    assert "shows the name of a row of secret, which is S3" in only_problem(write(a=secret, b=plain))
