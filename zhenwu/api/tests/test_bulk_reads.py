"""Many rows at once to a program stand in the audit log, as a file does; a few do not."""

from datetime import date

import pytest

from zhenwu.api import rows
from zhenwu.changes.audit import verify_log
from zhenwu.changes.models import AuditEntry, Watched


@pytest.fixture
def low(monkeypatch):
    monkeypatch.setattr(rows, "_MANY", 2)
    monkeypatch.setattr(rows, "_MANY_CLOSED", 1)


def told():
    return list(AuditEntry.objects.filter(kind=Watched.EXPORT).values_list("said", "by__username", "ledger"))


def test_many_rows_of_one_answer_are_told_and_few_are_not(program, lin, declaration, low):
    for year in (2018, 2019, 2020):
        declaration(lin, for_year=year, signed_on=date(year, 1, 5))
    caller = program(lin)
    assert len(caller.get("ledgers/site_none/rows?size=2").json()["rows"]) == 2
    assert told() == []
    assert len(caller.get("ledgers/site_none/rows?size=3").json()["rows"]) == 3
    assert told() == [(f"导出“无此类排查对象声明”3行（接口，令牌“{caller.token.label}”）", "lin", "site_none")]
    assert list(verify_log()) == []


def test_where_closed_fields_are_shown_fewer_rows_are_many(program, lin, person, low):
    for name in ("甲", "乙"):
        person(lin, name=name)
    program(lin).get("ledgers/person/rows?size=2")
    [(said, _, ledger)] = told()
    assert "2行（接口" in said
    assert ledger == "person"
