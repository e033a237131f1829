"""What the form of each kind of event asks. One form a kind, one page; what was typed is read by `typed`."""

from typing import Any

from zhenwu.divisions.models import Division, EventKind, Level, UrbanRural
from zhenwu.divisions.queries import groups, in_force, town
from zhenwu.places.said import PARTS
from zhenwu.places.typed import Typed

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


class EventForm(Typed):
    """As `_field.html` and the template of the form take it."""

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

    # parts of fields
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
