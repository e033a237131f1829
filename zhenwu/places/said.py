"""What stands in the fields of an event's form: typed, or read back from a draft."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.http import QueryDict

from zhenwu.divisions.models import Basis, Division, EventKind, Level
from zhenwu.divisions.planning import EventPlan
from zhenwu.divisions.queries import groups, in_force

PARTS = 4  # how many units one may be split into on the page
DETAILS = ("proposed_on", "risk_paper", "notice_from", "notice_to", "note")
_WITHIN = (EventKind.GROUP_MERGE, EventKind.TRANSFER, EventKind.SPLIT)  # choose the village first, then its groups


@dataclass
class Said:
    """`said` is what stands in the fields; `problems` by field, "" for the whole form."""

    kind: EventKind
    said: Mapping[str, Any]
    lists: Mapping[str, list[str]]
    on: date
    problems: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: EventKind, posted: QueryDict, on: date) -> Self:
        return cls(kind, posted.dict(), dict(posted.lists()), on)

    @classmethod
    def of_plan(cls, plan: EventPlan, on: date) -> Self:
        """A draft as its form shows it."""
        said: dict[str, Any] = {"title": plan.title, "effective": plan.effective.isoformat() if plan.effective else ""}
        said |= {name: _text(plan.details.get(name)) for name in DETAILS}
        lists: dict[str, list[str]] = {"source": [one.source.pk.hex for one in plan.flows]}
        for number, unit in enumerate(plan.units, 1):
            if unit.place:
                said["target"] = unit.place.pk.hex
            said |= {
                f"name_{number}": unit.place.name if unit.place else unit.name, f"code_{number}": "" if unit.place else unit.code,
                f"stays_{number}": "1" if unit.place else "", f"full_{number}": unit.full_name,
            }  # fmt: skip
            said |= {"urban_rural": unit.urban_rural, "seat": unit.seat, "cls": unit.cls, "level": unit.level}
            said["parent"] = unit.parent.pk.hex if unit.parent else ""
        for flow in plan.flows:
            if flow.source.level == Level.GROUP:
                said[f"to_{flow.source.pk.hex}"] = str((flow.unit or 0) + 1)
                said.setdefault("village", flow.source.parent_id.hex if flow.source.parent_id else "")
            elif flow.basis != Basis.WHOLE and flow.unit is not None:
                said |= {
                    f"pop_{flow.unit + 1}": _percent(flow.pop_share),
                    f"land_{flow.unit + 1}": _percent(flow.land_share),
                }
                said["village"] = flow.source.pk.hex
        return cls(EventKind(plan.kind), said, lists, on)

    # what is asked
    @property
    def village(self) -> Division | None:
        """The village whose groups are in question."""
        return self.place(self.said.get("village", ""), Level.VILLAGE)

    @property
    def needs_village(self) -> bool:
        return self.kind in _WITHIN and self.village is None

    def villages(self) -> list[Division]:
        return list(in_force(self.on).filter(level=Level.VILLAGE).order_by("code"))

    def group_rows(self) -> list[dict[str, Any]]:
        """Of a split: each group of the village and the unit it goes to."""
        if self.village is None:
            return []
        return [
            {"place": one, "name": f"to_{one.pk.hex}", "value": self.said.get(f"to_{one.pk.hex}", "")}
            for one in groups(self.village.pk, self.on)
        ]

    def problem(self, name: str, text: str) -> None:
        self.problems.setdefault(name, []).append(text)

    def place(self, pk: Any, level: str = "") -> Division | None:
        try:
            found = Division.objects.filter(pk=uuid.UUID(str(pk))).select_related("parent").first()
        except ValueError:
            return None
        return found if found and (not level or found.level == level) else None


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{(share * 100).normalize():f}"
