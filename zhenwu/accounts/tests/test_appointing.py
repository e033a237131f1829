"""Who may appoint whom to what; three administrators in three hands; everything kept and verified."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.accounts.actions import (
    approve_account,
    create_account,
    create_user,
    deactivate,
    give_code,
    save_unit,
    system_user,
    unlock,
)
from zhenwu.accounts.appointing import Post, appoint, end_appointment, end_grant, give_grant, move
from zhenwu.accounts.delegation import delegate
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.keeping import LEDGERS, keep, verify_kept
from zhenwu.accounts.models import Appointment, Delegation, Grant, PostDecision, Unit, User
from zhenwu.accounts.scope import Rights
from zhenwu.changes.actions import verify_chain
from zhenwu.changes.audit import verify_log
from zhenwu.changes.models import AuditEntry, Watched
from zhenwu.divisions.models import Event

SINCE = date(2020, 1, 1)


@pytest.fixture
def three(db):
    """The three administrators, made as `zhenwu init` makes them."""
    roles = {"admin": "郭维新", "security": "沈安之", "auditor": "白鉴清"}
    return {role: create_user(role, name, role, since=SINCE)[0] for role, name in roles.items()}


@pytest.fixture
def office(three):
    return save_unit(None, "民政办", ["welfare"], by=three["admin"])


@pytest.fixture
def he(three):
    user, _ = create_account("he", "何静宜", by=three["admin"])
    approve_account(user, by=three["security"])
    return user


def refused(act, *args, **more):
    with pytest.raises(AccountRefused) as problem:
        act(*args, **more)
    return problem.value.problems


def test_what_one_administrator_makes_another_approves(three, live):
    user, code = create_account("he", "何静宜", by=three["admin"])
    assert not user.is_active
    assert "安全管理员" in refused(approve_account, user, by=three["admin"])[""]
    approve_account(user, by=three["security"])
    assert User.objects.get(username="he").is_active
    assert User.objects.get(username="he").check_password(code)


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_only_the_security_administrator_appoints(three, he, office, who):
    assert "安全管理员" in refused(appoint, he, Post("office", office), since=SINCE, by=three[who])[""]


def test_nobody_appoints_grants_or_shuts_off_oneself(three, office):
    security, admin = three["security"], three["admin"]
    assert "自己" in refused(appoint, security, Post("leader"), since=SINCE, by=security)[""]
    assert "自己" in refused(deactivate, admin, by=admin, reason="试")[""]
    refused(give_code, admin, by=admin)
    own = Appointment.objects.get(user=security)
    assert "自己" in refused(end_appointment, own, on=timezone.localdate(), by=security, reason="试")[""]


def test_no_one_holds_two_administrations_or_works_beside_one(three, he, office):
    by = three["security"]
    assert "不同的人" in refused(appoint, three["auditor"], Post("admin"), since=SINCE, by=by)["role"]
    assert "两个账号" in refused(appoint, three["admin"], Post("office", office), since=SINCE, by=by)["role"]
    appoint(he, Post("office", office), since=SINCE, by=by)
    assert "两个账号" in refused(appoint, he, Post("auditor"), since=SINCE, by=by)["role"]
    later = timezone.localdate() + timedelta(days=30)
    end_appointment(Appointment.objects.get(user=he), on=later, by=by, reason="转任")
    appoint(he, Post("auditor"), since=later, by=by)  # one after the other is fine


def test_a_post_must_fit_its_role(three, he, office, places):
    by = three["security"]
    assert "unit" in refused(appoint, he, Post("office"), since=SINCE, by=by)
    assert "division" in refused(appoint, he, Post("village"), since=SINCE, by=by)
    assert "division" in refused(appoint, he, Post("village", None, places["town"]), since=SINCE, by=by)
    assert "until" in refused(appoint, he, Post("leader"), since=SINCE, until=SINCE, by=by)
    appoint(he, Post("leader"), since=SINCE, by=by)
    assert "已经是" in refused(appoint, he, Post("leader"), since=SINCE, by=by)["since"]


def test_an_ended_post_gives_nothing_and_stays_on_record(three, he, office, places):
    by, today = three["security"], timezone.localdate()
    post = appoint(he, Post("office", office), since=SINCE, by=by, reason="新任")
    assert Rights(he).scope("welfare", "S3").enter
    other = move(post, Post("village", None, places["青山村"]), on=today, by=by, reason="驻村")
    assert not Rights(he).scope("welfare", "S3").read
    assert Rights(he, on=today - timedelta(days=1)).scope("welfare", "S3").enter
    assert other.valid_from == today
    assert Appointment.objects.filter(user=he).count() == 2


def test_the_last_of_an_administration_is_not_taken_away(three):
    post = Appointment.objects.get(user=three["auditor"])
    told = refused(end_appointment, post, on=timezone.localdate(), by=three["security"], reason="调离")
    assert "唯一" in told[""]
    assert "唯一" in refused(deactivate, three["auditor"], by=three["admin"], reason="调离")[""]


def test_an_administrator_cannot_become_the_other_by_a_password(three):
    assert "服务器" in refused(give_code, three["security"], by=three["admin"])[""]
    assert "服务器" in refused(give_code, three["auditor"], by=three["admin"])[""]
    assert "安全管理员" in refused(give_code, three["admin"], by=three["auditor"])[""]
    code = give_code(three["admin"], by=three["security"])
    assert User.objects.get(pk=three["admin"].pk).check_password(code)
    assert give_code(three["security"], by=system_user())


def test_grants_name_a_ledger_an_end_and_a_reason(three, he, office):
    by, until = three["security"], timezone.localdate() + timedelta(days=90)
    told = refused(give_grant, "nothing", verbs=["fly"], privacy="S9", since=SINCE, until=None, by=by, reason="")
    assert set(told) == {"ledger", "to", "verbs", "privacy", "until", "reason"}
    given = give_grant("person", unit=office, privacy="S2", since=SINCE, until=until, by=by, reason="低保核查")
    assert Grant.objects.get() == given
    end_grant(given, on=timezone.localdate(), by=by, reason="核查结束")
    assert Grant.objects.get().valid_to == timezone.localdate()


def test_a_grant_over_the_whole_township_is_not_for_one_village(three, office, places):
    until = timezone.localdate() + timedelta(days=90)
    told = refused(
        give_grant, "person", unit=office, verbs=["approve"], division=places["青山村"], since=SINCE, until=until,
        by=three["security"], reason="试",
    )  # fmt: skip
    assert "全镇" in told["division"]


def test_everything_is_in_history_and_in_the_audit_log(three, he, office):
    appoint(he, Post("office", office), since=SINCE, by=three["security"], reason="新任")
    unlock(he, by=three["security"])
    said = list(AuditEntry.objects.order_by("seq").values_list("kind", "said"))
    assert (Watched.APPOINTMENT, "任命何静宜为民政办站所经办，自2020-01-01起（新任）") in said
    assert Watched.UNLOCKED in {kind for kind, _ in said}
    assert list(verify_log()) == []
    for ledger in LEDGERS:
        assert [*verify_chain(ledger), *verify_kept(ledger)] == []


@pytest.mark.parametrize("ledger", sorted(LEDGERS))
def test_rights_given_behind_the_platform_are_found(three, he, office, ledger):
    post = appoint(he, Post("office", office), since=SINCE, by=three["security"])
    until = timezone.localdate() + timedelta(days=90)
    given = give_grant("person", user=he, since=SINCE, until=until, by=three["security"], reason="核查")
    match ledger:
        case "appointment":
            Appointment.objects.create(user=he, role="head", valid_from=SINCE)
            Appointment.objects.filter(pk=post.pk).update(role="finance")
        case "grant":
            Grant.objects.filter(pk=given.pk).update(privacy="S3")
            Grant.objects.create(user=he, ledger="dibao", valid_from=SINCE, reason="无")
        case "unit":
            Unit.objects.filter(pk=office.pk).update(lines=["welfare", "party"])
            Unit.objects.create(label="影子办", lines=["integrity"])
        case "user":
            User.objects.create(username="shadow", display_name="影")
            User.objects.filter(pk=he.pk).update(is_superuser=True)
        case "delegation":
            clerk, _ = create_user("clerk", "代办", "office", unit=office, since=SINCE)
            today = timezone.localdate()
            lent = delegate(he, clerk, first=today, last=until, reason="休假", by=he, today=today)
            Delegation.objects.filter(pk=lent.pk).update(valid_to=until + timedelta(days=900))
            Delegation.objects.create(user=clerk, deputy=he, valid_from=today, valid_to=until, reason="无", by=he)
        case "post_decision":
            event = Event.objects.create(kind="rename", title="更名")
            kept = PostDecision.objects.create(event=event, post=post, choice="end", by=he)
            keep(kept, "add", "试", by=he)
            PostDecision.objects.filter(pk=kept.pk).update(choice="carry", toward="青山村")
            other = Event.objects.create(kind="rename", title="又更名")
            PostDecision.objects.create(event=other, post=post, choice="end", by=he)
    assert len(list(verify_kept(ledger))) == 2


def test_an_altered_or_missing_audit_entry_is_found(three, he):
    entries = list(AuditEntry.objects.order_by("seq"))
    AuditEntry.objects.filter(pk=entries[1].pk).update(said="什么也没有")
    assert any("被改动" in one.message for one in verify_log())
    AuditEntry.objects.filter(pk=entries[1].pk).delete()
    assert any("缺少" in one.message for one in verify_log())
    AuditEntry.objects.filter(pk=entries[-1].pk).delete()
    assert any("末尾" in one.message for one in verify_log())


def test_failed_log_ins_and_locks_are_noted_successes_are_not(three, he, client):
    code = give_code(he, by=three["admin"])
    before = AuditEntry.objects.count()
    client.post("/login/", {"username": "he", "password": code})
    assert AuditEntry.objects.count() == before
    client.post("/logout/")
    client.post("/login/", {"username": "he", "password": "wrong-one"})
    client.post("/login/", {"username": "MyPassword123", "password": "x"})
    first, second = AuditEntry.objects.order_by("-seq")[1], AuditEntry.objects.order_by("-seq")[0]
    assert (first.kind, first.about, first.address) == (Watched.LOGIN_FAILED, he, "127.0.0.1")
    assert "MyPassword123" not in second.said
    for _ in range(9):
        client.post("/login/", {"username": "he", "password": "wrong-one"})
    assert AuditEntry.objects.filter(kind=Watched.LOCKED, about=he).count() == 1
    assert client.post("/login/", {"username": "he", "password": code}).status_code == 429
    unlock(he, by=three["security"])
    assert client.post("/login/", {"username": "he", "password": code}).status_code == 302


def test_a_one_time_password_ends_after_a_week(three, he, client):
    code = give_code(he, by=three["admin"])
    User.objects.filter(pk=he.pk).update(code_until=timezone.now() - timedelta(minutes=1))
    page = client.post("/login/", {"username": "he", "password": code})
    assert "已经过期" in page.content.decode()
    code = give_code(he, by=three["admin"])
    assert client.post("/login/", {"username": "he", "password": code}).status_code == 302
    changed = {"old_password": code, "new_password1": "qing-shan-2026", "new_password2": "qing-shan-2026"}
    assert client.post("/password/", changed).status_code == 302
    assert User.objects.get(pk=he.pk).code_until is None


def test_an_upgrade_takes_what_was_there_into_history_once(chen, lin):
    from zhenwu.accounts.keeping import adopt

    adopt()
    assert [broken for ledger in LEDGERS for broken in (*verify_chain(ledger), *verify_kept(ledger))] == []
    Appointment.objects.create(user=chen, role="head", valid_from=SINCE)
    adopt()  # what comes later by another way is not taken in
    assert len(list(verify_kept("appointment"))) == 1
