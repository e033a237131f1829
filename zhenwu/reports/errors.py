"""What can go wrong with reports: what, where, and what to do."""

from collections.abc import Sequence


class ReportError(Exception):
    """The message is for people at work."""


class NoData(ReportError):
    """Nothing was recorded for the year, so there is nothing to report. The command line answers with exit code 2."""


class WrongDay(ReportError):
    """The year and the day asked for do not go together."""


class FreezeRefused(ReportError):
    """The report can not be signed off; `findings` names the open red findings, where they are the reason."""

    def __init__(self, message: str, findings: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)


class PhraseBroken(ReportError):
    """A phrase that `phrase_problems` would have named came as far as a report."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(f"报告句子“{text}”无法使用：{cause} 请先用 zhenwu packs check 检查台账声明并改正。")
