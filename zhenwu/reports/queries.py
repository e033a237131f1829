"""Reading reports: what changed since, and what of a year is not counted yet."""

from collections import defaultdict
from dataclasses import dataclass

from zhenwu.checks.models import Finding
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.reports.citing import RED, Question, Rows, figure, open_red, quote_figure, quote_findings
from zhenwu.reports.models import Report
from zhenwu.reports.tree import Cited


@dataclass(frozen=True)
class Difference:
    """A figure of a report that would come out otherwise today. `now` is what it would be (— when unknown)."""

    cited: Cited
    now: str
    came: int  # rows that stand behind it now and did not
    went: int
    why: str

    @property
    def changed(self) -> bool:
        return self.now != self.cited.text


def differences(report: Report) -> list[Difference]:
    """Recompute every figure as of the report's own day; those that are no longer what was written, in its order."""
    asked = Question(report.year, report.as_of, "was" if report.boundary == "was" else "now")
    kept = dict(report.figure_rows.values_list("code", "rows"))
    red = _red_by_code(report)
    found: list[Difference] = []
    for code, cited in report.tree.figures.items():
        if cited.finding:
            now = _findings_now(cited, kept.get(code, {}), red.get(code, []), asked)
        else:
            now = _figure_now(cited, kept.get(code, {}), asked)
        if now is not None:
            found.append(now)
    return found


def _figure_now(cited: Cited, kept: Rows, asked: Question) -> Difference | None:
    try:
        now = figure(cited.code, asked)
    except UnknownIndicator:
        return Difference(cited, "—", 0, 0, "这个指标已经停用，无法重算。")
    if now.digest == cited.digest:
        return None
    quoted = quote_figure(now, asked)
    if not (cited.value and quoted.cited.value):
        return Difference(cited, quoted.cited.text, 0, 0, "明细有变化；人数很少，为保护个人信息不显示多少。")
    came, went = _moved(kept, quoted.rows)
    same = "明细没有增减，有记录的内容改过。" if now.pack_hash == cited.pack_hash else "台账声明更新过，口径可能有变。"
    return Difference(cited, now.text, came, went, _counted(came, went) or same)


def _findings_now(cited: Cited, kept: Rows, findings: list[Finding], asked: Question) -> Difference | None:
    if not findings:
        went = sum(len(ids) for ids in kept.values())
        return Difference(cited, "0", 0, went, _counted(0, went))
    now = quote_findings(cited.code, cited.label, findings, asked)
    if now.cited.digest == cited.digest:
        return None
    came, went = _moved(kept, now.rows)
    return Difference(cited, now.cited.text, came, went, _counted(came, went))


def _red_by_code(report: Report) -> dict[str, list[Finding]]:
    known = runtime.ledgers()
    found: dict[str, list[Finding]] = defaultdict(list)
    for one in open_red(report.as_of):
        found[RED + one.check_code].append(one)
        if one.ledger in known:
            found[RED + known[one.ledger].spec.line].append(one)
    return found


def _moved(then: Rows, now: Rows) -> tuple[int, int]:
    before = {(ledger, row) for ledger, rows in then.items() for row in rows}
    after = {(ledger, row) for ledger, rows in now.items() for row in rows}
    return len(after - before), len(before - after)


def _counted(came: int, went: int) -> str:
    said = [f"多了{came}行" if came else "", f"少了{went}行" if went else ""]
    return "，".join(one for one in said if one) + "。" if came or went else ""


def waiting_for_review(year: int) -> int:
    """Rows of the year that no figure counts because nobody has approved them yet."""
    return sum(_waiting(ledger, year) for ledger in runtime.ledgers().values() if not ledger.spec.model)


def _waiting(ledger: Ledger, year: int) -> int:
    day = ledger.spec.main_date
    if day is None:
        return 0
    dated = ledger.rows("figures").filter(voided_by_change=None, review__in=("draft", "submitted", "returned"))
    in_year = {f"{day}__startswith": f"{year}-"} if ledger.types[day].name == "month" else {f"{day}__year": year}
    return dated.filter(**in_year).count()
