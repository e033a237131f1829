class UnknownIndicator(LookupError):
    """No applied pack declares this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"没有代码为“{code}”的指标。请核对代码，或先应用声明它的台账。")
        self.code = code


class PeriodProblem(ValueError):
    """A period that cannot be asked for; the words say why and what to do."""


class NoPeriod(PeriodProblem):
    """What was typed is no period."""

    def __init__(self, said: str) -> None:
        super().__init__(
            f"统计期填的是“{said[:20]}”：请写年（2025）、半年（2025H1）、季（2025Q3）、月（2025-09）、日（2025-09-30）"
            "或年初累计（2025-01..09）。"
        )


class PeriodTooShort(PeriodProblem):
    """The indicator says nothing of so short a period."""

    def __init__(self, label: str, asked: str, least: str) -> None:
        super().__init__(f"“{label}”不能只算{asked}：它最细按{least}统计。请改选更长的统计期。")


class PeriodNotBegun(PeriodProblem):
    """The day that is asked for lies before the period."""

    def __init__(self, asked: str, as_of: str) -> None:
        super().__init__(f"截至{as_of}，{asked}还没有开始。请改选统计期或截至日期。")
