"""The demo township's year, done through the same doors that people use: plan → tasks, rosters → ledgers, checks, report."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from zhenwu.accounts.actions import create_unit, create_user, system_user
from zhenwu.accounts.models import Role, Unit, User
from zhenwu.checks.models import UNRESOLVED, Finding
from zhenwu.checks.running import run as run_checks
from zhenwu.config.demo.build import Demo, build
from zhenwu.config.demo.files import PLAN_FILE, write_files
from zhenwu.config.instance import Instance
from zhenwu.config.setup import add_places, set_up_database
from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Alias, Division
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.ledgers.importing.giving_back import give_back
from zhenwu.packs import runtime
from zhenwu.plans.actions import make_plan, publish
from zhenwu.plans.models import AnnualPlan
from zhenwu.reports.actions import make_report

YEAR = 2020
LAST_DAY = date(YEAR, 12, 31)
Step = Callable[[int, int], None]


class DemoBroken(Exception):
    """The demo data do not go through the platform's own doors: a fault of the program, not of the user."""


class Year:
    """`step(title)` opens a progress bar and returns how to move it."""

    def __init__(self, instance: Instance, *, seed: int, persons: int, step: Callable[[str], Step]) -> None:
        self.instance, self.seed, self.persons, self.step = instance, seed, persons, step
        self.files = instance.folder / "demo-files"

    def run(self) -> dict[str, Any]:
        (self.instance.folder / "demo-begun").touch()
        bar = self.step("建库建表")
        bar(0, 1)
        set_up_database(self.instance)
        bar(1, 1)
        bar = self.step("生成乡镇")
        demo = build(self.seed, self.persons)
        bar(1, 2)
        manifest = write_files(demo, self.files)
        bar(2, 2)
        self._places(demo)
        self._people(demo)
        plan = self._plan()
        ledgers = self._ledgers(manifest)
        findings = self._checks()
        report = self._report(plan)
        return {
            "instance": str(self.instance.folder),
            "plan": {
                "title": plan.title,
                "tasks": plan.tasks.count(),
                "targets": sum(task.targets.count() for task in plan.tasks.all()),
            },
            "ledgers": ledgers,
            "findings": findings,
            "report": report,
        }

    def _places(self, demo: Demo) -> None:
        made: dict[str, Division] = {}
        for place in demo.divisions:
            made[place.code] = Division(
                code=place.code,
                name=place.name,
                level=place.level,
                parent=made.get(place.parent),
                valid_from=place.valid_from,
            )
        add_places(made.values(), "初始区划")
        merger = demo.merger
        town = made[demo.divisions[1].code]
        new = Division(code=merger.code, name=merger.name, parent=town)
        merge(
            [made[code] for code in merger.sources], into=new, on=merger.day, title=merger.title, approval=merger.approval,
            by=system_user(),
        )  # fmt: skip
        made[new.code] = new
        aliases = [Alias(division=made[code], name=name) for code, name in demo.aliases]
        Alias.objects.bulk_create(aliases, ignore_conflicts=True)

    def _people(self, demo: Demo) -> None:
        """Offices and users; the generated passwords go into a file that only the owner can read."""
        for office in demo.units:
            create_unit(office.label, office.lines)
        units = {unit.label: unit for unit in Unit.objects.all()}
        places = {place.code: place for place in Division.objects.all()}
        accounts = []
        for clerk in demo.users:
            division = places[clerk.division] if clerk.role in (Role.VILLAGE, Role.VILLAGE_LEAD) else None
            unit = units.get(clerk.unit)
            _, password = create_user(
                clerk.username, clerk.name, clerk.role, unit=unit, division=division, since=date(YEAR, 1, 1),
                must_change=False,
            )  # fmt: skip
            where = division.name if division else clerk.unit or "全镇"
            accounts.append(
                {
                    "username": clerk.username,
                    "password": password,
                    "name": clerk.name,
                    "role": str(Role(clerk.role).label),
                    "place": where,
                }
            )
        file = self.instance.folder / "demo-accounts.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(accounts, ensure_ascii=False, indent=1), encoding="utf-8")

    def _plan(self) -> AnnualPlan:
        bar = self.step("计划变任务")
        bar(0, 1)
        head = User.objects.filter(appointments__role=Role.HEAD).first() or system_user()
        plan = make_plan(self.files / PLAN_FILE, by=head)
        plan.tasks.filter(line="").update(line="governance")  # what a person would decide while reviewing
        publish(plan, by=head)
        bar(1, 1)
        return plan

    def _ledgers(self, manifest: list[Any]) -> list[dict[str, Any]]:
        """Every roster through the import, in the order in which links need each other; a workbook may have several sheets."""
        done: dict[str, dict[str, Any]] = {}
        by = system_user()
        for one in manifest:
            label = runtime.ledger(one.ledger).label
            if one.ledger not in done:
                done[one.ledger] = {"ledger": one.ledger, "label": label, "rows": 0, "file": one.file}
                bar = self.step(label.removesuffix("台账")[:16])
            path = self.files / one.file
            staged = stage_file(one.ledger, path, name=one.file, by=by, sheet=one.sheet, today=LAST_DAY, progress=bar)
            if staged.problems:
                back = self.files / f"问题-{one.file}"
                give_back(staged, back)
                first = "\n".join(problem.message for problem in staged.problems[:8])
                raise DemoBroken(f"{one.file}：{len(staged.problems)}个问题，已写到 {back}\n{first}")
            apply_staged(staged, by=by, today=LAST_DAY)
            done[one.ledger]["rows"] += staged.counts["add"]
        return list(done.values())

    def _checks(self) -> dict[str, int]:
        bar = self.step("核对台账")
        bar(0, 1)
        report = run_checks(as_of=LAST_DAY, progress=bar)
        if report.errors:
            raise DemoBroken("有核对没能运行：" + "；".join(f"{code}：{why}" for code, why in report.errors))
        counts = Counter(Finding.objects.filter(status__in=UNRESOLVED).values_list("severity", flat=True))
        return {"total": counts.total(), **{severity: counts[severity] for severity in ("red", "yellow", "blue")}}

    def _report(self, plan: AnnualPlan) -> dict[str, Any]:
        bar = self.step("写总结报告")
        bar(0, 1)
        path = self.instance.folder / "reports" / f"{YEAR}年工作总结.docx"
        made = make_report(YEAR, path, by=system_user())
        bar(1, 1)
        return {"title": made.title, "path": str(path), "figures": len(made.tree.figures)}
