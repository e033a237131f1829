"""What was typed into an event's form as a plan; every cell that cannot be read says why."""

from datetime import date
from decimal import Decimal, InvalidOperation

from zhenwu.divisions.models import Basis, Class, Division, EventKind, Level
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan
from zhenwu.places.said import DETAILS, PARTS, Said

_DAYS = ("proposed_on", "notice_from", "notice_to")


class Typed(Said):
    def plan(self) -> EventPlan | None:
        """None when something cannot be read; then `problems` says what."""
        title = str(self.said.get("title", "")).strip()
        if not title:
            self.problem("title", "请填写事项名称。")
        effective = self._day("effective")
        details = {name: self._day(name) if name in _DAYS else str(self.said.get(name, "")).strip() for name in DETAILS}
        units, flows = self._units_and_flows()
        if self.problems:
            return None
        return EventPlan(self.kind, title, effective, units, flows, details=details)

    def _units_and_flows(self) -> tuple[list[UnitPlan], list[FlowPlan]]:
        kind = self.kind
        if kind == EventKind.SPLIT:
            return self._split()
        sources = [] if kind == EventKind.CREATE else self._sources()
        if kind == EventKind.ABOLISH:
            return [], [FlowPlan(one, None) for one in sources]
        if kind in (EventKind.ABSORB, EventKind.TRANSFER, EventKind.BOUNDARY):
            target = self.place(self.said.get("target", ""), Level.VILLAGE)
            if target is None:
                self.problem("target", "请选并（划）入的村（社区）。")
            basis = Basis.BY_BOUNDARY if kind == EventKind.BOUNDARY else Basis.WHOLE
            shares = self._shares(1) if kind == EventKind.BOUNDARY else (None, None)
            return [UnitPlan(target)], [FlowPlan(one, 0, basis, *shares) for one in sources]
        return [self._new_unit(sources)], [FlowPlan(one, 0) for one in sources]

    def _new_unit(self, sources: list[Division]) -> UnitPlan:
        first = sources[0] if sources else None
        name = str(self.said.get("name_1", "")).strip() or (
            first.name if first and self.kind == EventKind.RECODE else ""
        )
        if not name and self.kind != EventKind.RECODE:
            self.problem("name_1", "请填写新名称。")
        code = str(self.said.get("code_1", "")).strip() or (
            first.code if first and self.kind == EventKind.RENAME else ""
        )
        if self.kind == EventKind.RECODE and not code:
            self.problem("code_1", "请填写新代码。")
        parent, level, cls = None, "", ""
        if self.kind == EventKind.CREATE:
            parent = self.place(self.said.get("parent", ""))
            if parent is None:
                self.problem("parent", "请选上级。")
            level = Level.GROUP if parent and parent.level == Level.VILLAGE else Level.VILLAGE
            cls = (
                Class.GROUP
                if level == Level.GROUP
                else Class.NEIGHBOURHOOD
                if name.endswith("社区")
                else Class.VILLAGERS
            )
        elif self.kind == EventKind.RECLASS:
            cls = Class.NEIGHBOURHOOD
        return UnitPlan(
            None, name, code, parent, level, str(self.said.get("full_1", "")).strip(), cls,
            str(self.said.get("urban_rural", "")), str(self.said.get("seat", "")).strip(),
        )  # fmt: skip

    def _split(self) -> tuple[list[UnitPlan], list[FlowPlan]]:
        village = self.village
        if village is None:
            self.problem("village", "请选要分设的村（社区）。")
            return [], []
        units: list[UnitPlan] = []
        flows: list[FlowPlan] = []
        at: dict[int, int] = {}  # the number on the form → the place in the list
        for number in range(1, PARTS + 1):
            name, stays = str(self.said.get(f"name_{number}", "")).strip(), self.said.get(f"stays_{number}") == "1"
            if not name and not stays:
                continue
            at[number] = len(units)
            units.append(
                UnitPlan(village) if stays else UnitPlan(None, name, str(self.said.get(f"code_{number}", "")).strip())
            )
            if not stays:
                flows.append(FlowPlan(village, at[number], Basis.BY_GROUP, *self._shares(number)))
        if len(units) < 2:
            self.problem("name_1", "分设至少要写两个单位。")
        for row in self.group_rows():
            to = at.get(int(row["value"])) if str(row["value"]).isdigit() else None
            if to is not None and units[to].place is None:
                flows.append(FlowPlan(row["place"], to))
        return units, flows

    def _sources(self) -> list[Division]:
        found = [place for pk in self.lists.get("source", []) if (place := self.place(pk))]
        if not found:
            self.problem("source", "请选原单位。")
        return found

    def _shares(self, number: int) -> tuple[Decimal | None, Decimal | None]:
        return self._share(f"pop_{number}"), self._share(f"land_{number}")

    def _share(self, name: str) -> Decimal | None:
        text = str(self.said.get(name, "")).strip().rstrip("%％")
        if not text:
            return None
        try:
            share = Decimal(text) / 100
        except InvalidOperation:
            share = Decimal(-1)
        if not 0 <= share <= 1:
            self.problem(name, f"填的是“{text[:20]}”：请填0到100之间的百分数，如 8.93。")
            return None
        return share.quantize(Decimal("0.0001"))

    def _day(self, name: str) -> date | None:
        text = str(self.said.get(name, "")).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.problem(name, f"填的是“{text[:20]}”：请填日期，如 2020-06-01。")
            return None
