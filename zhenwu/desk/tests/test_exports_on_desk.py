"""Exports on the desk: who is to decide sees what waits, who asked is told what became of it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers import releasing
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.models import ExportRequest
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs import runtime


@pytest.fixture
def asked(lin, places):
    add = Add({"name": "陈一", "phone": "13800001234", "sex": "1", "birth": date(1960, 1, 1)}, places["青山村"].pk)
    commit(Draft("person", lin, [add], Source(SourceKind.FORM)))
    return releasing.ask(runtime.ledger("person"), "", "csv", by=lin, purpose="P2", basis="12月低保金发放")


def desk(live, user):
    return live(user).get("/").content.decode()


def decide(one, by, agree, on=None, note="数据范围过宽"):
    on = on or timezone.localdate()
    return releasing.decide(one, runtime.ledger("person"), agree=agree, note=note, by=by, on=on)


def test_what_waits_is_on_the_desk_of_who_decides_alone(asked, live, lin, leader, chen):
    page = desk(live, leader)
    assert "等我审批的导出" in page
    assert f"/ledgers/exports/{asked.pk}/" in page
    assert "等着你办的事都办完了" not in page
    for other in (lin, chen):
        assert "等我审批的导出" not in desk(live, other)
    assert "/ledgers/exports/" in page.partition("<main")[0]  # and in the menu


def test_who_asked_is_told_of_the_refusal_for_two_weeks(asked, live, lin, leader):
    assert "我申请的导出" not in desk(live, lin)
    decide(asked, leader, agree=False)
    assert "审批意见：数据范围过宽" in desk(live, lin)
    assert "等我审批的导出" not in desk(live, leader)
    ExportRequest.objects.update(decided_at=timezone.now() - timedelta(days=16))
    assert "我申请的导出" not in desk(live, lin)


def test_who_asked_is_told_of_the_file_and_of_destroying_it(asked, live, lin, leader):
    one = decide(asked, leader, agree=True)
    assert "已同意，正在生成" in desk(live, lin)
    releasing.make(one)
    one.refresh_from_db()
    assert f"可下载，到{one.expires_on:%Y-%m-%d}" in desk(live, lin)
    today = timezone.localdate()
    b"".join(releasing.fetch(one, runtime.ledger("person"), by=lin, on=today))
    ExportRequest.objects.update(expires_on=today - timedelta(days=1))
    assert "已到期，请销毁并登记" in desk(live, lin)
    releasing.note_destroyed(one, runtime.ledger("person"), by=lin, on=today)
    assert "我申请的导出" not in desk(live, lin)
