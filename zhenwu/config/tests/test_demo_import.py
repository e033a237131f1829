"""The demo's rosters through the front door: every row is taken, every link resolves, and the year looks as built."""

from datetime import date

import pytest

from zhenwu.config.demo.build import build
from zhenwu.config.demo.rosters import Rosters
from zhenwu.divisions.actions import create_divisions, merge
from zhenwu.divisions.models import Alias, Division
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.packs import runtime

pytestmark = pytest.mark.django_db


def load_places(demo, by) -> None:
    made: dict[str, Division] = {}
    for one in demo.divisions:
        made[one.code] = Division(code=one.code, name=one.name, level=one.level, parent=made.get(one.parent), valid_from=one.valid_from)
    create_divisions(list(made.values()), by=by, reason="建立区划")
    merger = demo.merger
    new = Division(code=merger.code, name=merger.name, level="village", parent=made["519999100000"])
    merge([made[code] for code in merger.sources], into=new, on=merger.day, title=merger.title, approval=merger.approval, by=by)
    made[merger.code] = new
    Alias.objects.bulk_create(Alias(division=made[code], name=name) for code, name in demo.aliases)


@pytest.fixture
def clerk(db):
    from zhenwu.accounts.models import Appointment, Unit, User

    unit = Unit.objects.create(label="综合办", lines=["party", "safety", "projects", "welfare", "population", "ecology"])
    user = User.objects.create(username="lin", display_name="林若溪")
    Appointment.objects.create(user=user, role="office", unit=unit, valid_from=date(2000, 1, 1))
    return user


def test_every_roster_row_is_taken_and_links_resolve(clerk, tmp_path):
    demo = build(seed=1, persons=1_500)
    load_places(demo, clerk)
    rosters = Rosters(demo, runtime.packs()).write(tmp_path)
    for roster in rosters:
        staged = stage_file(
            roster.ledger, tmp_path / roster.file, name=roster.file, by=clerk, sheet=roster.sheet, today=date(2021, 1, 5)
        )
        assert [problem.message for problem in staged.problems][:10] == [], (roster, len(staged.problems))
        apply_staged(staged, by=clerk, today=date(2021, 1, 5))
    stored = {code: runtime.model_for(code).objects.count() for code in demo.rows}
    assert stored == {code: len(rows) for code, rows in demo.rows.items()}
