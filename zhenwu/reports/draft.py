"""The annual report as townships write it: what was done by line of work, what is wrong, what comes next."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.conf import settings

from zhenwu.checks.models import Finding
from zhenwu.divisions.models import Level
from zhenwu.divisions.queries import in_force
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.queries import spec_of
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import LINE_LABELS, Phrase
from zhenwu.reports.citing import RED, Question, Quoted, figure, open_red, quote_figure, quote_findings
from zhenwu.reports.comparing import compare_boundaries
from zhenwu.reports.phrases import render
from zhenwu.reports.tree import Paragraph, Part, Section, Segment, Tree

LINES: list[str] = list(LINE_LABELS)
HEADINGS: dict[str, str] = {
    "party": "基层党建工作", "integrity": "党风廉政建设", "supervision": "督查督办工作", "projects": "重点项目建设",
    "industry": "特色产业发展", "infrastructure": "基础设施建设", "culture": "文化保护传承", "governance": "基层社会治理",
    "safety": "安全生产工作", "ecology": "生态环境保护", "forestry": "林业和森林防火", "population": "人口和户籍工作",
    "poverty": "巩固拓展脱贫攻坚成果", "employment": "就业创业服务", "veterans": "退役军人服务保障",
    "welfare": "社会救助和民生保障", "payments": "惠民惠农补贴发放", "service": "便民服务工作", "health": "疫情防控工作",
}  # fmt: skip
_NAMED_CHECKS = 3  # checks named after a line's number of open findings


@dataclass
class Drafted:
    """`rows`: per figure, the rows behind it. `of_year`: whether any figure counts something that happened in the year."""

    tree: Tree
    rows: dict[str, dict[str, list[str]]]
    of_year: bool


def compose(asked: Question, *, lines: Sequence[str] = ()) -> Drafted:
    """The report's tree. `lines`: the order of the sections, as in the year's plan; lines left out follow in the usual
    order. Lines nothing is known of have no section."""
    return _Draft(asked, [*dict.fromkeys([*lines, *LINES])]).drafted()


@dataclass
class _Draft:
    asked: Question
    lines: list[str]
    _figures: dict[str, Figure] = field(default_factory=dict)
    _quoted: dict[str, Quoted] = field(default_factory=dict)
    _used: dict[str, bool] = field(default_factory=dict)

    def drafted(self) -> Drafted:
        year = self.asked.year
        parts = [
            Part(f"{year}年工作开展情况", self._sections(lambda line: self._said(line, "summary"))),
            Part("存在的主要问题", self._sections(self._problems()), is_list=True),
            Part("下一步工作打算", self._sections(lambda line: self._said(line, "plan")), is_list=True),
        ]
        tree = Tree.of(self._opening(), tuple(part for part in parts if part.sections))
        tree = replace(tree, comparison=compare_boundaries(self.asked, tree.figures.values()))
        rows = {code: self._quoted[code].rows for code in tree.figures}
        of_year = any(self._quoted[code].of_year for code in tree.figures)
        return Drafted(tree, rows, of_year)

    def _opening(self) -> tuple[Paragraph, ...]:
        year, as_of = self.asked.year, self.asked.as_of
        return (
            (
                f"{year}年，{town_name(as_of)}贯彻落实县委、县政府决策部署，对照年度工作计划，推进各项工作。"
                f"现将有关情况总结如下，数据截至{official_day(as_of)}。",
            ),
        )

    def _sections(self, said: Callable[[str], Sequence[Paragraph]]) -> tuple[Section, ...]:
        found = ((line, tuple(said(line))) for line in self.lines)
        return tuple(Section(line, HEADINGS[line], paragraphs) for line, paragraphs in found if paragraphs)

    def _said(self, line: str, kind: str) -> list[Paragraph]:
        """A paragraph per ledger in summary; each phrase its own point elsewhere."""
        spoken: list[tuple[int, Paragraph]] = []
        for pack in runtime.packs().packs.values():
            if pack.ledger.line != line or not self._in_use(pack.ledger.code):
                continue
            phrases = sorted((one for one in pack.phrase if one.kind == kind), key=lambda one: one.order)
            kept = [(one.order, paragraph) for one in phrases if (paragraph := self._rendered(one))]
            if kind == "summary" and kept:
                kept = [(kept[0][0], tuple(segment for _, paragraph in kept for segment in paragraph))]
            spoken += kept
        return [paragraph for _, paragraph in sorted(spoken, key=lambda one: one[0])]

    def _in_use(self, ledger: str) -> bool:
        """Of a ledger that the township did not keep yet on that day nothing is said, not even what it lacks."""
        if ledger not in self._used:
            rows = runtime.ledger(ledger).rows("figures").filter(voided_by_change=None)
            self._used[ledger] = rows.filter(**_dated(runtime.ledger(ledger), self.asked.as_of)).exists()
        return self._used[ledger]

    def _rendered(self, phrase: Phrase) -> Paragraph:
        return tuple(
            one if isinstance(one, str) else self._cite(one.code)
            for one in render(phrase, self._figure, spec_of)
        )  # fmt: skip

    def _problems(self) -> Callable[[str], list[Paragraph]]:
        by_line: dict[str, list[Finding]] = defaultdict(list)
        known = runtime.ledgers()
        for one in open_red(self.asked.as_of):
            if one.ledger in known:
                by_line[known[one.ledger].spec.line].append(one)
        return lambda line: [*self._said(line, "problem"), *self._open_red(line, by_line.get(line, []))]

    def _open_red(self, line: str, findings: list[Finding]) -> Iterator[Paragraph]:
        """“台账核对发现尚未整改的差错7条，其中隐患逾期未整改5条、…。”"""
        if not findings:
            return
        label = f"{LINE_LABELS[line]}未整改差错"
        said: list[Segment] = ["台账核对发现尚未整改的差错", self._quote(RED + line, label, findings), "条"]
        checks = Counter(one.check_code for one in findings).most_common(_NAMED_CHECKS)
        for place, (code, _) in enumerate(checks):
            some = [one for one in findings if one.check_code == code]
            before = "、" if place else "，其中" if len(some) < len(findings) else "，均为"
            said += [f"{before}“{some[0].label}”", self._quote(RED + code, some[0].label, some), "条"]
        yield (*said, "。")

    def _figure(self, code: str) -> Figure:
        if code not in self._figures:
            self._figures[code] = figure(code, self.asked)
        return self._figures[code]

    def _cite(self, code: str) -> Segment:
        if code not in self._quoted:
            self._quoted[code] = quote_figure(self._figure(code), self.asked)
        return self._quoted[code].cited

    def _quote(self, code: str, label: str, findings: list[Finding]) -> Segment:
        self._quoted[code] = quote_findings(code, label, findings, self.asked)
        return self._quoted[code].cited


def _dated(ledger: Ledger, as_of: date) -> dict[str, Any]:
    """Rows whose main date is not after the day; all rows where a ledger has none."""
    day = ledger.spec.main_date
    if day is None:
        return {}
    kind = ledger.types[day].name
    if kind == "month":
        return {f"{day}__lte": as_of.isoformat()[:7]}
    return {f"{day}__date__lte" if kind == "datetime" else f"{day}__lte": as_of}


def town_name(on: date) -> str:
    """青石镇: the township of this instance as it was called on that day; without the county's name."""
    names = in_force(on).filter(level=Level.TOWN).values_list("name", flat=True)
    own = [name for name in names if settings.TOWNSHIP.endswith(name)]
    return max(own, key=len) if own else settings.TOWNSHIP


def issuer_of(town: str) -> str:
    """Who signs: 青石镇人民政府; a street office has no government of its own (街道办事处)."""
    return f"{town}办事处" if town.endswith("街道") else f"{town}人民政府"


def official_day(day: date) -> str:
    """2020年3月5日: Arabic digits without leading zeros (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"
