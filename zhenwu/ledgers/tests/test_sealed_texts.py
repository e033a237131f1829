"""Texts of class S3: nobody reads them in the database, whoever may see them opens them for a purpose, and they go every way
that values go."""

import json
from datetime import date

import openpyxl
import pytest
from django.db import connection

from zhenwu.changes.actions import Source
from zhenwu.changes.models import AuditEntry, History, SourceKind
from zhenwu.ledgers import resealing, search_index
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused
from zhenwu.ledgers.exporting import write_export
from zhenwu.ledgers.importing.actions import stage_file
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.models import Reveal, SearchEntry
from zhenwu.ledgers.operations import Add, Draft, Edit, Restore
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.retention import orders
from zhenwu.ledgers.retention.erasing import carry_out
from zhenwu.lib.crypto import KeyRing
from zhenwu.mart.schema import build_schema
from zhenwu.packs import runtime
from zhenwu.packs.apply import applied_packs, apply
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Applied
from zhenwu.packs.plan import make_plan
from zhenwu.packs.reader import PackSet, load_dump, read_packs_with_problems
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

TODAY = date(2020, 6, 1)
FORM = Source(SourceKind.FORM)
ILL, STORY = "双相情感障碍", "2019年起在县医院就诊\n按月随访"
CLOSED = "●●●●"


def fields(privacy="S3"):
    said = {"privacy": f'"{privacy}"'}
    steps = """id = 4
code = "visits"
label = "走访"
type = "rows"
[[field.column]]
id = 1
code = "found"
label = "情况"
type = "text"
privacy = "S3"
"""
    return [text(1, "name"), text(2, "ill", **said), text(3, "story", type='"longtext"', **said), steps]


def of(privacy="S3"):
    return pack("trial", *fields(privacy), ledger='key = ["name"]\nprivacy = "S1"\nretention_years = 10\n')


@pytest.fixture
def trial(running, places, monkeypatch):  # noqa: F811
    return running(trial=of())["trial"]


@pytest.fixture
def row(trial, lin, places):
    values = {"name": "陈一", "ill": ILL, "story": STORY, "visits": [{"id": None, "found": "情绪稳定服药"}]}
    commit(Draft("trial", lin, [Add(values, places["青山村"].pk)], FORM, today=TODAY))
    return trial.rows("test").get()


def values(ledger):
    (one,) = ledger.rows("test")
    return tuple(ledger.types[code].from_row(one) for code in ("name", "ill", "story"))


def kept_text():
    """Whatever the tables of the ledger, history and search hold, as text."""
    found = []
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith("lg_trial")]
        for name in (*names, "changes_history", "ledgers_searchentry"):
            cursor.execute(f'SELECT * FROM "{name}"')
            found += [str(one) for one in cursor.fetchall()]
    return "\n".join(found)


# at rest
def test_nothing_in_the_database_says_it(trial, row, lin):
    assert values(trial) == ("陈一", ILL, STORY)
    commit(Draft("trial", lin, [Edit(row.pk, 1, {"ill": "已康复出院"})], FORM, today=TODAY))
    said = kept_text()
    assert "陈一" in said
    for secret in (ILL, "县医院", "情绪稳定", "已康复"):
        assert secret not in said
        assert json.dumps(secret)[1:-1] not in said
    assert KeyRing.is_token(trial.rows("test").get().ill)
    assert list(verify("trial")) == []


def test_a_ciphertext_of_another_row_is_found(trial, row, lin, places):
    commit(Draft("trial", lin, [Add({"name": "陈二", "ill": "健康"}, places["青山村"].pk)], FORM, today=TODAY))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET ill = (SELECT ill FROM lg_trial WHERE name = '陈二') WHERE name = '陈一'")
    assert [one.message for one in verify("trial")] == [f"{row.no}被绕过平台改动：ill的名称。"]


