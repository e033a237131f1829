"""No query of ledger rows runs for nobody: it is somebody's, or it names its reason. Here is who may name one."""

import re
from pathlib import Path

import pytest
from django.db.models import Count, Exists, OuterRef

import zhenwu
from zhenwu.accounts.scope import Rights
from zhenwu.changes.models import Change
from zhenwu.changes.scoped import WHYS, UnscopedQuery
from zhenwu.packs import runtime
from zhenwu.people.models import Household, Person

_HOUSE = Path(zhenwu.__file__).parent
_OPENED = re.compile(r"""(?:\.unscoped\(|\.rows\(|all_of\([^"()]*(?:\([^()]*\))?,\s*)\s*"(\w+)\"""")
_ELSEWHERE = re.compile(r"_base_manager|\.unscoped\((?!\")")  # a way round, or a reason that is not written out

ALLOWED = {
    "ledgers/actions.py": {"commit"},
    "ledgers/effects.py": {"commit"},
    "ledgers/placed.py": {"places"},
    "packs/converting.py": {"packs"},
    "residents/actions.py": {"effects"},
    "residents/case.py": {"effects"},
    "residents/merging.py": {"effects"},
    "residents/proposals.py": {"effects"},
    "residents/queries.py": {"effects"},
    "residents/register.py": {"matching"},
    "residents/todos.py": {"effects"},
    "ledgers/references.py": {"commit"},
    "ledgers/takeback.py": {"commit"},
    "ledgers/importing/matching.py": {"matching"},
    "ledgers/importing/lostnumbers.py": {"matching"},
    "ledgers/resolve.py": {"matching"},
    "ledgers/story.py": {"labels"},
    "ledgers/retention/due.py": {"erasure"},
    "ledgers/retention/erasing.py": {"erasure"},
    "ledgers/retention/holds.py": {"erasure"},
    "ledgers/retention/leftovers.py": {"erasure"},
    "ledgers/audit.py": {"audit"},
    "ledgers/escalation.py": {"deadlines"},
    "ledgers/search_index.py": {"search"},
    "ledgers/days.py": {"days"},
    "fieldwork/actions.py": {"fieldwork"},
    "fieldwork/queries.py": {"fieldwork"},
    "fieldwork/views.py": {"fieldwork"},
    "reports/queries.py": {"figures"},
    "reports/draft.py": {"figures"},
    "config/cli/figures.py": {"console"},
    "config/cli/packs.py": {"console"},
}


def _sources():
    for file in sorted(_HOUSE.rglob("*.py")):
        name = file.relative_to(_HOUSE).as_posix()
        if "/tests/" not in name and name not in ("changes/scoped.py", "packs/runtime.py"):
            yield name, file.read_text(encoding="utf-8")


def test_who_reads_rows_of_every_place_is_listed_here():
    found = {name: set(_OPENED.findall(text)) & WHYS for name, text in _sources()}
    assert {name: whys for name, whys in found.items() if whys} == ALLOWED


def test_nobody_goes_round_the_door():
    assert [name for name, text in _sources() if _ELSEWHERE.search(text)] == []


@pytest.mark.parametrize(
    "evaluate",
    [
        list, len, bool,
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.first(),
        lambda rows: rows.filter(no="x").exclude(review="draft").order_by("no")[:5].count(),
        lambda rows: rows.filter(pk=None).get_or_create(no="x"),
        lambda rows: list(rows.values_list("no", flat=True)),
        lambda rows: list(rows.iterator()),
        lambda rows: rows.aggregate(n=Count("pk")),
        lambda rows: rows.in_bulk(),
        lambda rows: rows.update(no="x"),
        lambda rows: rows.filter(no="x").delete(),
        lambda rows: rows.raw("SELECT 1 AS id"),
        lambda rows: rows.explain(),
        lambda rows: list(rows.union(rows)),
        lambda rows: list(rows.select_for_update()),
        lambda rows: list(Change.objects.filter(pk__in=rows.values("change"))),
        lambda rows: list(Change.objects.filter(Exists(rows.filter(change=OuterRef("pk"))))),
        lambda rows: list(rows.select_related("division").distinct().defer("note")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", ["hazard", "person"])
def test_without_a_scope_every_way_of_asking_raises(db, code, evaluate):
    with pytest.raises(UnscopedQuery, match="without a scope"):
        evaluate(runtime.model_for(code).objects.all())


def test_models_without_a_ledger_are_closed_too(db):
    with pytest.raises(UnscopedQuery):
        Household.objects.count()


def test_a_reason_must_be_a_known_one(db):
    with pytest.raises(ValueError, match="is no reason"):
        Person.objects.unscoped("because")


def test_a_scope_opens_what_it_sees_and_stays_on_everything_made_of_it(declaration, chen, wu):
    mine = declaration(chen)
    declaration(wu, "河口村")
    scope = Rights(chen).scope("safety", "S1")
    rows = runtime.model_for("site_none").objects.seen_by(scope)
    assert list(rows) == [mine]
    assert rows.filter(review="draft").order_by("no")[:10].count() == 1
    assert rows.update(note="见") == 1
    assert list(Change.objects.filter(pk__in=rows.values("change"))) == [mine.change]


def test_who_has_a_row_may_follow_its_links(declaration, chen):
    row = declaration(chen)
    row.refresh_from_db()
    assert row.division.name == "青山村"
