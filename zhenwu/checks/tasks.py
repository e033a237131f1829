"""What the checks have done in the background: all of them every night, and soon after a change those that read it."""

from zhenwu.background.periodic import every, nightly
from zhenwu.checks.reconciling import RunReport
from zhenwu.checks.running import run, run_changed
from zhenwu.ledgers.days import working_day


@every(minutes=1, label="核对有变动的台账")
def check_changed() -> str:
    report = run_changed(as_of=working_day())
    return _said(report) if report.new or report.gone or report.reopened or report.errors else ""


@nightly(label="核对全部台账")
def check_all() -> str:
    return _said(run(as_of=working_day()))


def _said(report: RunReport) -> str:
    said = f"核对{report.checks}项，新发现{report.new}、改正{report.gone}、再次出现{report.reopened}"
    return said + (f"，{len(report.errors)}项没有核对成" if report.errors else "")
