"""What is asked before a report is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from zhenwu.mart.places import Boundary

_BOUNDARIES = [("now", "按现行区划（合并后的村）"), ("was", "按当时区划（合并前的村）")]


@dataclass
class DraftForm:
    """Keeps what was typed; `problems` by field name."""

    typed: Mapping[str, str]
    problems: dict[str, list[str]] = field(default_factory=dict)
    year: int = 0
    as_of: date | None = None

    @classmethod
    def empty(cls, today: date) -> "DraftForm":
        """In the first months people write about the year that has ended."""
        year = today.year - 1 if today.month <= 3 else today.year
        as_of = min(date(year, 12, 31), today)
        return cls({"year": str(year), "as_of": as_of.isoformat(), "boundary": "now"})

    @property
    def boundary(self) -> Boundary:
        return cast(Boundary, self.typed.get("boundary", "now"))

    def is_valid(self) -> bool:
        year = self.typed.get("year", "").strip()
        if year.isascii() and year.isdigit() and len(year) == 4:
            self.year = int(year)
        else:
            self.problem("year", f"年度填的是“{year}”：请填四位数的年份，如 2020。")
        day = self.typed.get("as_of", "").strip()
        try:
            self.as_of = date.fromisoformat(day) if day else None
        except ValueError:
            self.problem("as_of", f"截至日期填的是“{day}”：请填日期，如 2020-12-31。")
        if self.typed.get("boundary", "now") not in dict(_BOUNDARIES):
            self.problem("boundary", "请选择一种区划口径。")
        return not self.problems

    def problem(self, name: str, text: str) -> None:
        self.problems.setdefault(name, []).append(text)

    def fields(self) -> list[dict[str, Any]]:
        """As `_field.html` takes them."""
        said: list[dict[str, Any]] = [
            {"name": "year", "label": "年度", "widget": "number", "required": True},
            {
                "name": "as_of",
                "label": "数据截至",
                "widget": "date",
                "help": "不填则到该年12月31日；本年未结束的到今天。",
            },
            {"name": "boundary", "label": "区划口径", "widget": "select", "required": True, "choices": _BOUNDARIES},
        ]
        return [
            one | {"value": self.typed.get(str(one["name"]), ""), "errors": self.problems.get(str(one["name"]), [])}
            for one in said
        ]
