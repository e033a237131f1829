"""From a table never seen before to a working ledger, on the pages; tables are really made."""

import re
import tomllib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from zhenwu.ledgers.designer import drafts
from zhenwu.packs import runtime
from zhenwu.packs.apply import applied_hash, applied_packs, apply
from zhenwu.packs.builder import private_registry
from zhenwu.packs.designing.actions import own_folder
from zhenwu.packs.designing.tests.tables import SAMPLES
from zhenwu.packs.models import DesignDraft
from zhenwu.packs.reader import read_beside


@pytest.fixture
def own(committing, villages):
    """What the tests make goes away with them: tables and files of own ledgers."""
    yield own_folder()
    for path in own_folder().glob("*.toml"):
        path.unlink()
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name.startswith("lg_own_"):
                cursor.execute(f'DROP TABLE "{name}"' + (" CASCADE" if connection.vendor == "postgresql" else ""))


@pytest.fixture
def restarted(monkeypatch):
    """The worker as it is after it was started anew."""

    def start():
        packs = applied_packs()
        registry = private_registry()
        ledgers = dict(runtime.ledgers()) | {
            code: runtime.ledger_of(pack, registry) for code, pack in packs.packs.items() if code.startswith("own_")
        }
        monkeypatch.setattr(runtime, "_running", runtime.Running(packs, applied_hash(), ledgers))

    yield start
    monkeypatch.undo()


def bring(browser, sample) -> DesignDraft:
    answer = browser.post(reverse("ledgers:design_new"), {"file": sample})
    assert answer.status_code == 302, answer.content.decode()
    return DesignDraft.objects.latest("at")


def form(page) -> dict:
    """What the page would post when nobody touched it."""
    context = page.context
    said = {
        "label": context["design"].label, "code": context["design"].code, "prefix": context["design"].prefix,
        "line": context["design"].line, "unit": context["design"].unit, "one_row": context["design"].one_row,
        "source": context["design"].source, "privacy": context["design"].privacy, "title": context["title_now"],
        "main_date": context["date_now"], "order": [box.part.number for box in context["parts"]],
    }  # fmt: skip
    for box in context["parts"]:
        part = box.part
        boxes = {
            "use": part.use, "label": part.label, "type": part.type, "unit": part.unit, "privacy": part.privacy,
            "options": box.options, "code": part.code, "help": part.help,
        }  # fmt: skip
        flags = {"required": part.required, "key": box.is_key, "list": part.in_list, "unique": part.unique}
        said |= {f"{box.name}-{key}": value for key, value in boxes.items()}
        said |= {f"{box.name}-{key}": "1" for key, is_set in flags.items() if is_set}
    return said


def box_of(page, label: str):
    return next(box for box in page.context["parts"] if box.part.label == label)


def to_plan(browser, draft):
    page = browser.get(reverse("ledgers:design", args=[draft.pk]))
    answer = browser.post(reverse("ledgers:design", args=[draft.pk]), form(page) | {"act": "plan"})
    assert answer.status_code == 302, [box.errors for box in answer.context["parts"]]
    return browser.get(answer.url)


def enable(browser, draft, **said):
    page = to_plan(browser, draft)
    return browser.post(reverse("ledgers:design_apply", args=[draft.pk]), {"digest": page.context["digest"]} | said)


@pytest.mark.django_db(transaction=True)
def test_a_table_becomes_a_ledger_with_its_rows(own, both, live, sample, restarted):
    browser = live(both)
    draft = bring(browser, sample("灭火器"))
    answer = enable(browser, draft)
    assert answer.url == reverse("ledgers:design_started", args=[draft.pk])
    assert "正在启用新台账" in browser.get(answer.url).content.decode()
    assert browser.get(reverse("ledgers:design_ready", args=[draft.pk])).json() == {"ready": False}
    assert browser.get(reverse("ledgers:list", args=["own_miehuoqi"])).status_code == 503  # not 404: it is on its way
    restarted()
    assert browser.get(reverse("ledgers:design_ready", args=[draft.pk])).json() == {"ready": True}
    page = browser.get(answer.url).content.decode()
    assert "导入样表的 14 行" in page
    answer = browser.post(reverse("ledgers:design_import", args=[draft.pk]))
    preview = browser.get(answer.url)
    assert preview.context["counts"] == {"add": 14, "change": 0, "same": 0, "problem": 0}
    browser.post(answer.url + "apply/", {"digest": preview.context["digest"]})
    assert "撤销这次导入" in browser.get(answer.url).content.decode()
    rows = runtime.ledger("own_miehuoqi").rows("test").order_by("miehuoqi_no")
    assert rows.count() == 14
    first = rows[0]
    assert (first.miehuoqi_no, first.kind, first.division.name, str(first.jiancha_date)) == (
        "MHQ-000",
        "干粉",
        "青山村",
        "2023-01-01",
    )
    assert first.note == "已充装"
    assert "1390000" not in first.phone
    shown = browser.get(reverse("ledgers:list", args=["own_miehuoqi"])).content.decode()
    assert "MHQ-003" in shown
    assert "13900000" not in shown


