"""The pages: a death of the head from the first question to its effect; a household and a person over time; rights."""

from datetime import date

from django.urls import reverse

from zhenwu.packs import runtime
from zhenwu.people.models import HouseholdMember
from zhenwu.residents.tests.conftest import spells

D = "2020-06-01"


def newest():
    return runtime.model_for("household_event").objects.unscoped("test").order_by("-no").first()


def test_a_village_enters_the_death_of_a_head_and_the_office_gives_it_effect(live, chen, lin, person, family):
    old, wife, son = (
        person("王大", "1", date(1950, 1, 1)),
        person("李梅", "2", date(1952, 1, 1)),
        person("王二", "1", date(1975, 1, 1)),
    )
    home = family((old, "02"), (wife, "12"), (son, "21"))
    client = live(chen)
    assert "登记死亡" in client.get(reverse("residents:start")).content.decode()
    enter = reverse("residents:enter", args=["death"])
    assert "是谁？" in client.get(enter).content.decode()
    whose = client.get(enter, {"person_q": "王大"})  # typed without a script: one person is meant
    assert "青山村" in whose.content.decode()
    bad = client.post(enter, {"person": old.pk, "happen": "", "known": D, "proof": "death_cert", "act": "submit"})
    assert bad.status_code == 422
    assert "“发生日期”没有填" in bad.content.decode()
    answer = client.post(enter, {"person": old.pk, "happen": D, "known": D, "proof": "death_cert", "act": "submit"})
    event = newest()
    table = reverse("residents:relations", args=[event.pk, home.pk])
    assert answer.url == table
    assert "谁是新户主" in client.get(table).content.decode()
    asked = client.get(table, {"head": son.pk}).content.decode()
    assert '<option value="52" selected>母亲</option>' in asked  # 妻 becomes 母
    assert (
        "打勾" in client.post(table, {"head": son.pk, f"rel_{son.pk}": "02", f"rel_{wife.pk}": "52"}).content.decode()
    )
    said = {
        "head": son.pk,
        f"rel_{son.pk}": "02",
        f"rel_{wife.pk}": "52",
        f"sure_{son.pk}": "1",
        f"sure_{wife.pk}": "1",
    }
    assert client.post(table, said).url == reverse("residents:event", args=[event.pk])
    event.refresh_from_db()
    assert event.review == "submitted"
    client = live(lin)
    page = client.get(reverse("residents:event", args=[event.pk])).content.decode()
    assert "确认并生效" in page
    client.post(reverse("residents:effect", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "effected"
    assert [one[:2] for one in spells(home, on=date(2020, 6, 1))] == [("王二", "02"), ("李梅", "52")]
    client.post(reverse("residents:undo_effect", args=[event.pk]), {"reason": "报错了人"})
    event.refresh_from_db()
    assert event.state == "confirmed"
    assert len(spells(home)) == 3


def test_who_entered_an_event_does_not_confirm_it(live, lin, person, family):
    one = person("王大")
    family((one, "02"))
    client = live(lin)
    client.post(
        reverse("residents:enter", args=["death"]),
        {"person": one.pk, "happen": D, "known": D, "proof": "death_cert", "act": "submit"},
    )
    event = newest()
    assert "要由另一人确认" in client.get(reverse("residents:event", args=[event.pk])).content.decode()
    client.post(reverse("residents:effect", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "reported"


def test_a_split_ticks_members_and_says_their_relations(live, chen, person, family):
    old, son = person("王大"), person("王二", "1", date(1985, 1, 1))
    home = family((old, "02"), (son, "20"))
    client = live(chen)
    page = client.get(reverse("residents:enter", args=["split"]), {"household": home.pk}).content.decode()
    assert "王二" in page
    assert f'name="rel_{son.pk}"' in page
    said = {"household": home.pk, "happen": D, "known": D, "proof": "hukou_book", "act": "submit"}
    assert "请勾选涉及的人" in client.post(reverse("residents:enter", args=["split"]), said).content.decode()
    client.post(reverse("residents:enter", args=["split"]), said | {"who": [son.pk], f"rel_{son.pk}": "02"})
    assert newest().review == "submitted"


def test_a_birth_is_entered_line_by_line(live, chen, lin, person, family):
    mother = person("李梅", "2")
    home = family((mother, "02"))
    client = live(chen)
    enter = reverse("residents:enter", args=["birth"])
    page = client.get(enter, {"household": home.pk}).content.decode()
    assert 'name="persons-0-name"' in page or "persons" in page
    said = {
        "household": home.pk, "happen": D, "known": D, "proof": "hukou_book", "mother": mother.pk, "act": "submit",
        "persons_n": "1", "persons-0-name": "李苗", "persons-0-sex": "2", "persons-0-rel": "30",
    }  # fmt: skip
    answer = client.post(enter, said)
    assert answer.status_code == 302, answer.content.decode()
    live(lin).post(reverse("residents:effect", args=[newest().pk]))
    assert [one[:2] for one in spells(home)] == [("李梅", "02"), ("李苗", "30")]


def test_pages_of_household_and_person_show_time_events_and_rows(live, lin, chen, wu, person, family, effected):
    old, son = (
        person("王大", idno="519999195302141012", idno_kind="ok", birth=date(1953, 2, 14)),
        person("王二", "1", date(1985, 1, 1)),
    )
    home = family((old, "02"), (son, "20"))
    effected("move_out", date(2020, 6, 1), son, from_hh=home.pk, other_div="外县")
    client = live(lin)
    page = client.get(reverse("residents:household", args=[home.pk])).content.decode()
    assert "现在的成员" in page
    assert "历来的成员" in page
    assert "迁出" in page
    page = client.get(reverse("residents:person", args=[old.pk])).content.decode()
    assert "519999195302141012" not in page
    assert "519999********1012" in page
    assert "/reveal/idno/" in page
    assert (
        reverse("residents:person", args=[old.pk])
        in client.get(reverse("ledgers:row", args=["person", old.pk])).content.decode()
    )
    for one in ("household", "person"):
        pk = home.pk if one == "household" else old.pk
        assert live(wu).get(reverse(f"residents:{one}", args=[pk])).status_code == 404
    assert live(wu).get(reverse("residents:event", args=[newest().pk])).status_code == 404
    assert HouseholdMember.objects.unscoped("test").count() == 2
    assert live(chen).get(reverse("ledgers:new", args=["household_member"])).url == reverse("residents:start")


def test_the_list_of_memberships_leads_to_events_not_to_a_grid(live, lin, person, family):
    family((person("王大"), "02"))
    client = live(lin)
    page = client.get("/ledgers/household_member/").content.decode()
    assert "/ledgers/household_member/grid/" not in page
    assert "变动：请登记一件变动，生效后这里自动更新" in page
    assert reverse("residents:start") in page
    sent = client.get("/ledgers/household_member/grid/", follow=True)
    assert sent.redirect_chain[0][0] == "/ledgers/household_member/"
    assert "只随" in sent.content.decode()
    assert "/ledgers/household/grid/" in client.get("/ledgers/household/").content.decode()
