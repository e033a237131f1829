from collections.abc import Sequence


class UnknownCheck(LookupError):
    def __init__(self, code: str) -> None:
        super().__init__(f"没有代码为“{code}”的检查。请核对代码，如 hazard.HZ-05。")
        self.code = code


class FindingsRefused(Exception):
    """Nothing was changed. `problems` says for each finding why."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
