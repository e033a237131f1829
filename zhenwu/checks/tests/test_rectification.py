"""Problems that others gave to the township (巡察, 审计 …): rows of a ledger, in the one list with the findings, closed by steps."""

from datetime import date

import pytest

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.listing import FindingQuery
from zhenwu.checks.models import Finding
from zhenwu.checks.problems import Problems
from zhenwu.checks.running import run, run_changed
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused
from zhenwu.ledgers.operations import Add, Draft, Step
from zhenwu.packs import runtime

ON = date(2020, 9, 1)
LATE, COUNT = "rectification.RC-07", "rectification.RC-01"


def _user(name, role):
    user = User.objects.create(username=role, display_name=name)
    Appointment.objects.create(user=user, role=role, valid_from=date(2000, 1, 1))
    return user


@pytest.fixture
def head(places):
    return _user("方启安", "head")


@pytest.fixture
def discipline(places):
    return _user("秦岳", "discipline")


def add(by, **said):
    values = {
        "source_kind": "县委巡察", "round": "2020第一轮", "feedback_on": date(2020, 6, 1), "item_no": "1", "area": "三农和民生资金",
        "issue": "惠农资金报账不规范", "mode": "限期整改", "analog": False, "leader": "唐怀谷", "office": "财政所", "fix_owner": "罗明",
        "due_on": date(2020, 8, 1),
    }  # fmt: skip
    row = Add(values | said, review=Review.SUBMITTED)
    commit(Draft("rectification", by, [row], Source(SourceKind.FORM), reason="反馈意见", today=ON))


def row():
    return runtime.ledger("rectification").rows("test").get()


def step(by, code, on=ON, reason="按程序办理", **values):
    one = row()
    commit(
        Draft("rectification", by, [Step(one.pk, one.version, code, values)], Source(SourceKind.FORM), reason, today=on)
    )


def listed(user, on=ON):
    problems = Problems(user, FindingQuery.from_params({}), on)
    return [(one.source, one.message[:6]) for one in problems.page(0, sum(problems.counts().values()))]


def test_what_others_found_waits_in_the_one_list_until_it_is_closed(lin, leader, head, places):
    add(lin)
    run([LATE], as_of=ON)
    assert ("反馈问题整改", "惠农资金报账") in listed(lin)
    assert Finding.objects.get().check_code == LATE
    step(lin, "begin", measures="重新核对三年账目", plan_on=date(2020, 6, 20))
    step(lin, "claim", result="三年账目已全部核对，差错已更正并公示")
    with pytest.raises(CommitRefused):
        step(lin, "verify", verifier="林若溪")  # the office does not check its own work
    step(leader, "verify", verifier="吴岸")
    assert ("反馈问题整改", "惠农资金报账") in listed(lin)
    step(head, "close")
    assert (row().state, row().close_on) == ("closed", ON)
    assert run_changed(as_of=ON).gone == 1
    assert [one for one in listed(lin) if one[0] == "反馈问题整改"] == []


def test_discipline_checks_matters_of_conduct(lin, leader, discipline, places):
    add(lin, area="群众身边腐败和作风")
    step(lin, "begin", measures="逐人谈话")
    step(lin, "claim", result="已对两名经办人谈话提醒，违规领取的补助全部收回")
    with pytest.raises(CommitRefused):
        step(leader, "verify", verifier="吴岸")
    step(discipline, "verify_conduct", verifier="秦岳")
    assert row().state == "verified"


def test_a_relapse_opens_it_again(lin, leader, head, discipline, places):
    add(lin)
    step(lin, "begin", measures="重新核对三年账目")
    step(lin, "claim", result="三年账目已全部核对，差错已更正并公示")
    step(leader, "verify", verifier="吴岸")
    step(head, "close")
    step(discipline, "relapse", look_result="反弹", reason="抽查又发现两笔")
    one = row()
    assert (one.state, one.close_on, one.look_on) == ("fixing", None, ON)
    assert ("反馈问题整改", "惠农资金报账") in listed(lin)


def test_a_written_total_is_looked_at_again_after_each_change(lin, places):
    """The declared kinds run after a change like any check that reads the ledger."""
    add(lin, declared_n=2)
    assert run_changed(as_of=ON).new == 2  # one row where two were fed back; and overdue
    assert set(Finding.objects.values_list("check_code", flat=True)) == {COUNT, LATE}
    add(lin, item_no="2", due_on=date(2020, 10, 1))
    assert run_changed(as_of=ON).gone == 1
    assert Finding.objects.get(check_code=COUNT).status == "gone"