@pytest.mark.django_db(transaction=True)
def test_the_result_is_a_pack_file_without_any_value(own, both, live, sample):
    browser = live(both)
    draft = bring(browser, sample("老年食堂"))
    enable(browser, draft)
    text = (own / "own_lnstycry.toml").read_text(encoding="utf-8")
    assert not re.search(r"519999|139\d{8}|何春", text)
    fields = {one["label"]: one for one in tomllib.loads(text)["field"]}
    assert fields["身份证号码"]["type"] == "idno"
    assert fields["健康状况"]["privacy"] == "S3"
    assert browser.get(reverse("ledgers:design_text", args=[draft.pk])).content.decode() == text


@pytest.mark.django_db(transaction=True)
def test_who_handles_the_line_proposes_and_the_administrator_enables(own, lin, admin, live, sample):
    draft = bring(live(lin), sample("路灯"))
    browser = live(lin)
    page = to_plan(browser, draft)
    assert "提交系统管理员启用" in page.content.decode()
    refused = browser.post(reverse("ledgers:design_apply", args=[draft.pk]), {"digest": page.context["digest"]})
    assert refused.status_code == 404
    browser = live(admin)
    assert browser.get(reverse("ledgers:design", args=[draft.pk])).status_code == 404  # not handed in yet
    live(lin).post(reverse("ledgers:design_send", args=[draft.pk]))
    browser = live(admin)
    desk = browser.get(reverse("desk")).content.decode()
    assert "路灯巡检台账" in desk
    assert "等你启用" in desk
    assert (
        "D003" not in browser.get(reverse("ledgers:design", args=[draft.pk])).content.decode()
    )  # no samples for others
    assert "路灯巡检台账" in browser.get(reverse("ledgers:designs")).content.decode()
    assert enable(browser, draft).status_code == 302
    draft.refresh_from_db()
    assert draft.applied_by == admin
    assert "own_ludengxunjian" in applied_packs().packs
    assert browser.post(reverse("ledgers:design_import", args=[draft.pk])).status_code in (
        404,
        503,
    )  # the rows are Lin's


@pytest.mark.django_db(transaction=True)
def test_what_was_not_shown_is_not_done(own, both, live, sample):
    browser = live(both)
    draft = bring(browser, sample("水表"))
    to_plan(browser, draft)
    answer = browser.post(reverse("ledgers:design_apply", args=[draft.pk]), {"digest": "other"})
    assert answer.status_code == 409
    assert "请看过新的预览" in answer.content.decode()
    assert not list(own.glob("*.toml"))


@pytest.mark.django_db(transaction=True)
def test_packs_applied_in_between_are_not_undone(own, both, live, sample):
    browser = live(both)
    one, other = bring(browser, sample("水表")), bring(browser, sample("路灯"))
    page = to_plan(browser, one)
    enable(browser, other)
    answer = browser.post(reverse("ledgers:design_apply", args=[one.pk]), {"digest": page.context["digest"]})
    assert answer.status_code == 409
    assert "own_ludengxunjian" in applied_packs().packs
    assert enable(browser, one).status_code == 302
    assert {"own_ludengxunjian", "own_shuifeichao"} <= set(applied_packs().packs)


