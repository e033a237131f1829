"""Acts on findings in the hash chain: whatever is edited, deleted or reordered behind the platform's back is found."""

from datetime import date, timedelta

import pytest
from django.db import connection

from zhenwu.changes.models import ChainHead, History
from zhenwu.checks.accepting import accept
from zhenwu.checks.actions import add_note, assign, confirm_closed, explain
from zhenwu.checks.extending import ask_extension, decide_extension
from zhenwu.checks.forgetting import forget_rows
from zhenwu.checks.keeping import LEDGER, adopt
from zhenwu.checks.models import Extension, Finding, FindingEvent, Status
from zhenwu.checks.running import run
from zhenwu.checks.tests.test_findings import AS_OF, LATE, late, set_due  # noqa: F401  the fixture
from zhenwu.ledgers.audit import audited_ledgers, verify


def breaks() -> list[str]:
    return [one.message for one in verify(LEDGER)]


@pytest.fixture
def worked(late, lin, leader):  # noqa: F811
    """A finding that was given to someone, extended, explained and noted; and its events in order."""
    run([LATE], as_of=AS_OF)
    assign(Finding.objects.all(), by=leader, unit="应急办", assigned="unit", assignee=lin, on=AS_OF)
    finding = Finding.objects.get()
    ask_extension([finding], by=lin, until=finding.due_on + timedelta(days=20), reason="雨天不能施工", on=AS_OF)
    decide_extension(Extension.objects.get(), by=leader, granted=True)
    explain([finding], by=lin, explanation="正在整改", measures="月底前完成")
    add_note([finding], by=leader, text="已到现场")
    return Finding.objects.get()


def test_every_act_is_in_the_chain_and_whole(worked, late, lin, leader):  # noqa: F811
    acts = list(History.objects.filter(ledger=LEDGER).order_by("seq").values_list("act", "change__author__username"))
    assert acts == [
        ("found", None), ("assigned", leader.username), ("asked", lin.username), ("granted", leader.username),
        ("explained", lin.username), ("note", leader.username),
    ]  # fmt: skip
    assert LEDGER in audited_ledgers()
    assert breaks() == []
    set_due(late, lin, date(2020, 8, 1))
    run([LATE], as_of=AS_OF)
    confirm_closed(Finding.objects.all(), by=leader)
    run([LATE], as_of=AS_OF + timedelta(days=1))  # says nothing new: no act
    assert breaks() == []
    assert History.objects.filter(ledger=LEDGER).count() == 8


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        ("status", "'gone'", "状态"), ("due_on", "'2020-12-31'", "整改期限"), ("explanation", "'已整改'", "情况说明"),
        ("assignee_id", "NULL", "责任人"), ("unit", "'水利站'", "责任站所"), ("evidence", "'[{\"sha256\": \"0\"}]'", "佐证"),
    ],
)  # fmt: skip
def test_a_silent_edit_of_a_finding_is_found(worked, column, value, label):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE checks_finding SET {column} = {value}")
    assert breaks() == [f"问题{worked.pk.hex}被绕过平台改动：{label}。"]


def test_a_closing_nobody_did_is_found(worked, leader):
    Finding.objects.update(severity="yellow", status=Status.CLOSED, closed_how="explained", verified_by=leader)
    (said,) = breaks()
    assert "状态、销号方式、核实人" in said


@pytest.mark.parametrize(
    "values", [{"text": "另外的话"}, {"text": ""}, {"by": None}, {"kind": "closed"}, {"as_of": date(2021, 1, 1)}]
)
def test_a_silent_edit_of_an_event_is_found(worked, values):
    FindingEvent.objects.filter(kind="explained").update(**values)
    assert breaks() == [f"问题{worked.pk.hex}的办理经过第5条被改动过。"]


def test_a_deleted_event_is_found(worked):
    FindingEvent.objects.get(kind="asked").delete()
    assert breaks() == [f"问题{worked.pk.hex}的办理经过有5条，历史记有6条。"]


def test_an_event_that_the_platform_did_not_write_is_found(worked, leader):
    FindingEvent.objects.create(finding=worked, at=worked.explained_at, kind="closed", by=leader)
    assert breaks() == [f"问题{worked.pk.hex}的办理经过有7条，历史记有6条。"]


