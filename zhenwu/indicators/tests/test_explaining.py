"""The page that explains a figure: its statement, what that reads, parameters by date, rows, and how the definition changed."""

from datetime import date

import pytest

from zhenwu.checks.registry import registry as checks
from zhenwu.indicators.history import value_then, versions
from zhenwu.indicators.queries import indicator_codes, spec_of
from zhenwu.indicators.registry import registry
from zhenwu.indicators.tests.hazards import hazard, record
from zhenwu.mart.explaining import explain
from zhenwu.mart.store import running_schema
from zhenwu.packs import runtime
from zhenwu.packs.models import Applied

AS_OF = date(2020, 12, 31)


@pytest.fixture
def rows(lin, places):
    record(lin, hazard(places["青山村"], "2020-01-05"), hazard(places["河口村"], "2020-03-07"))


def _explained(code: str):
    spec = spec_of(code)
    return explain(running_schema(), runtime.packs().packs[registry().ledger(code)], [("行", spec.sql)], AS_OF)


def test_tables_columns_and_dated_parameters_are_named(db):
    said = _explained("hz_light")
    [table] = said.reads
    assert table.label == "隐患整改销号台账"
    assert dict(table.columns)["found_on"] == "发现日期"
    [parameter] = said.parameters
    assert (parameter.said.code, parameter.is_in_force) == ("haz.light_days", True)
    assert dict(said.names)[":as_of"] == "截至日"
    assert ":as_of" in said.statements[0][1]
    assert "p_as_of" not in said.statements[0][1]


def test_the_coverage_that_a_statement_reads_is_explained_with_it(db):
    said = _explained("bl_rate")
    assert [what for what, _ in said.statements] == ["行", "三会一课应开未开：应有的", "三会一课应开未开：实有的"]
    assert {"cov_bl_01", "branch_life", "party_branch"} <= {one.code for one in said.reads}


def test_every_statement_of_the_packs_can_be_explained(db):
    """No label is missing, and what is shown reads the same tables as what runs."""
    for code in indicator_codes():
        said = _explained(code)
        assert said.statements
        assert all(label for one in said.reads for _, label in one.columns)
        ledgers = {
            running_schema().tables[one.code].ledger for one in said.reads if one.code in running_schema().tables
        }
        assert registry().prepared(code).prepared.ledgers <= ledgers | {""} | _behind_computed(code)
    for code in checks().codes():
        check = checks().prepared(code)
        assert explain(running_schema(), runtime.packs().packs[check.ledger], check.author_sql, AS_OF).statements


def _behind_computed(code: str) -> set[str]:
    """Ledgers that only a computed field looks into."""
    words = " ".join(sql for table in running_schema().tables.values() for sql in table.computed.values())
    return {ledger for ledger in registry().prepared(code).prepared.ledgers if ledger in words}


def test_the_page_shows_rows_within_the_readers_sight(rows, leader, chen, live):
    page = live(leader).get("/figures/hz_n/statement/?as_of=2020-12-31")
    assert page.status_code == 200
    assert len(page.context["lines"]) == 2
    assert {line.place for line in live(chen).get("/figures/hz_n/statement/?as_of=2020-12-31").context["lines"]} == {
        "青山村"
    }
    assert live(leader).get("/figures/nothing/statement/").status_code == 404


def test_the_history_says_what_changed_and_what_the_former_definition_gives(rows, leader, live):
    newest = Applied.objects.order_by("-pk").first()
    assert newest is not None
    former = newest.dump
    for pack in former["packs"]:
        for one in pack["indicator"]:
            if one["code"] == "hz_n":
                one["definition"] = "三月发现的隐患。"
                one["sql"] = one["sql"].replace("BETWEEN :from AND :to", "BETWEEN make_date(:year, 3, 1) AND :to")
    now = runtime.packs().dump()
    Applied.objects.all().delete()
    Applied.objects.create(hash="former", dump=former)
    Applied.objects.create(hash="between", dump=former)
    Applied.objects.create(hash=runtime.pack_hash(), dump=now)
    found = versions("hz_n")
    assert [one.is_first for one in found] == [False, True], "an application that changes nothing is no version"
    assert [(one.what, one.before) for one in found[0].differences] == [("口径", "三月发现的隐患。")]
    assert any(mark == "-" and "MAKE_DATE" in text.upper() for mark, text in found[0].lines)
    assert value_then(found[1], {"as_of": AS_OF, "year": 2020}) == "1"
    assert value_then(found[0], {"as_of": AS_OF, "year": 2020}) is None
    assert versions("hz_rate")[0].is_first
    page = live(leader).get("/figures/hz_n/statement/?as_of=2020-12-31").content.decode()
    assert "三月发现的隐患。" in page
    assert "是<strong>1</strong>，现在是2" in page


def test_a_definition_whose_fields_are_gone_says_so(rows):
    former = runtime.packs().dump()
    for pack in former["packs"]:
        for one in pack["indicator"]:
            if one["code"] == "hz_n":
                one["sql"] = one["sql"].replace("found_on AS day", "gone_on AS day")
    Applied.objects.all().delete()
    Applied.objects.create(hash="former", dump=former)
    Applied.objects.create(hash=runtime.pack_hash(), dump=runtime.packs().dump())
    assert value_then(versions("hz_n")[1], {"as_of": AS_OF, "year": 2020}) == ""