@pytest.mark.django_db(transaction=True)
def test_a_failed_application_leaves_neither_file_nor_table(own, both, live, sample, monkeypatch):
    browser = live(both)
    draft = bring(browser, sample("水表"))
    page = to_plan(browser, draft)
    before = applied_hash()
    monkeypatch.setattr("zhenwu.packs.apply.indexes.bring", lambda editor, model: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        browser.post(reverse("ledgers:design_apply", args=[draft.pk]), {"digest": page.context["digest"]})
    assert not list(own.glob("*"))
    assert applied_hash() == before
    with connection.cursor() as cursor:
        assert "lg_own_shuifeichao" not in connection.introspection.table_names(cursor)


@pytest.mark.django_db(transaction=True)
def test_an_existing_own_ledger_is_changed_and_keeps_its_ids(own, both, live, sample, restarted):
    browser = live(both)
    enable(browser, bring(browser, sample("路灯")))
    restarted()
    answer = browser.post(reverse("ledgers:design_change", args=["own_ludengxunjian"]))
    draft = DesignDraft.objects.get(ledger="own_ludengxunjian")
    assert answer.url == reverse("ledgers:design", args=[draft.pk])
    page = browser.get(answer.url)
    post, lamp, fault = form(page), box_of(page, "功率"), box_of(page, "故障描述")
    post[f"{lamp.name}-label"] = "灯的功率"
    answer = browser.post(page.request["PATH_INFO"], post | {"act": f"remove-{fault.part.number}"})
    answer = browser.post(page.request["PATH_INFO"], form(browser.get(page.request["PATH_INFO"])) | {"act": "add"})
    page = browser.get(answer.url)
    added = page.context["parts"][-1]
    post = form(page) | {
        f"{added.name}-label": "灯型",
        f"{added.name}-type": "choice",
        f"{added.name}-options": "LED、钠灯",
        f"{added.name}-code": "",
    }
    answer = browser.post(page.request["PATH_INFO"], post | {"act": "plan"})
    plan = browser.get(answer.url)
    assert {step.kind for step in plan.context["steps"]} >= {"add", "retire"}
    browser.post(reverse("ledgers:design_apply", args=[draft.pk]), {"digest": plan.context["digest"], "agreed": "1"})
    pack = applied_packs().packs["own_ludengxunjian"]
    fields = {one.label: one for one in pack.field}
    assert fields["灯的功率"].id == lamp.part.id
    assert fields["灯型"].id == max(one.id for one in pack.field)
    assert pack.retired == (fault.part.id,)


@pytest.mark.django_db(transaction=True)
def test_a_pack_file_from_another_township(own, both, live, sample):
    browser = live(both)
    enable(browser, bring(browser, sample("路灯")))
    text = (own / "own_ludengxunjian.toml").read_text(encoding="utf-8")
    text = text.replace('"own_ludengxunjian"', '"own_lamps"').replace('prefix = "ZLDX"', 'prefix = "ZLAM"')
    answer = browser.post(reverse("ledgers:design_receive"), {"file": SimpleUploadedFile("lamps.toml", text.encode())})
    assert answer.status_code == 302
    assert enable(browser, DesignDraft.objects.latest("at")).status_code == 302
    assert "own_lamps" in applied_packs().packs
    bad = text.replace('code = "own_lamps"', 'code = "hazard"').encode()
    answer = browser.post(reverse("ledgers:design_receive"), {"file": SimpleUploadedFile("h.toml", bad)})
    assert answer.status_code == 422
    assert "随软件发行" in answer.content.decode()


@pytest.mark.django_db
def test_problems_stand_at_their_box(villages, both, live, sample):
    browser = live(both)
    draft = bring(browser, sample("灭火器"))
    page = browser.get(reverse("ledgers:design", args=[draft.pk]))
    post, place, kind = form(page), box_of(page, "存放位置"), box_of(page, "类型")
    post |= {f"{place.name}-code": "order", f"{kind.name}-label": "存放位置", "unit": "", "act": "plan"}
    answer = browser.post(page.request["PATH_INFO"], post)
    assert answer.status_code == 422
    errors = {box.part.number: box.errors for box in answer.context["parts"] if box.errors}
    assert set(errors) == {place.part.number, kind.part.number}
    assert "“order”另有用处" in errors[place.part.number]["code"][0]
    assert answer.context["errors"]["unit"] == ["请填写主管站所。"]


@pytest.mark.django_db
def test_a_column_made_a_choice_takes_its_options_from_the_sample(villages, both, live, sample):
    browser = live(both)
    draft = bring(browser, sample("灭火器"))
    page = browser.get(reverse("ledgers:design", args=[draft.pk]))
    size = box_of(page, "规格")
    browser.post(page.request["PATH_INFO"], form(page) | {f"{size.name}-type": "choice", "act": "save"})
    page = browser.get(page.request["PATH_INFO"])
    assert box_of(page, "规格").options == "4、5"


@pytest.mark.django_db
def test_a_personal_type_cannot_be_made_open(villages, both, live, sample):
    browser = live(both)
    draft = bring(browser, sample("灭火器"))
    page = browser.get(reverse("ledgers:design", args=[draft.pk]))
    phone = box_of(page, "联系电话")
    browser.post(page.request["PATH_INFO"], form(page) | {f"{phone.name}-privacy": "S0", "act": "save"})
    assert box_of(browser.get(page.request["PATH_INFO"]), "联系电话").part.privacy == "S2"


@pytest.mark.django_db
def test_what_is_not_ones_own_does_not_exist(villages, lin, chen, leader, live, sample):
    draft = bring(live(lin), sample("路灯"))
    for user in (chen, leader):
        browser = live(user)
        for name in ("design", "design_plan", "design_text", "design_started", "design_ready"):
            assert browser.get(reverse(f"ledgers:{name}", args=[draft.pk])).status_code == 404
        for name in ("design", "design_send", "design_apply", "design_import", "design_drop"):
            assert browser.post(reverse(f"ledgers:{name}", args=[draft.pk])).status_code == 404
    assert live(leader).get(reverse("ledgers:design_new")).status_code == 404  # leads, and enters nothing


@pytest.mark.django_db
def test_a_file_without_a_table_says_what_to_do(villages, lin, live):
    answer = live(lin).post(reverse("ledgers:design_new"), {"file": SimpleUploadedFile("x.csv", b"1,2\n3,4\n")})
    assert answer.status_code == 422
    assert "表头" in answer.content.decode()
    assert not DesignDraft.objects.exists()


def test_nobody_designs_without_logging_in(client, db):
    assert client.get(reverse("ledgers:design_new")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_every_table_go_into_the_ledger_proposed_for_it(own, both, live, sample, restarted):
    browser = live(both)
    made = {name: bring(browser, sample(name)) for name in SAMPLES}
    wanted = applied_packs()
    for draft in made.values():
        draft.said |= {"line": "safety", "unit": "应急办"}
        _, wanted, problems = read_beside(drafts.text_of(draft), "own", wanted)
        assert not problems
        draft.status = DesignDraft.Status.APPLIED
        draft.save()
    apply(wanted)
    restarted()
    found = {}
    for name, draft in made.items():
        answer = browser.post(reverse("ledgers:design_import", args=[draft.pk]))
        preview = browser.get(answer.url)
        found[name] = preview.context.get("counts") or preview.context["problem"]
    assert found == {name: {"add": 14, "change": 0, "same": 0, "problem": 0} for name in SAMPLES}


@pytest.mark.django_db
def test_a_sample_does_not_lie_here_for_ever(villages, lin, live, sample):
    from zhenwu.ledgers.designer.samples import forget_samples, has_sample

    draft = bring(live(lin), sample("路灯"))
    assert has_sample(draft)
    assert forget_samples(draft.at) == 0
    assert forget_samples(draft.at + timedelta(seconds=1)) == 1
    assert not has_sample(draft)
    assert live(lin).get(reverse("ledgers:design", args=[draft.pk])).status_code == 200  # the proposal stays


@pytest.mark.django_db(transaction=True)
def test_a_changed_type_shows_what_does_not_convert_and_asks(own, both, admin, live, sample, restarted):
    browser = live(both)
    draft = bring(browser, sample("路灯"))
    draft.said |= {"line": "safety", "unit": "应急办"}  # what Lin handles
    draft.save()
    enable(browser, draft)
    restarted()
    answer = browser.post(reverse("ledgers:design_import", args=[draft.pk]))
    browser.post(answer.url + "apply/", {"digest": browser.get(answer.url).context["digest"]})
    browser.post(reverse("ledgers:design_change", args=["own_ludengxunjian"]))
    change = DesignDraft.objects.get(ledger="own_ludengxunjian")
    page = browser.get(reverse("ledgers:design", args=[change.pk]))
    fault = box_of(page, "故障描述")
    post = form(page) | {f"{fault.name}-type": "integer", "act": "plan"}
    answer = browser.post(page.request["PATH_INFO"], post)
    assert answer.status_code == 302, (answer.context["errors"], [box.errors for box in answer.context["parts"]])
    plan = browser.get(answer.url)
    step = next(one for one in plan.context["steps"] if one.kind == "convert")
    assert (step.rows, step.lost) == (7, 7)
    assert "灯头损坏" in plan.content.decode()
    said = {"digest": plan.context["digest"]}
    refused = browser.post(reverse("ledgers:design_apply", args=[change.pk]), said)
    assert refused.status_code == 409
    assert applied_packs().packs["own_ludengxunjian"].field == runtime.ledger("own_ludengxunjian").pack.field
    browser.post(reverse("ledgers:design_send", args=[change.pk]))
    seen = live(admin).get(reverse("ledgers:design_plan", args=[change.pk]))
    assert seen.context["loses"]
    assert "灯头损坏" not in seen.content.decode()  # who alters tables does not read the rows
    assert (
        live(admin).post(reverse("ledgers:design_apply", args=[change.pk]), said | {"agreed": "1"}).status_code == 302
    )
    assert {one.label: one.type for one in applied_packs().packs["own_ludengxunjian"].field}["故障描述"] == "integer"
