"""The worked examples of hard rule HR10 (masking and small cells), and exports that another person has to approve."""

import csv
import io
from datetime import date, timedelta

import pytest
import typer
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from zhenwu.accounts.models import User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import AuditEntry, SourceKind
from zhenwu.config.cli import ledgers as cli
from zhenwu.ledgers import releasing
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.models import ExportRequest
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.lib.crypto import CryptoError
from zhenwu.lib.masking import Level, mask_idno, mask_name, suppress_small
from zhenwu.packs import runtime

IDNO = "519999195302141012"
PHONE = "13800001234"


@pytest.fixture
def sixty(lin, places):
    """Sixty persons, each with a number."""
    rows = [
        Add({"name": f"陈{n}", "phone": f"138{n:08d}", "birth": date(1960, 1, 1)}, places["青山村"].pk)
        for n in range(60)
    ]
    commit(Draft("person", lin, rows, Source(SourceKind.FORM)))


@pytest.fixture
def asked(sixty, lin):
    def make(**more):
        said = {"purpose": "P2", "basis": "12月低保金发放", "receiver": "信用社"} | more
        return releasing.ask(runtime.ledger("person"), "", "csv", by=lin, **said)

    return make


def read(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def log() -> list[str]:
    return list(AuditEntry.objects.filter(kind="export").order_by("seq").values_list("said", flat=True))


# HR10, examples 1 to 3
def test_example_1_a_number_beside_a_birthday_hides_more(person, lin, tmp_path):
    assert mask_idno(IDNO, Level.LISTS) == "519999********1012"
    person(lin, idno=IDNO, birth=date(1953, 2, 14))
    export(runtime.ledger("person"), lin, tmp_path / "out.csv")
    line = next(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    assert "5****************2" in line.values()
    assert "1953-02-14" in line.values()
    assert "519999" not in str(line).replace("519999100201", "")


def test_example_2_names_on_prints():
    assert [mask_name(name, Level.PRINTS) for name in ("欧阳明", "张三")] == ["欧*明", "张*"]


def test_example_3_one_more_small_cell_is_coarsened():
    shown = suppress_small([12, 3, 7, 9], 5)
    assert shown == ["12", "<5", "<10", "9"]  # 31 less the open ones leaves 10 for two cells, not 3 for one


# example 4
def test_example_4_sixty_rows_with_numbers_need_another_person(live, lin, leader, chen, sixty):
    answer = live(lin).get(reverse("ledgers:export", args=["person", "csv"]))
    assert answer.status_code == 302
    page = live(lin).get(answer["Location"])
    assert "有60行，含个人信息" in page.content.decode()
    assert live(lin).post(answer["Location"], {"purpose": "P2", "basis": ""}).status_code == 422
    assert live(lin).post(answer["Location"], {"basis": "低保金发放"}).status_code == 422
    live(lin).post(answer["Location"], {"purpose": "P2", "basis": "低保金发放", "full": "1"})
    one = ExportRequest.objects.get()
    address = reverse("ledgers:export_request", args=[one.pk])
    assert live(lin).post(address, {"act": "agree"}).status_code == 422  # not by who asked
    assert live(chen).get(address).status_code == 404
    assert "低保金发放" in live(leader).get(reverse("ledgers:exports")).content.decode()
    assert live(leader).post(address, {"act": "agree"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.count, one.most, one.decided_by) == ("approved", 60, 3, leader)
    assert one.expires_on == timezone.localdate() + timedelta(days=7)
    file = reverse("ledgers:export_file", args=[one.pk])
    assert live(leader).get(file).status_code == 404
    rows = read(live(lin).get(file))
    assert len(rows) == 60
    assert "13800000007" in {value for row in rows for value in row.values()}
    for _ in range(2):
        assert live(lin).get(file).status_code == 200
    assert live(lin).get(file).status_code == 302  # the three are used up
    said = log()
    assert [(one.startswith("申请"), one.startswith("同意"), one.startswith("下载")) for one in said] == [
        (True, False, False), (False, True, False), *[(False, False, True)] * 3,
    ]  # fmt: skip
    assert all("资金发放" in one for one in said)


def test_few_rows_or_open_columns_need_nobody(live, lin, person, sixty):
    answer = live(lin).get(reverse("ledgers:export", args=["person", "csv"]) + "?open=1")
    rows = read(answer)
    assert len(rows) == 60
    assert not {"电话", "公民身份号码", "身份证号"} & set(rows[0])
    answer = live(lin).get(reverse("ledgers:export", args=["person", "csv"]) + "?q=陈7")
    assert answer.status_code == 200


def test_what_is_sensitive_needs_approval_for_one_row(live, lin, add_row, places, person):
    case = add_row(lin, "dibao", places["青山村"])
    add_row(lin, "dibao_member", places["青山村"], dibao=case.pk, person=person(lin).pk, boost="none")
    answer = live(lin).get(reverse("ledgers:export", args=["dibao_member", "xlsx"]))
    assert answer.status_code == 302
    assert "敏感内容（分类施保" in live(lin).get(answer["Location"]).content.decode()


def test_the_file_lies_encrypted_and_goes_when_its_days_are_over(asked, lin, leader, instance):
    one = asked(full=True)
    one = releasing.decide(one, runtime.ledger("person"), agree=True, by=leader, on=date(2020, 12, 1))
    releasing.make(one)
    kept = list((instance / "exports").glob(f"{one.pk.hex}*"))
    assert len(kept) == 2  # the file and its key
    assert not any(b"13800000007" in path.read_bytes() for path in kept)
    one.refresh_from_db()
    assert b"13800000007" in b"".join(releasing.fetch(one, runtime.ledger("person"), by=lin, on=date(2020, 12, 8)))
    with pytest.raises(LedgerError, match="到期"):
        releasing.fetch(one, runtime.ledger("person"), by=lin, on=date(2020, 12, 9))
    assert releasing.end_expired(date(2020, 12, 8)) == 0
    assert releasing.end_expired(date(2020, 12, 9)) == 1
    assert not list((instance / "exports").glob(f"{one.pk.hex}*"))
    assert list(releasing.overdue(date(2020, 12, 9))) == [one]
    releasing.note_destroyed(one, runtime.ledger("person"), by=lin, on=date(2020, 12, 10))
    assert not releasing.overdue(date(2020, 12, 11)).exists()


def test_who_may_not_read_any_more_gets_nothing(asked, lin, leader):
    one = releasing.decide(asked(), runtime.ledger("person"), agree=True, by=leader, on=timezone.localdate())
    releasing.make(one)
    lin.appointments.update(valid_to=timezone.localdate())
    later = User.objects.get(pk=lin.pk)  # rights are looked up once a request
    with pytest.raises(NotAllowed):
        releasing.fetch(ExportRequest.objects.get(), runtime.ledger("person"), by=later, on=timezone.localdate())


def test_refused_or_withdrawn_it_gives_nothing(asked, lin, leader):
    ledger, today = runtime.ledger("person"), timezone.localdate()
    with pytest.raises(LedgerError, match="原因"):
        releasing.decide(asked(), ledger, agree=False, by=leader, on=today)
    one = releasing.decide(ExportRequest.objects.get(), ledger, agree=False, note="范围太大", by=leader, on=today)
    with pytest.raises(LedgerError):
        releasing.fetch(one, ledger, by=lin, on=today)
    other = releasing.withdraw(asked(), by=lin)
    with pytest.raises(LedgerError, match="已撤回"):
        releasing.decide(other, ledger, agree=True, by=leader, on=today)
    with pytest.raises((LedgerError, CryptoError, FileNotFoundError)):
        releasing.fetch(other, ledger, by=lin, on=today)


def test_the_command_line(sixty, lin, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "start_django", lambda: None)
    app = typer.Typer()
    cli.register(app)
    run, out = CliRunner(), tmp_path / "out.csv"
    refused = run.invoke(app, ["export", "person", "-o", str(out), "--as", "lin"])
    assert "申请导出" in str(refused.exception)
    assert not out.exists()
    assert run.invoke(app, ["export", "person", "-o", str(out), "--as", "lin", "--open-only"]).exit_code == 0
    assert "138000" not in out.read_text(encoding="utf-8-sig")
    public = tmp_path / "public.xlsx"
    wrong = run.invoke(app, ["export", "site_none", "-o", str(tmp_path / "public.csv"), "--public"])
    assert "xlsx" in str(wrong.exception)
    nothing = run.invoke(app, ["export", "person", "-o", str(public), "--public"])
    assert "没有可以公示的字段" in str(nothing.exception)
    copy = tmp_path / "copy.xlsx"
    row = runtime.model_for("person").objects.unscoped("test").first()
    assert (
        run.invoke(app, ["person-copy", row.no, "--purpose", "本人申请查阅", "-o", str(copy), "--as", "lin"]).exit_code
        == 0
    )
    assert copy.read_bytes()[:2] == b"PK"
    assert (
        run.invoke(app, ["person-copy", "RK-1900-00001", "--purpose", "本人申请", "-o", str(copy)]).exception.code == 1
    )
    short = run.invoke(app, ["person-copy", row.no, "--purpose", "x", "-o", str(copy), "--as", "lin"])
    assert "用途" in str(short.exception)
