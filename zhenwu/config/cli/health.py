"""What `zhenwu doctor` looks at: is everything in order, and what to do if not."""

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from zhenwu.config.cli.base import instance_folder
from zhenwu.config.instance import Instance, InstanceProblem

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Result:
    state: State
    what: str
    found: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine() -> list[Result]:
    """All results, in the order in which a fault should be mended. Stops where the rest would only repeat the cause."""
    folder = instance_folder()
    results = [_python(), _front()]
    try:
        instance = Instance.load(folder)
    except InstanceProblem as problem:
        return [*results, Result("bad", "实例设置", str(problem), "按提示改正 instance.toml。")]
    if not instance.is_set_up:
        return [*results, Result("bad", "实例", f"{folder} 里没有实例", "运行 zhenwu init 或 zhenwu demo。")]
    results += [
        Result("ok", "实例", f"{folder}（{instance.township}）"),
        _keys(folder),
        _private(folder),
        _disk(folder),
    ]
    if any(result.state == "bad" for result in results):
        return results
    import django

    django.setup()
    for look in (_database, _migrations, _packs, _mart, _places, _calendar, _chains, _background, _users):
        found = list(_guarded(look))
        results += found
        if any(result.state == "bad" for result in found):
            break
    results.append(_office())
    return results


def _python() -> Result:
    version = sys.version.split()[0]
    return Result("ok", "Python", f"{version}，SQLite {sqlite3.sqlite_version}")


def _front() -> Result:
    built = Path(__file__).resolve().parents[1] / "static/build/app.css"
    if built.is_file():
        return Result("ok", "页面样式", "已构建")
    return Result("bad", "页面样式", "还没有构建，页面会没有样式", "在项目文件夹运行 make setup。")


def _keys(folder: Path) -> Result:
    from zhenwu.lib.crypto import CryptoError, KeyRing

    try:
        KeyRing.load(folder / "keys")
    except CryptoError as problem:
        return Result("bad", "密钥", str(problem), "从备份恢复 keys 文件夹；没有密钥，个人信息无法解密。")
    loose = [one.name for one in (folder / "keys").iterdir() if stat.S_IMODE(one.stat().st_mode) & 0o077]
    if loose:
        return Result("warn", "密钥", f"其他用户能读到 {'、'.join(loose)}", f"运行 chmod 600 {folder / 'keys'}/*")
    return Result("ok", "密钥", "完整，只有本用户能读；请另行备份")


def _private(folder: Path) -> Result:
    """What lies open to other users of the machine: the database, stored files and copies all hold personal data."""
    if not stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return Result("ok", "实例文件夹", "只有本用户能进入")
    return Result("warn", "实例文件夹", "其他用户能进入，里面有个人信息", f"运行 chmod 700 {folder}")


def _disk(folder: Path) -> Result:
    free = shutil.disk_usage(folder).free // 2**20
    if not os.access(folder, os.W_OK):
        return Result("bad", "磁盘", f"不能写入 {folder}", "请检查文件夹的所有者和权限。")
    state: State = "ok" if free > 2048 else "warn" if free > 256 else "bad"
    return Result(state, "磁盘", f"剩余 {free} MiB", "" if state == "ok" else "请清理磁盘或换到更大的盘。")


def _database() -> Iterator[Result]:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check")
            found = cursor.fetchone()[0]
            if found != "ok":
                yield Result("bad", "数据库", f"SQLite 文件损坏：{found}", "停止服务，从最近的备份恢复。")
                return
        else:
            cursor.execute("SELECT 1")
    yield Result(
        "ok", "数据库", {"sqlite": "SQLite，完好", "postgresql": "PostgreSQL，已连接"}.get(connection.vendor, "")
    )


def _migrations() -> Iterator[Result]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Result(
            "bad", "数据库结构", f"还有{len(waiting)}步升级没有做", "运行 zhenwu packs apply（会先升级数据库结构）。"
        )
    else:
        yield Result("ok", "数据库结构", "最新")


def _packs() -> Iterator[Result]:
    from zhenwu.config.setup import wanted_packs
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import applied_hash
    from zhenwu.packs.errors import PacksBroken

    try:
        wanted = wanted_packs(instance_folder())
    except PacksBroken as broken:
        yield Result("bad", "台账声明", f"{len(broken.problems)}个问题", "运行 zhenwu packs check 查看。")
        return
    if applied_hash() != wanted.hash:
        yield Result(
            "warn", "台账声明", "文件有改动还没有生效", "运行 zhenwu packs plan 预览，再运行 zhenwu packs apply。"
        )
    runtime.start()
    yield Result("ok", "台账", f"{len(runtime.ledgers())}本")


