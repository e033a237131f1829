from collections.abc import Iterable


class DivisionRefused(Exception):
    """The places were not changed. The message says every reason and what to do."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))
