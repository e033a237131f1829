"""The demo's rosters through the front door: every row is taken, every link resolves, and the year looks as built."""

import json
from datetime import date

import pytest

from zhenwu.changes.keys import keyring
from zhenwu.checks.models import Finding
from zhenwu.checks.running import run
from zhenwu.config.demo.build import build
from zhenwu.config.demo.rosters import Rosters
from zhenwu.divisions.actions import create_divisions, merge
from zhenwu.divisions.models import Alias, Division
from zhenwu.indicators.queries import indicator_codes, parts, values
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.packs import runtime

pytestmark = pytest.mark.django_db
IMPORTED = date(2021, 1, 5)


def load_places(demo, by) -> None:
    made: dict[str, Division] = {}
    for one in demo.divisions:
        made[one.code] = Division(
            code=one.code, name=one.name, level=one.level, parent=made.get(one.parent), valid_from=one.valid_from
        )
    create_divisions(list(made.values()), by=by, reason="建立区划")
    merger = demo.merger
    new = Division(code=merger.code, name=merger.name, level="village", parent=made["519999100000"])
    merge(
        [made[code] for code in merger.sources],
        into=new,
        on=merger.day,
        title=merger.title,
        approval=merger.approval,
        by=by,
    )
    made[merger.code] = new
    Alias.objects.bulk_create(Alias(division=made[code], name=name) for code, name in demo.aliases)


@pytest.fixture
def clerk(db):
    from zhenwu.accounts.models import Appointment, Unit, User

    unit = Unit.objects.create(
        label="综合办", lines=["party", "safety", "projects", "welfare", "population", "ecology"]
    )
    user = User.objects.create(username="lin", display_name="林若溪")
    Appointment.objects.create(user=user, role="office", unit=unit, valid_from=date(2000, 1, 1))
    return user


@pytest.fixture
def imported(clerk, tmp_path):
    """(the demo, symbolic id or village code → id as findings keep it), everything imported from the files."""
    demo = build(seed=1, persons=1_500)
    load_places(demo, clerk)
    rosters = Rosters(demo, runtime.packs())
    for one in rosters.write(tmp_path):
        staged = stage_file(one.ledger, tmp_path / one.file, name=one.file, by=clerk, sheet=one.sheet, today=IMPORTED)
        assert [problem.message for problem in staged.problems][:10] == [], (one, len(staged.problems))
        apply_staged(staged, by=clerk, today=IMPORTED)
    ids = {code: pk.hex for code, pk in Division.objects.values_list("code", "pk")}
    for ledger, order in rosters.added_order().items():
        stored = list(runtime.model_for(ledger).objects.unscoped("test").order_by("pk").values_list("pk", flat=True))
        assert len(stored) == len(order), ledger
        ids |= {symbolic: pk.hex for symbolic, pk in zip(order, stored, strict=True)}
    ids |= {row["phone"]: keyring().index(row["phone"], "phone") for row in demo.rows["person"] if row["phone"]}
    return demo, ids


def test_imported_rosters_lead_to_the_planted_findings_and_the_figures_of_the_oracle(imported):
    demo, ids = imported
    as_of = demo.oracle.as_of
    report = run(as_of=as_of)
    assert report.errors == []
    found = {(one.check_code, tuple(json.loads(one.subject))) for one in Finding.objects.all()}
    planted = {(one.check, tuple(ids.get(value, value) for value in one.subject)) for one in demo.oracle.planted}
    assert sorted(planted - found) == []
    assert sorted(found - planted) == []
    counted = {code: figure.value for code, figure in values(indicator_codes(), as_of=as_of).items()}
    for code in list(counted):
        counted |= {f"{code}.{part}": figure.value for part, figure in parts(code, as_of=as_of).items()}
    differing = {
        code: (counted.get(code, "absent"), value)
        for code, value in demo.oracle.figures.items()
        if counted.get(code, "absent") != value
    }
    assert differing == {}
