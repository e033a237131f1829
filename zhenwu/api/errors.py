"""Why the API refuses. `Refusal` is what a program gets; it knows its status and its problems."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `at` is the place in a batch (0 = first), `field` the field's code, "" for the row as a whole."""

    message: str
    field: str = ""
    label: str = ""
    at: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Refusal(Exception):
    """The request is answered with this status; nothing was written."""

    def __init__(
        self, status: int, detail: str, problems: Sequence[Problem] = (), *, current: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ):  # fmt: skip
        self.status, self.detail, self.problems = status, detail, list(problems)
        self.current, self.headers = current, headers or {}
        super().__init__(detail)


class TokenRefused(Exception):
    """The token cannot be given out. `problems` holds every reason."""

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class TargetRefused(Exception):
    """Notices may not be sent to this address. The message says why and what to do."""
