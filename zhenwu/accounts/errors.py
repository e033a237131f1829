class AccountRefused(Exception):
    """Nothing was changed. `problems`: everything wrong with what was asked for, by field ("" for the whole)."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems.values()))
