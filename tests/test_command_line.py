"""The command line as a person or a script meets it: names, exit codes, JSON, faults that say what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "zhenwu/plans/tests/samples"


def zhenwu(*words: object, instance: Path | str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ZHENWU_", "DJANGO_"))}
    env |= {"COLUMNS": "200", "NO_COLOR": "1"}
    chosen = ["--instance", str(instance)] if instance else []
    return subprocess.run(
        [sys.executable, "-c", "from zhenwu.config.cli import main; main()", *chosen, *map(str, words)],
        capture_output=True, text=True, env=env, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def instance(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "instance"
    made = zhenwu("init", "--code", "510182104", "--json", instance=folder)
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert said["ledgers"] >= 20
    assert len(said["password"]) >= 16
    return folder


@pytest.mark.parametrize(
    "command",
    ["init", "demo", "serve", "worker", "nightly", "outline", "packs list", "packs check", "packs plan", "packs apply", "packs propose",
     "import", "export", "figure", "api schema", "api token create", "api token list", "api token revoke", "webhooks send",
     "check", "report", "audit verify", "audit export",
     "users add", "users list", "units set", "grants give", "doctor", "reindex", "keys status", "keys rotate",
     "mart status", "mart rebuild", "people doubles", "people merge", "people split"],
)  # fmt: skip
def test_every_command_of_the_contract_explains_itself(command):
    done = zhenwu(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_wrong_use_is_2_and_says_what_to_do(tmp_path):
    done = zhenwu("check", instance=tmp_path / "nothing")
    assert done.returncode == 2
    assert "zhenwu init" in done.stderr


def test_a_township_that_does_not_exist_is_said(tmp_path):
    done = zhenwu("init", "--township", "没有这个镇", instance=tmp_path / "x")
    assert done.returncode == 2
    assert "找不到乡镇" in done.stderr
    assert not (tmp_path / "x").exists()


def test_an_ambiguous_township_lists_its_namesakes(tmp_path):
    done = zhenwu("init", "--township", "城关镇", instance=tmp_path / "x")
    assert done.returncode == 2
    assert "--code" in done.stderr


def test_keys_are_for_the_owner_only(instance):
    for file in (instance / "keys").iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_init_does_not_overwrite(instance):
    assert zhenwu("init", "--code", "510182104", instance=instance).returncode == 2


def test_doctor_finds_a_new_instance_in_order(instance):
    done = zhenwu("doctor", "--json", instance=instance)
    found = {one["what"]: one["state"] for one in json.loads(done.stdout)}
    assert found["数据库"] == found["密钥"] == found["历史"] == "ok"


def test_packs_plan_has_nothing_to_do_after_init(instance):
    done = zhenwu("packs", "plan", "--json", instance=instance)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_a_pack_of_the_townships_own_is_planned_and_applied(instance):
    own = instance / "packs" / "own.toml"
    own.write_text(
        '[ledger]\ncode = "tea_base"\nlabel = "茶园基地台账"\nline = "industry"\nprefix = "CY"\none_row = "一片茶园"\n'
        'unit = "农业农村办"\nsource = "本镇自建"\n[[field]]\nid = 1\ncode = "name"\nlabel = "茶园名称"\ntype = "text"\nrequired = true\n',
        encoding="utf-8",
    )
    try:
        planned = json.loads(zhenwu("packs", "plan", "--json", instance=instance).stdout)
        assert [(step["kind"], step["ledger"]) for step in planned] == [("create", "tea_base")]
        assert zhenwu("packs", "apply", instance=instance).returncode == 0
        assert "tea_base" in zhenwu("packs", "list", instance=instance).stdout
    finally:
        own.unlink()
        zhenwu("packs", "apply", "--yes", instance=instance)


def test_a_field_changes_its_type_once_somebody_agreed(instance, tmp_path):
    own, sheet, left = instance / "packs" / "own.toml", tmp_path / "茶园.csv", tmp_path / "left.csv"
    pack = (
        '[ledger]\ncode = "tea_field"\nlabel = "茶园地块台账"\nline = "industry"\nprefix = "CD"\none_row = "一块茶园"\n'
        'unit = "农业农村办"\nsource = "本镇自建"\nplace_required = false\n[[field]]\nid = 1\ncode = "name"\nlabel = "茶园名称"\n'
        'type = "text"\n[[field]]\nid = 2\ncode = "area"\nlabel = "茶园面积"\ntype = '
    )
    try:
        own.write_text(f'{pack}"text"', encoding="utf-8")
        assert zhenwu("packs", "apply", instance=instance).returncode == 0
        sheet.write_text("茶园名称,茶园面积\n东坡,12.5\n西坡,=两亩多\n", encoding="utf-8")
        assert zhenwu("import", "tea_field", sheet, instance=instance).returncode == 0
        own.write_text(f'{pack}"area_mu"', encoding="utf-8")
        done = zhenwu("packs", "plan", "--unconverted", left, instance=instance)
        assert "字段“茶园面积”由文字改为面积（亩）：1行转换，1行转换不了" in done.stdout
        assert "CD-" in done.stdout
        assert "'=两亩多" in left.read_text(encoding="utf-8")
        assert left.stat().st_mode & 0o077 == 0
        done = zhenwu("packs", "apply", instance=instance)
        assert (done.returncode, "没有改动" in done.stderr) == (1, True)
        done = zhenwu("packs", "apply", "--yes", "--json", instance=instance)
        first, *_ = json.loads(done.stdout)
        assert (first["kind"], first["rows"], first["lost"]) == ("convert", 2, 1)
        assert zhenwu("audit", "verify", instance=instance).returncode == 0
    finally:
        own.unlink()
        zhenwu("packs", "apply", "--yes", instance=instance)


def test_a_pack_with_an_unknown_type_names_file_field_and_types(instance):
    bad = instance / "packs" / "bad.toml"
    bad.write_text(
        '[ledger]\ncode = "bad_one"\nlabel = "坏台账"\nline = "industry"\nprefix = "HT"\none_row = "一行"\nunit = "农业农村办"\n'
        'source = "本镇自建"\n[[field]]\nid = 3\ncode = "area"\nlabel = "面积"\ntype = "acre"\n',
        encoding="utf-8",
    )
    try:
        done = zhenwu("packs", "plan", instance=instance)
        assert done.returncode == 1
        assert "bad.toml, field 3 (area)" in done.stderr
        assert "acre" in done.stderr
        assert "area_mu" in done.stderr
    finally:
        bad.unlink()


def test_outline_prints_the_contract_as_json():
    done = zhenwu("outline", SAMPLES / "T01.txt", "--json")
    said = json.loads(done.stdout)
    assert said["year_plan"] == 2024
    assert said["parts"][0]["heading"] == "一、2023年工作总结"


def test_outline_of_a_docx_that_is_none(tmp_path):
    wrong = tmp_path / "计划.docx"
    wrong.write_bytes(b"PK\x03\x04 no document at all")
    done = zhenwu("outline", wrong)
    assert done.returncode == 1
    assert "计划.docx" in done.stderr


def test_a_report_for_a_year_without_data_is_refused(instance, tmp_path):
    done = zhenwu("report", "--year", 2019, "-o", tmp_path / "r.docx", instance=instance)
    assert done.returncode == 2
    assert "2019" in done.stderr
    assert not (tmp_path / "r.docx").exists()


def test_an_unknown_ledger_and_figure_name_what_there_is(instance, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"x")
    done = zhenwu("import", "nothing", tmp_path / "a.xlsx", instance=instance)
    assert done.returncode == 2
    assert "hazard" in done.stderr
    assert zhenwu("figure", "no_such_figure", instance=instance).returncode == 2


def test_a_wrong_sheet_is_refused_with_what_was_found(instance, tmp_path):
    from zhenwu.lib.sheets import BookWriter, SheetColumn

    with BookWriter(tmp_path / "wrong.xlsx") as book:
        book.add_sheet("表", [SheetColumn("品名"), SheetColumn("单价")], [["苹果", "3"], ["梨", "4"]])
    done = zhenwu("import", "hazard", tmp_path / "wrong.xlsx", instance=instance)
    assert done.returncode == 1
    assert "品名" in done.stderr


def test_audit_verify_of_an_untouched_instance(instance):
    done = zhenwu("audit", "verify", "--json", instance=instance)
    assert done.returncode == 0
    assert json.loads(done.stdout)["breaks"] == []


def test_a_new_data_key_is_taken_into_use_and_everything_is_under_it(instance):
    before = json.loads(zhenwu("keys", "status", "--json", instance=instance).stdout)
    done = json.loads(zhenwu("keys", "rotate", "--json", instance=instance).stdout)
    assert done["sealing"] not in before["keys"]
    assert done["waiting"] == 0
    assert json.loads(zhenwu("keys", "rotate", "--resume", "--json", instance=instance).stdout)["resealed"] == 0
    assert zhenwu("audit", "verify", instance=instance).returncode == 0


def test_the_search_index_can_be_made_anew(instance):
    done = zhenwu("reindex", "--ledger", "person", instance=instance)
    assert done.returncode == 0, done.stderr
    assert "编入" in done.stdout
    assert zhenwu("reindex", "--ledger", "no_such", instance=instance).returncode == 2


def test_the_nightly_jobs_can_be_done_by_hand(instance):
    listed = json.loads(zhenwu("nightly", "--list", "--json", instance=instance).stdout)
    assert "background.forget_finished_tasks" in [one["name"] for one in listed]
    done = zhenwu("nightly", "background.forget_finished_tasks", "--json", instance=instance)
    assert (done.returncode, [one["failed"] for one in json.loads(done.stdout)]) == (0, [False])
    assert zhenwu("nightly", "no.such_job", instance=instance).returncode == 2


def test_people_are_appointed_and_the_audit_log_taken_out(instance, tmp_path):
    assert zhenwu("units", "set", "民政办", "welfare", "population", instance=instance).returncode == 0
    made = zhenwu("users", "add", "he", "何静宜", "--role", "office", "--unit", "民政办", "--json", instance=instance)
    assert json.loads(made.stdout)["password"]
    refused = zhenwu("users", "appoint", "he", "--role", "admin", instance=instance)
    assert refused.returncode == 1
    assert "两个账号" in refused.stderr
    given = zhenwu("grants", "give", "hazard_site", "--user", "he", "--reason", "核查", instance=instance)
    assert given.returncode == 0, given.stderr
    assert zhenwu("users", "end", "he", "--reason", "调离", instance=instance).returncode == 0
    listed = json.loads(zhenwu("users", "list", "--json", instance=instance).stdout)
    assert next(one for one in listed if one["username"] == "he")["posts"] == []
    done = zhenwu("audit", "verify", "--json", instance=instance)
    assert json.loads(done.stdout)["breaks"] == []
    assert {"appointment", "audit_log", "grant", "unit", "user"} <= set(json.loads(done.stdout)["ledgers"])
    target = tmp_path / "log.csv"
    assert zhenwu("audit", "export", "-o", target, instance=instance).returncode == 0
    said = target.read_text(encoding="utf-8-sig")
    assert "任命何静宜为民政办站所经办" in said
    assert "核验" in said


def test_a_program_gets_its_token_and_the_document(instance):
    refused = zhenwu("api", "token", "create", "nobody", "县平台", instance=instance)
    assert refused.returncode == 2
    made = zhenwu("api", "token", "create", "admin", "县平台", "--json", instance=instance)
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    listed = zhenwu("api", "token", "list", instance=instance).stdout
    assert said["token"] not in listed
    assert said["token"][:8] in listed
    assert zhenwu("api", "token", "revoke", said["token"], instance=instance).returncode == 0
    assert "已失效" in zhenwu("api", "token", "list", instance=instance).stdout
    whole = json.loads(zhenwu("api", "schema", instance=instance).stdout)
    one = json.loads(zhenwu("api", "schema", "hazard", instance=instance).stdout)
    assert whole["openapi"].startswith("3.1")
    assert "/api/ledgers/hazard/rows" in one["paths"]
    assert len(one["paths"]) < len(whole["paths"])
    assert zhenwu("webhooks", "send", instance=instance).returncode == 0


def test_a_sample_becomes_a_pack_file(instance, tmp_path):
    sample, out = tmp_path / "路灯.csv", tmp_path / "lamp.toml"
    lines = ["灯杆编号,功率(W),巡检日期,联系电话", *(f"D{n:03},60,2023-04-{n:02},1390000{n:04}" for n in range(1, 10))]
    sample.write_text("\n".join(lines), encoding="utf-8")
    done = zhenwu("packs", "propose", sample, "--out", out, "--json", instance=instance)
    assert done.returncode == 0, done.stderr
    assert [part["type"] for part in json.loads(done.stdout)["parts"]] == ["text", "integer", "date", "phone"]
    assert 'code = "own_ludeng"' in out.read_text(encoding="utf-8")
    assert "1390000" not in out.read_text(encoding="utf-8") + done.stdout
    assert zhenwu("packs", "propose", sample, "--out", out, instance=instance).returncode == 2  # never over a file