def test_the_mart_the_search_and_the_list_know_no_word_of_it(trial, row, lin, live):
    packs = runtime.packs()
    columns = build_schema(packs.packs, packs.parameters).tables["trial"].columns
    assert "ill_hash" in columns
    assert "ill" not in columns
    assert not SearchEntry.objects.filter(text__contains="情感").exists()
    assert [kind.code for kind in search_index.searched_fields(trial)] == ["name"]
    client, own = live(lin), f"/ledgers/trial/{row.pk}/"
    for url in (
        "/ledgers/trial/",
        own,
        f"{own}edit/",
        f"{own}history/",
        "/ledgers/trial/?sort=ill",
        "/ledgers/trial/grid/",
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert not [one for one in (ILL, "县医院", "情绪稳定") if one in answer.content.decode()], url
    answers = [client.get(f"/ledgers/trial/?f_ill={one}").content.decode() for one in (ILL, "健康")]
    assert [row.no in one for one in answers] == [True, True]  # nobody finds out by asking
    assert row.no not in client.get(f"/ledgers/trial/?q={ILL}").content.decode()
    assert CLOSED in client.get(f"/ledgers/trial/{row.pk}/").content.decode()


# opened and changed
def test_it_is_opened_for_a_purpose_and_stays_when_the_form_says_nothing(trial, row, lin, live, places):
    client, url = live(lin), f"/ledgers/trial/{row.pk}/reveal/story/"
    assert "县医院" not in client.get(url).content.decode()
    assert "县医院" in client.post(url, {"purpose": "P6", "note": "核对随访"}).content.decode()
    assert Reveal.objects.get().field == "story"
    assert "县医院" not in "".join(AuditEntry.objects.values_list("said", flat=True))
    data = {"name": "陈一", "ill": "", "story": "", "division": places["青山村"].pk, "version": 1, "act": "save"}
    data |= {"visits-count": 0}
    assert client.post(f"/ledgers/trial/{row.pk}/edit/", data | {"note": "改一处"}).status_code == 302
    assert values(trial) == ("陈一", ILL, STORY)
    client.post(f"/ledgers/trial/{row.pk}/edit/", data | {"version": 2, "ill": "轻度抑郁", "story_clear": "1"})
    assert values(trial) == ("陈一", "轻度抑郁", None)


def test_undo_and_restore_bring_it_back(trial, row, lin):
    change = commit(Draft("trial", lin, [Edit(row.pk, 1, {"ill": "健康", "story": None})], FORM, today=TODAY))
    assert values(trial) == ("陈一", "健康", None)
    undo(change, by=lin, reason="改错了")
    assert values(trial) == ("陈一", ILL, STORY)
    commit(Draft("trial", lin, [Restore(row.pk, 3, 2)], FORM, "恢复", today=TODAY))
    assert values(trial) == ("陈一", "健康", None)
    assert list(verify("trial")) == []


def test_its_length_and_pattern_are_kept_and_the_refusal_names_the_field(running, lin, places):  # noqa: F811
    running(trial=pack("trial", text(1, "name"), text(2, "ill", privacy='"S3"', max_length=4)))
    with pytest.raises(CommitRefused, match=r"ill的名称.*最多4个字"):
        commit(Draft("trial", lin, [Add({"name": "陈一", "ill": ILL})], FORM, today=TODAY))


# out and in
def test_a_sheet_brings_it_in_and_an_export_takes_it_out_masked_or_whole(trial, row, lin, places, tmp_path):
    scope, book = scope_in(lin, trial), tmp_path / "all.xlsx"
    write_export(trial, lin, book, ListQuery(), scope=scope)
    assert openpyxl.load_workbook(book).worksheets[0]["D2"].value == CLOSED
    staged = stage_file("trial", book, name="all.xlsx", by=lin, today=TODAY)
    assert {status for status, count in staged.counts.items() if count} == {"same"}
    write_export(trial, lin, book, ListQuery(), scope=scope, full=True)
    sheet = openpyxl.load_workbook(book)
    assert [cell.value for cell in sheet.worksheets[0][2]][3:5] == [ILL, STORY]
    sheet.worksheets[0]["D2"] = "已康复"
    sheet.save(book)
    staged = stage_file("trial", book, name="all.xlsx", by=lin, today=TODAY)
    (changed,) = [one for one in staged.rows if one.changes]
    assert "已康复" not in str(changed.changes)
    assert "ill的名称" in changed.changes


# keys and the end
@pytest.fixture
def ring(tmp_path, monkeypatch, settings):
    made = KeyRing.create(tmp_path / "keys")
    settings.INSTANCE = tmp_path
    for module in (
        "changes.keys",
        "packs.types.personal",
        "packs.types.sealed",
        "ledgers.resealing",
        "changes.actions",
    ):
        monkeypatch.setattr(f"zhenwu.{module}.keyring", lambda: made)
    return made


def test_a_new_data_key_takes_all_of_it_along(ring, trial, row):
    ring.rotate()
    assert resealing.waiting() == 6  # two fields and a line, each in the table and in history
    assert sum(resealing.reseal_all()) == 6
    ring.destroy_older()
    assert values(trial) == ("陈一", ILL, STORY)
    assert list(verify("trial")) == []


def test_erasure_leaves_nothing_of_it(trial, row, lin, leader):
    order = orders.propose(trial, [date.today().year], "保管期满", by=lin, on=date(2130, 1, 1))
    carry_out(orders.decide(order, trial, agree=True, note="", by=leader), on=date(2130, 1, 1))
    assert values(trial) == (None, None, None)
    assert not any(KeyRing.is_token(one) for one in History.objects.values_list("values", flat=True))
    assert "z1." not in kept_text()
    assert list(verify("trial")) == []


# another class
def test_raising_the_class_seals_what_is_there_and_lowering_opens_it(running, applying, lin, places):  # noqa: F811
    running(trial=pack("trial", *fields("S1")[:3]))
    commit(Draft("trial", lin, [Add({"name": "陈一", "ill": ILL, "story": STORY})], FORM, today=TODAY))
    first = runtime.ledger("trial").rows("test").get()
    assert SearchEntry.objects.filter(text__contains="情感").exists()
    steps = make_plan(applied_packs(), applying.wanted(trial=pack("trial", *fields()[:3])))
    said = [one.message for one in steps if one.kind == "convert"]
    assert len(said) == 2
    assert "由文字改为加密文字：1行转换；转换后的值加密保存，原来的明文清空。历史里此前的版本" in said[0]

    ledger = running(trial=pack("trial", *fields()[:3]))["trial"]
    assert values(ledger) == ("陈一", ILL, STORY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lg_trial")
        assert ILL not in str(cursor.fetchall())
    newest = History.objects.get(row=first.pk, version=2)
    assert ILL not in newest.values
    assert set(newest.sealed) == {"ill", "story"}
    assert not SearchEntry.objects.filter(text__contains="情感").exists()
    assert list(verify("trial")) == []
    commit(Draft("trial", lin, [Edit(first.pk, 2, {"ill": "健康"})], FORM, today=TODAY))
    commit(
        Draft("trial", lin, [Restore(first.pk, 3, 1)], FORM, "恢复", today=TODAY)
    )  # a version from before it was sealed
    assert values(ledger) == ("陈一", ILL, STORY)

    with pytest.raises(ApplyRefused, match="由 S3 降为 S1：1行的值今后会有更多人看到"):
        applying(trial=pack("trial", *fields("S1")[:3]))
    ledger = running(trial=pack("trial", *fields("S1")[:3]), agreed=True)["trial"]
    assert values(ledger) == ("陈一", ILL, STORY)
    assert ledger.rows("test").get().ill == ILL
    commit(Draft("trial", lin, [Restore(first.pk, 5, 3)], FORM, "恢复", today=TODAY))  # a version that was sealed
    assert values(ledger) == ("陈一", "健康", STORY)
    assert list(verify("trial")) == []


def test_what_was_applied_before_texts_were_sealed_is_sealed_by_the_next_apply(running, applying, lin):  # noqa: F811
    """An instance of an older version: its snapshot says class S3 and nothing of sealing."""
    wanted = applying.wanted(trial=pack("trial", *fields()[:3]))
    dump = wanted.dump()
    for one in dump["packs"]:
        for field in one["field"]:
            field.pop("sealed")
    old = load_dump(dump)
    apply(PackSet(old.packs, old.parameters))
    assert not any(one.sealed for one in applied_packs().packs["trial"].field)
    steps = make_plan(applied_packs(), wanted)
    assert {(one.kind, one.field) for one in steps if one.ledger == "trial" and one.kind == "convert"} == {
        ("convert", "ill"), ("convert", "story"),
    }  # fmt: skip
    assert running(trial=pack("trial", *fields()[:3]))["trial"].types["ill"].is_sealed
    assert Applied.objects.order_by("-pk").first().hash == wanted.hash


def test_a_sealed_text_names_no_row_and_decides_nothing(write):  # noqa: F811
    rule = '[[rule]]\ncode = "same"\ncompare = ["name", "!=", "ill"]\nmessage = "相同"\n'
    title = 'title = ["ill"]\nprivacy = "S3"\n'
    made = pack("trial", text(1, "name"), text(2, "ill", privacy='"S3"'), ledger=title, more=rule)
    _, problems = read_packs_with_problems([write(a=made)])
    assert [one.where for one in problems] == ["ledger.title", "rule same"]
    assert all("can name no row and decide nothing" in str(one) for one in problems)


def test_a_pack_can_keep_a_text_open_and_says_so(write):  # noqa: F811
    fields = [text(1, "name"), text(2, "ill", privacy='"S3"', sealed="false"), text(3, "other", privacy='"S3"')]
    packs, problems = read_packs_with_problems([write(a=pack("trial", *fields))])
    assert problems == []
    assert [one.sealed for one in packs.packs["trial"].field] == [False, False, True]


def test_a_column_of_a_child_table_is_not_sealed_afterwards(running, applying):  # noqa: F811
    def lines(more):
        column = f'[[field.column]]\nid = 1\ncode = "found"\nlabel = "情况"\ntype = "text"\n{more}\n'
        return pack("trial", text(1, "name"), f'id = 4\ncode = "visits"\nlabel = "走访"\ntype = "rows"\n{column}')

    running(trial=lines('privacy = "S2"'))
    with pytest.raises(ApplyRefused, match="子表的列不能改类型或单位。请新增一列。暂时要保留旧列的"):
        applying(trial=lines('privacy = "S3"'))
    applying(trial=lines('privacy = "S3"\nsealed = false'))


def test_only_texts_are_sealed(write):  # noqa: F811
    fields = [
        text(1, "name"),
        text(2, "born", type='"date"', privacy='"S3"', sealed="true"),
        text(3, "open", sealed="true"),
    ]
    _, problems = read_packs_with_problems([write(a=pack("trial", *fields))])
    assert [str(one).split(": ")[1].split(".")[0] for one in problems] == [
        "type date cannot be sealed", "is sealed, but open by its class",
    ]  # fmt: skip
