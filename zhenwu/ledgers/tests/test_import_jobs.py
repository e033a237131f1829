"""Large imports in the background: left and found again, done once, broken off and taken up, never half and never stuck."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from zhenwu.background.alive import at_work
from zhenwu.background.worker import claim, take_back
from zhenwu.changes.models import Change
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.importing.under_way import Cancelled, How, UnderWay
from zhenwu.ledgers.models import ImportJob, RememberedHeader
from zhenwu.ledgers.tests.test_sheets import HEAD, rows, upload, url

STATUS = ImportJob.Status


@pytest.fixture
def large(settings):
    """Every sheet is a large one."""
    settings.IMPORT_AT_ONCE_BYTES = 0


@pytest.fixture
def many(sheet):
    """`many(n, …)` is a sheet of n good rows and the given ones."""

    def made(count: int, *more):
        good = [
            ["青山村", ("消防", "燃气")[number // 90], 2000 + number % 90, "陈青", "2020-01-05"]
            for number in range(count)
        ]
        return sheet([HEAD, *good, *more])

    return made


@pytest.fixture
def begun(live, lin, many, large, queued, places):
    """(client, job) of an upload that waits to be read."""
    client = live(lin)
    upload(client, many(5))
    return client, ImportJob.objects.get()


def page_of(client, job):
    return client.get(url("import_preview", job.pk))


def confirm(client, job, **more):
    job.refresh_from_db()
    return client.post(url("import_apply", job.pk), {"digest": job.digest} | more)


def test_a_large_sheet_is_read_and_applied_while_nobody_waits(begun, queued):
    client, job = begun
    page = page_of(client, job)
    assert "正在读取" in page.content.decode()
    assert client.get(url("import_progress", job.pk)).context["progress"]["poll_url"]
    assert queued() == 1
    assert client.get(url("import_progress", job.pk))["HX-Refresh"] == "true"
    page = page_of(client, job)
    assert page.context["counts"] == {"add": 5, "change": 0, "same": 0, "problem": 0}
    confirm(client, job)
    assert rows().count() == 0
    assert "正在导入" in page_of(client, job).content.decode()
    assert queued() == 1
    job.refresh_from_db()
    assert (job.status, rows().count(), job.change.ledgers) == (STATUS.APPLIED, 5, {"site_none": 5})
    assert "查看这次变更" in page_of(client, job).content.decode()


def test_it_can_be_left_and_found_again(begun, queued, lin, chen, live):
    client, job = begun
    queued()
    listed = client.get(url("imports"))
    assert [one["job"].pk for one in listed.context["jobs"]] == [job.pk]
    assert "待确认" in listed.content.decode()
    assert live(chen).get(url("imports")).context["jobs"] == []


def test_two_clicks_apply_once(begun, queued):
    client, job = begun
    queued()
    confirm(client, job)
    answer = confirm(client, job)
    assert answer.status_code == 302
    assert DBTaskResult.objects.ready().count() == 1
    queued()
    confirm(client, job)
    queued()
    assert (rows().count(), Change.objects.filter(source_kind="import").count()) == (5, 1)


def test_a_task_done_twice_applies_once(begun, queued):
    """A worker that is killed after its commit, before it can say so, leaves its task to be done again."""
    client, job = begun
    queued()
    confirm(client, job)
    queued()
    DBTaskResult.objects.update(status="READY")
    queued()
    assert (rows().count(), Change.objects.filter(source_kind="import").count()) == (5, 1)


def test_what_a_dead_worker_left_is_taken_up(begun, queued):
    client, job = begun
    with at_work() as me:
        assert claim(me) is not None
    with at_work():
        assert "马上接着做" in page_of(client, job).content.decode()
    take_back()
    queued()
    job.refresh_from_db()
    assert job.status == STATUS.STAGED


def test_what_took_down_every_worker_is_said_and_can_be_begun_again(begun, queued):
    client, job = begun
    for _ in range(3):
        with at_work() as me:
            claim(me)
        take_back()
    page = page_of(client, job)
    assert "没有做完就中断了" in page.content.decode()
    client.post(url("import_again", job.pk))
    assert queued() == 1
    job.refresh_from_db()
    assert job.status == STATUS.STAGED


def test_an_import_broken_off_for_good_goes_back_to_be_confirmed(begun, queued):
    client, job = begun
    queued()
    confirm(client, job)
    DBTaskResult.objects.all().delete()
    assert "没有做完就中断了" in page_of(client, job).content.decode()
    client.post(url("import_again", job.pk))
    queued()
    job.refresh_from_db()
    assert (job.status, rows().count()) == (STATUS.STAGED, 0)
    confirm(client, job)
    queued()
    assert rows().count() == 5


def test_without_a_worker_the_page_says_who_can_help(begun):
    client, job = begun
    assert "告诉系统管理员" in page_of(client, job).content.decode()


def test_a_file_that_cannot_be_read_says_so_on_its_page(live, lin, large, queued, places):
    client = live(lin)
    answer = client.post(url("import", "site_none"), {"file": SimpleUploadedFile("坏.xlsx", b"PK\x03\x04 broken")})
    queued()
    page = client.get(answer["Location"])
    assert page.status_code == 422
    assert "已损坏" in page.content.decode()


def test_a_fault_of_ours_is_said_on_the_job_and_recorded(begun, queued, monkeypatch):
    client, job = begun
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "stage_file", lambda *a, **b: 1 / 0)
        queued()
    page = page_of(client, job)
    assert "意外的错误" in page.content.decode()
    assert DBTaskResult.objects.get().status == "FAILED"
    client.post(url("import_again", job.pk))
    queued()
    assert page_of(client, job).context["counts"]["add"] == 5


def test_a_fault_while_it_is_written_leaves_nothing_and_says_so(begun, queued, monkeypatch):
    client, job = begun
    queued()
    confirm(client, job)
    with monkeypatch.context() as patched:
        patched.setattr("zhenwu.ledgers.writing.Writer.close", lambda self: 1 / 0)
        queued()
    page = page_of(client, job)
    assert (rows().count(), page.context["counts"]["add"]) == (0, 5)
    assert "没有写入任何内容" in page.content.decode()


def test_what_changed_since_is_read_again_and_shown_before_it_is_applied(begun, queued, declaration, chen):
    client, job = begun
    queued()
    confirm(client, job)
    declaration(chen, for_year=2001)  # the same natural key as a row of the sheet
    assert queued() == 2  # it was not applied but read again
    page = page_of(client, job)
    assert page.context["counts"] == {"add": 4, "change": 0, "same": 1, "problem": 0}
    assert "新的改动" in page.content.decode()
    confirm(client, job)
    queued()
    assert rows().count() == 5


def test_a_page_that_is_behind_says_so(begun, queued, declaration, chen):
    client, job = begun
    queued()
    declaration(chen, for_year=2001)
    assert page_of(client, job).context["moved_on"]
    client.post(url("import_again", job.pk))
    queued()
    assert not page_of(client, job).context["moved_on"]


def test_reading_is_stopped_and_given_up(begun, queued, instance):
    client, job = begun
    client.post(url("import_stop", job.pk))
    job.refresh_from_db()
    assert job.status == STATUS.DROPPED
    queued()
    job.refresh_from_db()
    assert job.status == STATUS.DROPPED
    assert not [one for one in (instance / "imports").glob(f"{job.pk.hex}*") if not one.name.endswith(".stop")]


def test_writing_is_stopped_and_leaves_nothing(begun, queued, monkeypatch):
    client, job = begun
    queued()
    confirm(client, job)
    monkeypatch.setattr("zhenwu.ledgers.importing.under_way._EVERY", -1)

    def begin(self):  # the click comes while the worker is at it
        self._stop.touch()

    monkeypatch.setattr(UnderWay, "begin", begin)
    queued()
    job.refresh_from_db()
    assert (job.status, rows().count(), job.problem) == (STATUS.STAGED, 0, "已停止导入，没有写入任何内容。")


def test_progress_is_told_by_rows_and_honest(tmp_path):
    one = UnderWay(tmp_path / "job")
    assert one.how() == How()
    one.stage("读取文件")
    assert one.how().percent is None
    one.later("与台账核对")(500, 2000)
    assert (one.how().stage, one.how().percent) == ("与台账核对", 25)
    one._last = 0
    one.stop()
    with pytest.raises(Cancelled):
        one.later("写入台账")(1, 2)


def test_bad_rows_are_left_out_only_by_choice_and_the_change_says_so(live, lin, many, large, queued, places):
    client = live(lin)
    upload(client, many(3, ["天上村", "消防", 2020, "某人", "2020-01-05"]))
    job = ImportJob.objects.get()
    queued()
    back = client.get(url("import_problems", job.pk))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(back.streaming_content)))
    assert book["需要修改"]["A2"].value == 5
    confirm(client, job)
    queued()
    page = page_of(client, job)
    assert rows().count() == 0
    assert "没有导入：第 5 行" in page.context["notice"]
    confirm(client, job, skip="1")
    queued()
    job.refresh_from_db()
    assert job.change.reason == "导入无此类对象.xlsx；有问题的1行按林澄的选择没有导入"
    assert rows().count() == 3


def test_rows_are_found_by_tab_words_and_page(live, lin, many, places, settings):
    client = live(lin)
    upload(client, many(120, ["天上村", "消防", 2020, "某人", "2020-01-05"]))
    job = ImportJob.objects.get()
    page = page_of(client, job)
    assert (page.context["tab"], [row.place for row in page.context["rows"]]) == ("problem", ["第 122 行"])
    added = client.get(url("import_preview", job.pk) + "?tab=add&page=3")
    assert len(added.context["rows"]) == 20
    found = client.get(url("import_preview", job.pk) + "?tab=add&q=青山村 2077")
    assert [row.place for row in found.context["rows"]] == ["第 79 行"]
    assert client.get(url("import_preview", job.pk) + "?tab=add&q=100%25").context["rows"] == []


# several sheets


@pytest.fixture
def book():
    """`book({name: rows})` is an xlsx with these sheets."""

    def made(sheets):
        target, made = io.BytesIO(), openpyxl.Workbook()
        made.remove(made.active)
        for name, said in sheets.items():
            page = made.create_sheet(name)
            for row in said:
                page.append(row)
        made.save(target)
        return target.getvalue()

    return made


def test_sheets_with_the_same_header_are_read_together(live, lin, book, places):
    client = live(lin)
    good = ["消防", 2020, "陈青", "2020-01-05"]
    upload(client, book({
        "青山村": [HEAD, ["青山村", *good]], "河口村": [["河口村台账"], HEAD, ["河口村", *good], ["天上村", *good]],
        "说明": [["怎样填表"]],
    }))  # fmt: skip
    job = ImportJob.objects.get()
    page = page_of(client, job)
    assert page.context["sheets"] == [("青山村", True, True), ("河口村", False, True), ("说明", False, False)]
    page = client.post(url("import_preview", job.pk), {"sheet": ["青山村", "河口村"]}, follow=True)
    assert page.context["counts"] == {"add": 2, "change": 0, "same": 0, "problem": 1}
    assert "“河口村”第 4 行“村（社区）”填的是“天上村”" in page.content.decode()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(url("import_problems", job.pk)).streaming_content)))
    assert book["需要修改"]["A2"].value == "“河口村”第 4 行"
    confirm(client, job, skip="1")
    assert sorted(rows().values_list("source", flat=True)) == [
        "无此类对象.xlsx “河口村”第 3 行",
        "无此类对象.xlsx “青山村”第 2 行",
    ]


def test_a_sheet_for_each_village_needs_no_column_of_villages(live, lin, book, places):
    client = live(lin)
    rows_ = [HEAD[1:], ["消防", 2020, "陈青", "2020-01-05"]]
    upload(client, book({"青山村": rows_, "河口": rows_}))
    job = ImportJob.objects.get()
    page = client.post(url("import_preview", job.pk), {"sheet": ["青山村", "河口"]}, follow=True)
    assert page.context["counts"]["add"] == 2
    confirm(client, job)
    assert sorted(rows().values_list("division__name", flat=True)) == ["河口村", "青山村"]


def test_sheets_that_differ_are_not_read_together(live, lin, book, places):
    client = live(lin)
    good = ["青山村", "消防", 2020, "陈青", "2020-01-05"]
    upload(client, book({"一": [HEAD, good], "二": [HEAD[::-1], good[::-1]]}))
    job = ImportJob.objects.get()
    page = client.post(url("import_preview", job.pk), {"sheet": ["一", "二"]}, follow=True)
    assert "“二”的表头与“一”不一样" in page.content.decode()


# headers remembered

ODD = ["村（社区）", "领域", "声明年度", "谁签的名", "签字日期"]


def correct(client, job, **chosen):
    """Choose columns on the page as it is, and confirm what comes of it."""
    page = page_of(client, job)
    names = {one["label"]: one["name"] for one in page.context["mapping"]}
    form = {one["name"]: one["target"] for one in page.context["mapping"]}
    form |= {names[label]: target for label, target in chosen.items()}
    form["sheet"] = [name for name, picked, _ in page.context["sheets"] if picked]
    return client.post(url("import_preview", job.pk), form, follow=True)


def test_a_corrected_header_is_remembered_by_the_office_and_can_be_forgotten(live, lin, chen, sheet, places):
    client = live(lin)
    upload(client, sheet([ODD, ["青山村", "消防", 2020, "陈青", "2020-01-05"]]))
    first = ImportJob.objects.get()
    correct(client, first, 谁签的名="signer")
    assert RememberedHeader.objects.count() == 0  # not before it was used
    confirm(client, first)
    assert rows().count() == 1
    again = sheet([ODD, ["青山村", "燃气", 2020, "陈青", "2020-01-05"]])
    page = client.get(upload(client, again)["Location"])
    assert {one["label"]: one["how"] for one in page.context["mapping"]}["谁签的名"] == "上次这样对应"
    assert page.context["counts"]["add"] == 1
    assert "signer" not in str(RememberedHeader.objects.values_list("header", "sheet"))  # digests only
    page = client.post(url("import_forget", page.context["job"].pk), follow=True)
    assert "签字人" in page.context["problem"]
    assert RememberedHeader.objects.count() == 0


def test_what_one_office_remembers_says_nothing_to_a_village(live, lin, chen, sheet, places):
    data = sheet([ODD, ["青山村", "消防", 2020, "陈青", "2020-01-05"]])
    client = live(lin)
    upload(client, data)
    job = ImportJob.objects.get()
    correct(client, job, 谁签的名="signer")
    confirm(client, job)
    page = live(chen).get(upload(live(chen), data)["Location"])
    assert "签字人" in page.context["problem"]


def test_a_remembered_header_helps_in_a_sheet_with_one_more_column(live, lin, sheet, places):
    client = live(lin)
    upload(client, sheet([ODD, ["青山村", "消防", 2020, "陈青", "2020-01-05"]]))
    job = ImportJob.objects.get()
    correct(client, job, 谁签的名="signer")
    confirm(client, job)
    more = sheet([[*ODD, "备注"], ["青山村", "燃气", 2020, "陈青", "2020-01-05", "新的"]])
    assert client.get(upload(client, more)["Location"]).context["counts"]["add"] == 1


def test_uploads_do_not_lie_about_for_ever(live, lin, many, places, instance):
    from datetime import timedelta

    from zhenwu.ledgers.tasks import forget_uploads

    client = live(lin)
    upload(client, many(2))
    job = ImportJob.objects.get()
    assert forget_uploads() == ""
    ImportJob.objects.update(at=job.at - timedelta(days=31))
    assert forget_uploads() == "删除1个"
    assert not list((instance / "imports").glob(f"{job.pk.hex}*"))
    assert page_of(client, job).status_code == 200
    assert reverse("ledgers:import_preview", args=[job.pk])
