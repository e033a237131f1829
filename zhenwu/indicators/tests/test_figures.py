"""Figures from committed rows: fresh, cut by place and month, on both boundaries, and traceable."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from zhenwu.changes.models import Review
from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Division
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.periods import Kind, parts_of
from zhenwu.indicators.queries import by_period, by_place, parts, value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.tests.hazards import hazard, record
from zhenwu.indicators.tracing import Seen, trace
from zhenwu.ledgers.operations import Edit
from zhenwu.packs import runtime

AS_OF = date(2020, 12, 31)


@pytest.fixture
def three(lin, places):
    record(lin, hazard(places["青山村"], "2020-01-05"), hazard(places["青山村"], "2020-03-06"))
    record(lin, hazard(places["河口村"], "2020-03-07", sector="燃气"))


def test_a_figure_counts_the_rows_of_the_year_in_the_place(three, places):
    figure = value("hz_n", as_of=AS_OF)
    assert (figure.value, figure.text, figure.row_count) == (3, "3", 3)
    assert value("hz_n", as_of=AS_OF, place=places["青山村"]).value == 2
    assert value("hz_n", as_of=AS_OF, place=places["town"]).value == 3
    assert value("hz_n", as_of=date(2020, 2, 1)).value == 1
    assert value("hz_n", as_of=AS_OF, year=2019).value == 0
    assert value("hz_rate", as_of=AS_OF, year=2019).text == "—"


def test_parts_and_months_add_up(three):
    assert {part: figure.value for part, figure in parts("hz_sector", as_of=AS_OF).items()} == {"消防": 2, "燃气": 1}
    found = by_period("hz_n", list(parts_of(2020, Kind.MONTH)), as_of=date(2020, 3, 31))
    assert {period.code: figure.value for period, figure in found.items()} == {"2020-01": 1, "2020-02": 0, "2020-03": 2}


def test_a_figure_is_never_older_than_the_last_commit(three, lin, places):
    before = value("hz_n", as_of=AS_OF, signed=True)
    record(lin, hazard(places["河口村"], "2020-05-01"))
    after = value("hz_n", as_of=AS_OF, signed=True)
    assert (before.value, after.value) == (3, 4)
    assert before.digest != after.digest
    row = runtime.model_for("hazard").objects.unscoped("test").get(found_on="2020-05-01")
    record(lin, Edit(row.pk, row.version, {"found_on": date(2019, 5, 1)}))
    again = value("hz_n", as_of=AS_OF, signed=True)
    assert (again.value, again.digest) == (3, before.digest)


def test_the_digest_is_of_the_question_the_value_and_every_row(three):
    """As reports keep it since they were frozen: written out here once more."""
    figure = value("hz_n", as_of=AS_OF, signed=True)
    signs = 0
    for row in trace("hz_n", as_of=AS_OF).rows:
        said = "|".join("" if one is None else str(one) for one in (row.row, row.place, row.day, row.num, row.den))
        signs += int.from_bytes(hashlib.md5(said.encode(), usedforsecurity=False).digest()[8:], "little")
    asked = ["hz_n", registry().prepared("hz_n").prepared.hash, AS_OF, 2020, None, "now", 3, signs]
    assert figure.digest == hashlib.sha256("|".join(map(str, asked)).encode()).hexdigest()


def test_a_figure_without_its_digest_says_so_and_is_otherwise_the_same(three):
    bare = value("hz_n", as_of=AS_OF)
    with pytest.raises(LookupError, match="signed=True"):
        _ = bare.digest
    signed = value("hz_n", as_of=AS_OF, signed=True)
    assert replace(signed, signature="") == bare
    assert value("hz_n", as_of=AS_OF) == bare, "also from the rows that are now known with their signs"


def test_only_rows_that_count_are_counted(three, lin, places):
    record(lin, hazard(places["青山村"], "2020-04-01", review=Review.DRAFT))
    assert value("hz_n", as_of=AS_OF).value == 3


def test_the_trace_leads_to_the_rows_and_hides_other_villages(three, places):
    rows = trace("hz_n", as_of=AS_OF).rows
    model = runtime.model_for("hazard")
    assert {row.row for row in rows} == {one.pk.hex for one in model.objects.unscoped("test").all()}
    assert {row.ledger for row in rows} == {"hazard"}
    mine = trace("hz_n", as_of=AS_OF, sight={"hazard": Seen(frozenset({places["青山村"].pk.hex}))})
    assert (len(mine.rows), mine.hidden) == (2, 1)
    assert mine.figure.value == 3


def test_after_a_merger_rows_count_in_the_new_village_or_where_they_were(three, lin, places):
    new = Division(code="519999100203", name="青河村", parent=places["town"])
    merge([places["青山村"], places["河口村"]], into=new, on=date(2020, 7, 1), title="合并", approval="1号", by=lin)
    now = by_place("hz_n", as_of=AS_OF)
    assert now[new.pk.hex].value == 3
    assert places["青山村"].pk.hex not in now
    was = by_place("hz_n", as_of=AS_OF, boundary="was")
    assert was[places["青山村"].pk.hex].value == 2
    assert was[new.pk.hex].value == 0
    assert value("hz_n", as_of=AS_OF, place=places["town"]).value == 3
    assert value("hz_n", as_of=date(2020, 6, 30), place=places["河口村"]).value == 1


def test_shares_are_decimals_rounded_half_up(three, lin, places):
    closed = {"close_on": date(2020, 5, 2), "fixed_on": date(2020, 5, 1), "state": "closed"}
    del closed["state"]
    record(lin, hazard(places["河口村"], "2020-05-01", **closed))
    figure = value("hz_rate", as_of=AS_OF)
    assert isinstance(figure.value, Decimal)
    assert (figure.value, figure.text) == (Decimal("25.0"), "25.0%")


def test_an_unknown_code_says_so(db):
    with pytest.raises(UnknownIndicator, match="hz_nothing"):
        value("hz_nothing", as_of=AS_OF)
