"""What the form of each kind of event asks, and what was typed as a plan. One form a kind, one page."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from zhenwu.divisions.models import Basis, Class, Division, EventKind, Level, UrbanRural
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan
from zhenwu.divisions.queries import groups, in_force, town

PARTS = 4  # how many units one may be split into on the page

HINTS: dict[str, str] = {
    EventKind.MERGE_NEW: "几个村（社区）合并成一个新村，原村都撤销",
    EventKind.ABSORB: "一个或几个村并入现有的村，现有的村保留",
    EventKind.GROUP_MERGE: "一个村里的几个组合成一个组",
    EventKind.SPLIT: "一个村分成几个，各组去哪里逐组指定",
    EventKind.TRANSFER: "把一个村的几个组划给另一个村",
    EventKind.BOUNDARY: "两个村之间调整一部分地界，组不变",
    EventKind.RENAME: "只改名称，代码不变",
    EventKind.RECLASS: "村委会改为居委会，名称和代码随之变更",
    EventKind.RECODE: "只换区划代码",
    EventKind.CREATE: "新设一个村（社区）或组，不从现有单位分出",
    EventKind.ABOLISH: "撤销，没有承接的单位",
}
_MANY = (EventKind.MERGE_NEW, EventKind.ABSORB)
_WITHIN = (EventKind.GROUP_MERGE, EventKind.TRANSFER, EventKind.SPLIT)  # choose the village first, then its groups
_DETAILS = ("proposed_on", "risk_paper", "notice_from", "notice_to", "note")
_DAYS = ("proposed_on", "notice_from", "notice_to")


@dataclass
class EventForm:
    """`said` is what stands in the fields; `problems` by field, "" for the whole form."""

    kind: EventKind
    said: Mapping[str, Any]
    lists: Mapping[str, list[str]]
    on: date
    problems: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: EventKind, posted: QueryDict, on: date) -> "EventForm":
        return cls(kind, posted.dict(), dict(posted.lists()), on)

    @classmethod
    def of_plan(cls, plan: EventPlan, on: date) -> "EventForm":
        """A draft as its form shows it."""
        said: dict[str, Any] = {"title": plan.title, "effective": plan.effective.isoformat() if plan.effective else ""}
        said |= {name: _text(plan.details.get(name)) for name in _DETAILS}
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
        return self._place(self.said.get("village", ""), Level.VILLAGE)

    @property
    def needs_village(self) -> bool:
        return self.kind in _WITHIN and self.village is None

    def villages(self) -> list[Division]:
        return list(in_force(self.on).filter(level=Level.VILLAGE).order_by("code"))

    def fields(self) -> list[dict[str, Any]]:
        """As `_field.html` takes them, in the order of the form."""
        kind = self.kind
        if self.needs_village:
            return [self._select("village", "村（社区）", self.villages(), required=True, help="先选村，再列出它的组")]
        found = []
        if kind in _MANY:
            found.append(self._checks("source", "合并（并入）的村（社区）", self.villages()))
        elif kind in (EventKind.GROUP_MERGE, EventKind.TRANSFER):
            assert self.village is not None
            found.append(self._checks("source", f"{self.village.name}的组", list(groups(self.village.pk, self.on))))
        elif kind == EventKind.BOUNDARY:
            found.append(self._select("source", "划出的村（社区）", self.villages(), required=True))
        elif kind not in (EventKind.CREATE, EventKind.SPLIT):
            found.append(self._select("source", "原单位", self._any(), required=True))
        if kind in (EventKind.ABSORB, EventKind.TRANSFER, EventKind.BOUNDARY):
            found.append(self._select("target", "并（划）入的村（社区）", self.villages(), required=True))
        if kind == EventKind.BOUNDARY:
            found += [
                self._text("pop_1", "划出的人口占比", unit="%", widget="number", help="估算用；不清楚就空着"),
                self._text("land_1", "划出的土地占比", unit="%", widget="number"),
            ]
        if kind == EventKind.CREATE:
            found.append(self._select("parent", "上级", self._parents(), required=True, help="选镇设村，选村设组"))
        if kind in (EventKind.MERGE_NEW, EventKind.GROUP_MERGE, EventKind.RENAME, EventKind.RECLASS, EventKind.CREATE):
            found.append(self._text("name_1", "新名称", required=True, help="简称，如“青河村”“3组”"))
        if kind in (EventKind.MERGE_NEW, EventKind.RENAME, EventKind.RECLASS, EventKind.CREATE):
            found.append(self._text("full_1", "全称", help="如“青河村村民委员会”；不填不影响统计"))
        if kind in (EventKind.MERGE_NEW, EventKind.GROUP_MERGE, EventKind.RECLASS, EventKind.RECODE, EventKind.CREATE):
            found.append(
                self._text("code_1", "区划代码", required=kind == EventKind.RECODE, help="不填则按规则给下一个空号")
            )
        if kind in (EventKind.MERGE_NEW, EventKind.CREATE, EventKind.RECLASS):
            found.append(self._choice("urban_rural", "城乡分类", UrbanRural.choices))
            found.append(self._text("seat", "驻地坐标", help="经度,纬度；可以不填"))
        return found

    def paper_fields(self) -> list[dict[str, Any]]:
        return [
            self._text("title", "事项名称", required=True, help="如“青山村、河口村合并设立青河村”", wide=True),
            self._text("effective", "生效日期", widget="date", help="这一天零点起按新区划；可以以后再定"),
            self._text("proposed_on", "提出日期", widget="date"),
            self._text("risk_paper", "社会稳定风险评估", help="报告名称或文号"),
            self._text("notice_from", "公示起", widget="date"),
            self._text("notice_to", "公示止", widget="date"),
            self._text("note", "说明", widget="textarea", wide=True),
        ]

    def parts(self) -> list[dict[str, Any]]:
        """Of a split: the units it makes, each with its shares."""
        found = []
        for number in range(1, PARTS + 1):
            fields = [self._text(f"name_{number}", f"第{number}个单位名称", required=number <= 2)]
            fields += [
                self._text(f"code_{number}", "区划代码", help="不填自动给"),
                self._text(f"pop_{number}", "人口占比", unit="%", widget="number"),
                self._text(f"land_{number}", "土地占比", unit="%", widget="number"),
            ]
            stays = self.said.get(f"stays_{number}") == "1"
            found.append({"number": number, "fields": fields, "stays": stays, "can_stay": number == 1})
        return found

    def group_rows(self) -> list[dict[str, Any]]:
        """Of a split: each group of the village and the unit it goes to."""
        if self.village is None:
            return []
        return [
            {"place": one, "name": f"to_{one.pk.hex}", "value": self.said.get(f"to_{one.pk.hex}", "")}
            for one in groups(self.village.pk, self.on)
        ]

    # what was typed
    def plan(self) -> EventPlan | None:
        """None when something cannot be read; then `problems` says what."""
        title = str(self.said.get("title", "")).strip()
        if not title:
            self._problem("title", "请填写事项名称。")
        effective = self._day("effective")
        details = {
            name: self._day(name) if name in _DAYS else str(self.said.get(name, "")).strip() for name in _DETAILS
        }
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
            target = self._place(self.said.get("target", ""), Level.VILLAGE)
            if target is None:
                self._problem("target", "请选并（划）入的村（社区）。")
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
            self._problem("name_1", "请填写新名称。")
        code = str(self.said.get("code_1", "")).strip() or (
            first.code if first and self.kind == EventKind.RENAME else ""
        )
        if self.kind == EventKind.RECODE and not code:
            self._problem("code_1", "请填写新代码。")
        parent, level, cls = None, "", ""
        if self.kind == EventKind.CREATE:
            parent = self._place(self.said.get("parent", ""))
            if parent is None:
                self._problem("parent", "请选上级。")
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
            self._problem("village", "请选要分设的村（社区）。")
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
            self._problem("name_1", "分设至少要写两个单位。")
        for row in self.group_rows():
            to = at.get(int(row["value"])) if str(row["value"]).isdigit() else None
            if to is not None and units[to].place is None:
                flows.append(FlowPlan(row["place"], to))
        return units, flows

    def _sources(self) -> list[Division]:
        found = [place for pk in self.lists.get("source", []) if (place := self._place(pk))]
        if not found:
            self._problem("source", "请选原单位。")
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
            self._problem(name, f"填的是“{text[:20]}”：请填0到100之间的百分数，如 8.93。")
            return None
        return share.quantize(Decimal("0.0001"))

    def _day(self, name: str) -> date | None:
        text = str(self.said.get(name, "")).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._problem(name, f"填的是“{text[:20]}”：请填日期，如 2020-06-01。")
            return None

    def _problem(self, name: str, text: str) -> None:
        self.problems.setdefault(name, []).append(text)

    # parts of fields
    def _place(self, pk: Any, level: str = "") -> Division | None:
        try:
            found = Division.objects.filter(pk=uuid.UUID(str(pk))).select_related("parent").first()
        except ValueError:
            return None
        return found if found and (not level or found.level == level) else None

    def _any(self) -> list[Division]:
        levels = (Level.VILLAGE, Level.GROUP)
        return list(in_force(self.on).filter(level__in=levels).select_related("parent").order_by("code"))

    def _parents(self) -> list[Division]:
        own = town()
        return [*([own] if own else []), *self.villages()]

    def _text(self, name: str, label: str, **more: Any) -> dict[str, Any]:
        said = {"name": name, "label": label, "widget": "text", "value": self.said.get(name, "")}
        return said | {"errors": self.problems.get(name, [])} | more

    def _choice(self, name: str, label: str, choices: Any, **more: Any) -> dict[str, Any]:
        return self._text(
            name, label, widget="select", choices=[(str(value), str(text)) for value, text in choices], **more
        )

    def _select(self, name: str, label: str, places: list[Division], **more: Any) -> dict[str, Any]:
        value = (self.lists.get(name) or [self.said.get(name, "")])[0]
        choices = [(one.pk.hex, _called(one)) for one in places]
        return self._text(name, label, widget="select", choices=choices, **more) | {"value": value}

    def _checks(self, name: str, label: str, places: list[Division]) -> dict[str, Any]:
        choices = [(one.pk.hex, one.name) for one in places]
        return self._text(name, label, widget="multiselect", choices=choices, required=True, wide=True) | {
            "value": self.lists.get(name, [])
        }


def _called(place: Division) -> str:
    is_inner = place.level == Level.GROUP and place.parent is not None
    return f"{place.parent}{place.name}" if is_inner and not place.name.startswith(str(place.parent)) else place.name


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{(share * 100).normalize():f}"