def test_events_in_another_order_are_found(worked):
    first, second = FindingEvent.objects.filter(kind__in=["explained", "note"]).order_by("pk")
    swapped = {"kind": second.kind, "at": second.at, "by": second.by, "text": second.text}
    FindingEvent.objects.filter(pk=second.pk).update(kind=first.kind, at=first.at, by=first.by, text=first.text)
    FindingEvent.objects.filter(pk=first.pk).update(**swapped)
    assert breaks() == [f"问题{worked.pk.hex}的办理经过第5、6条被改动过。"]


def test_a_deleted_finding_is_found(worked):
    pk = worked.pk.hex
    worked.delete()
    assert breaks() == [f"问题{pk}有历史，但已从表中删除。"]


def test_a_finding_nobody_found_is_found(worked):
    worked.pk, worked.key = None, "0" * 64
    worked._state.adding = True
    worked.pk = type(worked)._meta.pk.get_default()
    worked.save()
    assert breaks() == [f"问题{worked.pk.hex}没有历史：不是通过平台登记的。"]


def test_whoever_rewrites_the_history_as_well_breaks_the_chain(worked):
    last = History.objects.filter(ledger=LEDGER).latest("seq")
    History.objects.filter(pk=last.pk).update(values=last.values.replace("explained", "closed"))
    assert any("被改动过" in one for one in breaks())
    History.objects.filter(pk=last.pk).delete()
    assert any("链头不一致" in one for one in breaks())


def test_versions_in_another_order_break_the_chain(worked):
    two = History.objects.filter(ledger=LEDGER, seq__in=[2, 3])
    two.filter(seq=2).update(seq=99)
    two.filter(seq=3).update(seq=2)
    History.objects.filter(ledger=LEDGER, seq=99).update(seq=3)
    assert [one for one in breaks() if "第2条历史" in one]


def test_an_acceptance_is_in_the_chain_and_so_is_its_end(late, lin, leader):  # noqa: F811
    run([LATE], as_of=AS_OF)
    accept(Finding.objects.all(), by=leader, reason="已经移交县局办理", until=AS_OF + timedelta(days=30), on=AS_OF)
    Finding.objects.update(accepted_until=AS_OF + timedelta(days=300))
    assert "误报认定有效期" in breaks()[0]
    Finding.objects.update(accepted_until=AS_OF + timedelta(days=30))
    late.refresh_from_db()
    set_due(late, lin, date(2020, 5, 20))
    run([LATE], as_of=AS_OF)
    assert Finding.objects.get().status == Status.OPEN
    assert breaks() == []


def test_erased_words_are_gone_and_the_chain_is_whole(worked, late):  # noqa: F811
    forget_rows("hazard", [late.pk])
    assert set(FindingEvent.objects.values_list("text", flat=True)) == {""}
    assert breaks() == []
    FindingEvent.objects.filter(kind="note").update(text="已到现场")
    assert breaks() == [f"问题{worked.pk.hex}的办理经过第6条被改动过。"]


def test_what_was_there_before_is_taken_in_once(worked, leader):
    """An upgrade: findings with events, and nothing in the chain."""
    History.objects.filter(ledger=LEDGER).delete()
    ChainHead.objects.filter(ledger=LEDGER).delete()
    assert breaks() == [f"问题{worked.pk.hex}没有历史：不是通过平台登记的。"]
    adopt()
    adopt()
    assert History.objects.filter(ledger=LEDGER).count() == 1
    add_note([worked], by=leader, text="升级以后")
    assert breaks() == []
    FindingEvent.objects.filter(kind="asked").update(text="另外的话")
    assert breaks() == [f"问题{worked.pk.hex}的办理经过第3条被改动过。"]


def test_a_finding_that_was_not_taken_in_is_with_its_next_act(worked, leader):
    History.objects.filter(ledger=LEDGER).delete()
    ChainHead.objects.filter(ledger=LEDGER).delete()
    add_note([worked], by=leader, text="升级以后")
    assert breaks() == []
