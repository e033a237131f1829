from collections.abc import Mapping


class PlanError(Exception):
    """A plan was not made or changed. The message says what, where and what to do."""


class TaskRefused(PlanError):
    """A corrected task was not written. `problems` by field name (text, line, due, target0, target1 …)."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(text for some in problems.values() for text in some))
