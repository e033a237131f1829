from collections.abc import Sequence


class SpotRefused(Exception):
    """Nothing was changed. `problems` says everything that stands in the way."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
