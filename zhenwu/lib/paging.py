"""Pages of a long list, as `_pager.html` shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Pager:
    """`asked` are the other words of the address, kept in the links. Pages count from 1."""

    number: int
    size: int
    total: int
    asked: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, said: Mapping[str, str], total: int, *, size: int = 50) -> "Pager":
        """The page that `said["page"]` asks for, else the first; one beyond the end is the last."""
        typed = said.get("page", "")
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
        kept = tuple((name, value) for name, value in said.items() if name != "page" and value)
        last = max(1, -(-total // size))
        return cls(min(max(number, 1), last), size, total, kept)

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.start + self.size

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def total_text(self) -> str:
        return f"{self.total:,}"

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def prev_url(self) -> str:
        return self._url(self.number - 1)

    @property
    def next_url(self) -> str:
        return self._url(self.number + 1)

    def _url(self, number: int) -> str:
        return "?" + urlencode([*self.asked, ("page", str(number))])