def _mart() -> Iterator[Result]:
    from zhenwu.indicators.queries import indicator_codes

    yield Result("ok", "数字", f"{len(indicator_codes())}个指标可以计算")


def _places() -> Iterator[Result]:
    from zhenwu.divisions.checking import registry_problems
    from zhenwu.divisions.guards import codes_are_guarded
    from zhenwu.divisions.queries import in_force

    if not codes_are_guarded():
        yield Result("bad", "区划", "数据库里防止代码重复的触发器不见了", "运行 zhenwu packs apply，它会重新建立。")
    problems = registry_problems(date.today())
    red = [one for one in problems if one.severity == "red"]
    for one in problems[:10]:
        remedy = "用 zhenwu divisions show 核对，补办或撤销有关的调整事项。"
        yield Result("bad" if one.severity == "red" else "warn", "区划", f"{one.code} {one.message}", remedy)
    if len(problems) > 10:
        yield Result("bad" if red else "warn", "区划", f"还有{len(problems) - 10}个问题没有列出", "先处理上面的。")
    if not problems:
        yield Result("ok", "区划", f"{in_force(date.today()).count()}个单元")


def _calendar() -> Iterator[Result]:
    return calendar_of(date.today())


def calendar_of(on: date) -> Iterator[Result]:
    """Are the holidays known that deadlines on `on` may reach? Next year's notice comes out in autumn: asked from October."""
    from zhenwu.ledgers.calendar import stored_calendar

    needed = [on.year, on.year + 1] if on.month >= 10 else [on.year]
    missing = [str(year) for year in needed if year not in stored_calendar().years]
    if missing:
        years = "、".join(missing)
        yield Result(
            "warn",
            "工作日历",
            f"没有{years}年的放假安排，落在里面的期限只按周末推算",
            f"国务院办公厅的通知一般在上年10月至11月公布；请站所经办人员或系统管理员在“工作日历”里粘贴{years}年的通知。",
        )
    else:
        yield Result("ok", "工作日历", f"{'、'.join(map(str, needed))}年的放假安排已有")


def _chains() -> Iterator[Result]:
    from zhenwu.changes.queries import ledger_seqs

    seqs = ledger_seqs()
    yield Result("ok", "历史", f"{len(seqs)}本台账共{sum(seqs.values())}条；逐条核验请运行 zhenwu audit verify")


def _background() -> Iterator[Result]:
    from zhenwu.background.alive import workers
    from zhenwu.background.queries import failed_lately, failing_jobs, waiting

    alive, late = workers(), waiting()
    if late and not alive:
        remedy = "运行 zhenwu serve（自带一个），或另开一个 zhenwu worker。"
        yield Result("warn", "后台工作", f"没有进程在做，有{late}件在等", remedy)
    else:
        yield Result("ok", "后台工作", f"{len(alive)}个进程，{late}件在等" if alive else "没有进程，也没有等着做的")
    for label, error in failing_jobs():
        yield Result(
            "warn",
            "定时工作",
            f"“{label}”上次失败：{error}",
            "运行 zhenwu nightly 再做一次；仍失败请把日志发给维护人员。",
        )
    for path, count in failed_lately():
        yield Result("warn", "后台工作", f"{path} 一周内失败{count}次", "请把日志发给维护人员。")


def _users() -> Iterator[Result]:
    from zhenwu.accounts.models import Appointment, Role, User

    count = User.objects.filter(is_active=True).count()
    in_force = Appointment.objects.filter(valid_from__lte=date.today()).exclude(valid_to__lte=date.today())
    held = set(in_force.filter(user__is_active=True).values_list("role", flat=True))
    missing = [role for role in (Role.ADMIN, Role.SECURITY, Role.AUDITOR) if role not in held]
    if missing:
        remedy = f"为每个空缺另找一人：zhenwu users add 登录名 姓名 --role {missing[0].value}"
        yield Result("warn", "用户", f"{count}个，没有{'、'.join(str(role.label) for role in missing)}", remedy)
    else:
        yield Result("ok", "用户", f"{count}个")


def _office() -> Result:
    if shutil.which("soffice") or shutil.which("libreoffice"):
        return Result("ok", "LibreOffice", "有，可以读 doc、wps 文件")
    return Result(
        "warn", "LibreOffice", "没有，读不了 doc、wps 文件（docx、txt 不受影响）", "需要时安装 libreoffice-writer。"
    )


def _guarded(look: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """A look that fails becomes a result: the doctor itself never breaks off."""
    try:
        yield from look()
    except Exception as problem:
        yield Result(
            "bad", look.__name__.strip("_"), f"{type(problem).__name__}：{problem}", "请把这一行和日志发给维护人员。"
        )
