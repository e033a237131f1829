"""What is wrong with an event: what refuses its next step (red), and what a person should look at (yellow)."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from django.db.models import Q

from zhenwu.divisions.codes import class_problem, code_problem, own_number
from zhenwu.divisions.following import parameter
from zhenwu.divisions.models import Alias, Basis, Division, Edge, Event, EventKind, Level, Vote, VoteForm
from zhenwu.divisions.models.events import PaperKind
from zhenwu.divisions.names import plain_name
from zhenwu.divisions.projecting import Projection, project
from zhenwu.lib.voting import STATUTE, Form, Rule, Threshold, assembly_vote

_SHARE = Decimal("0.0001")
_MERGERS = (EventKind.MERGE_NEW, EventKind.ABSORB, EventKind.GROUP_MERGE)
_ONE_TO_ONE = (EventKind.RENAME, EventKind.RECODE, EventKind.RECLASS)
_NO_VOTE = (EventKind.CREATE, EventKind.RENAME, EventKind.RECODE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Codes as in the domain's list (DV, DE, DL); DX are the platform's own."""

    code: str
    severity: Literal["red", "yellow"]
    message: str
    place: uuid.UUID | None = None


def needs_vote(event: Event) -> bool:
    """Whether the villagers decide: an event of villages or groups that changes who belongs where (article 3)."""
    levels = {flow.source.level for flow in event.flows.select_related("source")}
    return event.kind not in _NO_VOTE and bool(levels) and levels <= {Level.VILLAGE, Level.GROUP}


def voting_places(event: Event) -> list[Division]:
    """Each unit whose people must agree, by code: every source that is not a group moved by its village's own vote."""
    sources = {flow.source_id: flow.source for flow in event.flows.select_related("source")}
    inner = {pk for pk, one in sources.items() if one.parent_id in sources}
    return sorted((one for pk, one in sources.items() if pk not in inner), key=lambda one: one.code)


def rule_for(form: str, on: date) -> Rule | None:
    """The dated rule of a form (`division.quorum.<form>`, `division.majority`); None: the statute's."""
    quorum, majority = parameter(f"division.quorum.{form}", on), parameter("division.majority", on)
    return Rule(Threshold.read(str(quorum)), Threshold.read(str(majority))) if quorum and majority else None


def vote_problems(event: Event) -> list[Problem]:
    """DE1, DE2, and votes that are missing."""
    if not needs_vote(event):
        return []
    votes = {vote.place_id: vote for vote in event.votes.all()}
    found = []
    for place in voting_places(event):
        vote = votes.get(place.pk)
        if vote is None:
            found.append(Problem("DE1", "red", f"{place.name}还没有登记民主程序。", place.pk))
        elif problem := _vote_problem(vote, place):
            found.append(problem)
    return found


def _vote_problem(vote: Vote, place: Division) -> Problem | None:
    rule = rule_for(vote.form, vote.held_on)
    outcome = assembly_vote(vote.form, vote.entitled, vote.present, vote.yes, rule)
    form, said = VoteForm(vote.form).label, f"应到{vote.entitled}，实到{vote.present}，同意{vote.yes}"
    if not outcome.quorum:
        least = (rule or STATUTE[Form(vote.form)]).quorum.least(vote.entitled)
        return Problem("DE1", "red", f"{place.name}{form}到会人数不足（{said}）：至少{least}。", place.pk)
    if not outcome.passed:
        return Problem("DE2", "red", f"{place.name}{form}同意人数未过半（{said}）。", place.pk)
    return None


def paper_problems(event: Event) -> list[Problem]:
    """DE3, DE4, DE7: dates in their order, the approval, the days of public notice."""
    found = []
    steps = [
        ("提出日期", event.proposed_on), *((f"{vote.place.name}会议日期", vote.held_on) for vote in event.votes.all()),
    ]  # fmt: skip
    if event.proposed_on:
        late = [name for name, day in steps[1:] if day and day < event.proposed_on]
        found += [Problem("DE3", "red", f"日期次序不符：{name}早于提出日期。") for name in late]
    after = [
        ("公示止", event.notice_to), ("批准日期", event.approved_on), ("生效日期", event.effective),
        ("交接完成日期", event.handed_over_on), ("归档日期", event.archived_on),
    ]  # fmt: skip
    dated = [(name, day) for name, day in after if day]
    for (first, day), (then, other) in pairwise(dated):
        if other < day:
            found.append(Problem("DE3", "red", f"日期次序不符：{then}（{other}）早于{first}（{day}）。"))
    last_vote = max((vote.held_on for vote in event.votes.all()), default=None)
    if last_vote and event.approved_on and event.approved_on < last_vote:
        found.append(
            Problem("DE3", "red", f"日期次序不符：批准日期（{event.approved_on}）早于会议日期（{last_vote}）。")
        )
    if is_of_villages(event) and not (event.approval and event.approved_on and event.approval_organ):
        found.append(Problem("DE4", "red", "缺批准机关、批准文号或批准日期。"))
    return found + _notice_problems(event)


def risk_problems(event: Event) -> list[Problem]:
    """DE8: before a reorganisation of villages is approved, what it risks has been assessed."""
    if not is_of_villages(event) or event.risk_paper or any(one["kind"] == PaperKind.RISK for one in event.papers):
        return []
    if not parameter("division.risk_paper", event.proposed_on or event.effective or date.max):
        return []
    return [Problem("DE8", "red", "缺社会稳定风险评估：请在方案里写明报告名称或文号，或上传报告。")]


def _notice_problems(event: Event) -> list[Problem]:
    if not needs_vote(event):
        return []
    if not (event.notice_from and event.notice_to):
        return [Problem("DE7", "yellow", "没有登记公示起止日期。")]
    days = (event.notice_to - event.notice_from).days + 1
    least = parameter("division.notice_days", event.notice_from)
    if least is not None and days < int(least):
        return [Problem("DE7", "yellow", f"公示天数不足：公示{days}天，应不少于{int(least)}天。")]
    return []


def is_of_villages(event: Event) -> bool:
    """Whether it concerns more than groups: the county (or province) decides it."""
    levels = {flow.source.level for flow in event.flows.select_related("source")}
    return bool((levels | set(event.units.values_list("level", flat=True))) - {Level.GROUP})


def plan_problems(event: Event, projection: Projection | None = None) -> list[Problem]:
    """Whether the plan can take effect on its day. Reds refuse it."""
    if event.effective is None:
        return [Problem("DE3", "red", "还没有定生效日期。")]
    made = projection or project(event)
    checks = (_shape, _sources, _later, _shares, _codes, _children, _names)
    return [problem for check in checks for problem in check(made)]


def _red(code: str, message: str, place: Division | None = None) -> Problem:
    return Problem(code, "red", message, place.pk if place else None)


def _shape(made: Projection) -> Iterator[Problem]:
    """Whether sources and targets fit the kind of event."""
    event, flows = made.event, made.flows
    units = list(made.units.values())
    new = [unit for unit in units if unit.pk not in made.alive]
    if event.kind == EventKind.CREATE:
        if flows or not units:
            yield _red("DX3", "设立只列新单元，没有原单元；由原单元分出的请选“分设”。")
        return
    if not flows:
        yield _red("DX3", "没有列出原单元。")
        return
    sources = {flow.source_id: flow.source for flow in flows}
    if event.kind in _MERGERS:
        yield from _shape_of_merger(made, new)
    elif event.kind == EventKind.ABOLISH and units:
        yield _red("DX3", "撤销没有去向；有去向的请选合并或划转。")
    elif event.kind == EventKind.SPLIT and len(units) < 2:
        yield _red("DX3", "分设至少有两个调整后单元（原单元保留的也要列出）。")
    elif event.kind in _ONE_TO_ONE and (
        len(flows) != len(units) or len(new) != len(units) or len(sources) != len(flows)
    ):
        yield _red("DX3", f"{event.get_kind_display()}是一个原单元对一个调整后单元。")
    elif event.kind == EventKind.BOUNDARY and (new or any(flow.basis == Basis.WHOLE for flow in flows)):
        yield _red("DX3", "边界调整只在现有单元之间划出一部分，去向要写占比，不能是整体。")
    if event.kind != EventKind.ABOLISH and any(flow.target_id is None for flow in flows):
        yield _red("DX3", "有原单元没有去向。")
    yield from _changes_something(made)
    for flow in flows:
        if (
            flow.target
            and flow.source.level != flow.target.level
            and _one_below(flow.target.level) != flow.source.level
        ):
            yield _red("DX3", f"{flow.source.name}与去向{flow.target}不是同一层级，也不是上下级。", flow.source)


def _shape_of_merger(made: Projection, new: list[Division]) -> Iterator[Problem]:
    event = made.event
    units = list(made.units.values())
    own = [
        flow.source for flow in made.flows if not (flow.target and _one_below(flow.target.level) == flow.source.level)
    ]
    taking = [unit for unit in units if unit.pk in made.alive]
    together = {unit.pk: unit for unit in [*own, *taking]}
    if len(together) < 2:
        yield _red("DX3", "合并至少需要两个不同的单位。")
    elif len({(one.level, one.parent_id) for one in together.values()}) > 1:
        yield _red("DX3", "只能合并同一上级、同一层级的单位，请分别办理。")
    if event.kind == EventKind.MERGE_NEW and (taking or not new):
        yield _red("DX3", "新设合并的去向是新单元；并入现有单元的请选“吸收合并”。")
    if event.kind == EventKind.ABSORB and new:
        yield _red("DX3", "吸收合并的去向是现有单元；成立新单元的请选“新设合并”。")
    if event.kind == EventKind.GROUP_MERGE and any(one.level != Level.GROUP for one in together.values()):
        yield _red("DX3", "小组合并只列村（居）民小组。")


def _changes_something(made: Projection) -> Iterator[Problem]:
    for flow in made.flows:
        new = made.units.get(flow.target_id) if flow.target_id else None
        if new is None:
            continue
        source, kind = flow.source, made.event.kind
        if new.pk == source.pk and kind != EventKind.SPLIT:
            yield _red("DL2", f"沿革成环：{source.name}的去向是它自己。", source)
        elif new.pk in made.closed:
            yield _red("DL2", f"沿革成环：{new.name}既是去向，又在本次终止。", source)
        elif kind == EventKind.RENAME and new.name == source.name:
            yield _red("DX3", f"{source.name}的新名称与原名称相同。", source)
        elif kind == EventKind.RECODE and new.code == source.code:
            yield _red("DX3", f"{source.name}的新代码与原代码相同。", source)
        elif kind == EventKind.RECLASS and new.code and own_number(new.code, new.level) >= 200:
            yield Problem("DV7", "yellow", f"{new.name}村改居后代码仍是{new.code}，应换成001–199的代码。", source.pk)


def _sources(made: Projection) -> Iterator[Problem]:
    """Every unit that gives or takes is there, and what ends was there the day before."""
    day = f"{made.on:%Y-%m-%d}"
    for source in {flow.source_id: flow.source for flow in made.flows}.values():
        if source.pk not in made.alive or source.valid_from >= made.on:
            verb = "合并" if made.event.kind in _MERGERS else "调整"
            yield _red("DX1", f"{source.name}在{day}之前不是有效单位，不能{verb}。", source)
    for unit in made.units.values():
        if not unit._state.adding and unit.pk not in made.alive:
            yield _red("DX1", f"{unit.name}在{day}不是有效单位，不能作为去向。", unit)
        if unit._state.adding and unit.parent_id and unit.parent_id not in made.alive:
            yield _red("DV4", f"{unit.name}的上级在{day}不是有效单位。", unit.parent)
        if unit._state.adding and unit.parent_id is None and unit.level != Level.COUNTY:
            yield _red("DV4", f"{unit.name}没有写上级。")
    for place in made.closed.values():
        if place.valid_from >= made.on:
            yield _red("DX1", f"{place.name}在{day}当天才成立，不能同一天又终止：请把两件事合为一件。", place)


def _later(made: Projection) -> Iterator[Problem]:
    """A day before what happened since: the units must not have changed after it."""
    event = made.event
    involved = made.involved
    after = Q(event__effective__gt=made.on) | Q(event__effective=made.on, event__order__gt=event.order)
    touched = Edge.objects.filter(after, Q(source__in=involved) | Q(target__in=involved)).exclude(event=event)
    others = {edge.event_id: edge.event for edge in touched.select_related("event")}
    ended = (
        Division.objects.filter(pk__in=involved, valid_to__gt=made.on)
        .exclude(end_event=event)
        .select_related("end_event")
    )
    others |= {one.end_event_id: one.end_event for one in ended if one.end_event}  # type: ignore[misc]
    for other in others.values():
        yield _red(
            "DX2", f"这些单元后来已由“{other.title}”（{other.effective}）调整，不能再补办更早的事项：请先撤销后面的。"
        )
    born = Division.objects.filter(parent__in=made.closed, valid_from__gte=made.on).exclude(born_event=event)
    for place in born.exclude(pk__in=made.closed):
        yield _red("DX2", f"{place.name}在{place.valid_from}才设在将终止的单元下，请先处理它或改生效日期。", place)
    gone = [
        unit for unit in made.units.values() if unit.pk in made.alive and unit.valid_to and unit.pk not in made.closed
    ]
    for unit in gone:
        if unit.end_event_id is None or unit.end_event_id not in others:
            yield _red("DX2", f"{unit.name}到{unit.valid_to}就终止，不能作为去向。", unit)


def _shares(made: Projection) -> Iterator[Problem]:
    """DL1."""
    of_source: dict[uuid.UUID, list[Edge]] = defaultdict(list)
    for edge in made.edges:
        of_source[edge.source_id].append(edge)
    for pk, edges in of_source.items():
        source, ends = edges[0].source, pk in made.closed
        if any(edge.whole for edge in edges) and len(edges) > 1:
            yield _red("DL1", f"{source.name}整体并入只能有一个去向。", source)
        elif not any(edge.whole for edge in edges):
            yield from _parts(source, edges, ends)


def _parts(source: Division, edges: list[Edge], ends: bool) -> Iterator[Problem]:
    if ends and len(edges) == 1:
        yield _red("DL1", f"{source.name}终止而只有一个去向，应写“整体”。", source)
        return
    for column, label in (("pop_share", "人口"), ("land_share", "土地")):
        said = [getattr(edge, column) for edge in edges]
        known = [share for share in said if share is not None]
        total = sum(known, Decimal(0))
        if ends and len(known) == len(said) and abs(total - 1) > _SHARE:
            yield _red("DL1", f"{source.name}各去向的{label}占比合计是{total}，应为1。", source)
        elif total > 1 or (not ends and total == 1):
            yield _red("DL1", f"{source.name}划出的{label}占比合计是{total}，应小于1。", source)
        elif len(known) < len(said):
            message = f"{source.name}没有写{label}占比：没有组别的往年{label}数将无法分到各去向。"
            yield Problem("DL1", "yellow", message, source.pk)


def _codes(made: Projection) -> Iterator[Problem]:
    """DV1, DV2, DV3, and numbers that ran out."""
    for place in made.full:
        yield _red("DV1", f"{place.name}分不到代码：上级下面没有空号，请先写明代码。")
    codes = [place.code for place in made.opened if place.code]
    others = Division.objects.filter(code__in=codes).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=made.on))
    in_use = {place.code: place for place in others.exclude(pk__in=made.closed)}
    seen: dict[str, Division] = {}
    for place in made.opened:
        if not place.code:
            continue
        parent = place.parent
        if problem := code_problem(place.code, place.level, parent.code if parent else None):
            yield _red("DV1", f"{place.name}：{problem}")
        elif problem := class_problem(place.code, place.level, place.cls):
            yield _red("DV2", f"{place.name}：{problem}")
        if other := in_use.get(place.code) or seen.get(place.code):
            yield _red("DV3", f"代码{place.code}正由{other.name}使用，请给新单位另一个代码。", other)
        seen[place.code] = place


def _children(made: Projection) -> Iterator[Problem]:
    """DE5, and the groups that get another number or name."""
    for child in made.unplaced:
        yield _red("DE5", f"{child.name}（{child.code}）未列去向。", child)
    for was, now in made.renumbered:
        if was.level == Level.GROUP and (was.name != now.name or was.code[-2:] != now.code[-2:]):
            message = f"{was.name}（{was.code}）改为{now.parent}的{now.name}（{now.code}）。"
            yield Problem("DX6", "yellow", message, was.pk)


def _names(made: Projection) -> Iterator[Problem]:
    """DV6, and names that would mean two places."""
    stays = [place for place in made.stays() if place.level == Level.VILLAGE]
    by_name: dict[tuple[uuid.UUID | None, str], set[uuid.UUID]] = defaultdict(set)
    meant: dict[str, set[uuid.UUID]] = defaultdict(set)
    for place in stays:
        by_name[place.parent_id, place.name].add(place.pk)
        meant[plain_name(place.name)].add(place.pk)
    new = [place for place in made.opened if place.level == Level.VILLAGE]
    for place in new:
        if len(by_name[place.parent_id, place.name]) > 1:
            yield Problem("DV6", "yellow", f"镇内已有叫{place.name}的村（社区）。", None)
    groups: dict[tuple[uuid.UUID | None, str], list[Division]] = defaultdict(list)
    for place in made.stays():
        if place.level == Level.GROUP:
            groups[place.parent_id, place.name].append(place)
    for same in groups.values():
        if len(same) > 1 and any(one._state.adding for one in same):
            yield Problem("DX6", "yellow", f"{same[0].parent}会有{len(same)}个组都叫{same[0].name}。", None)
    alive = [place.pk for place in stays if not place._state.adding]
    said = Alias.objects.filter(division__in=alive).values_list("name", "division_id")
    for name, pk in [*said, *((one.name, one.division.pk) for one in made.aliases)]:
        meant[plain_name(name)].add(pk)
    own = {plain_name(place.name) for place in new} | {
        plain_name(one.name) for one in made.aliases if one.division.level == Level.VILLAGE
    }
    names = {place.pk: place.name for place in stays}
    for name in sorted(own):
        if len(places := meant[name] & names.keys()) > 1:
            both = "、".join(sorted(names[pk] for pk in places))
            yield Problem("DX5", "yellow", f"“{name}”以后可能指{both}：导入时将要求写区划代码。")


def _one_below(level: str) -> str:
    return {Level.COUNTY: Level.TOWN, Level.TOWN: Level.VILLAGE, Level.VILLAGE: Level.GROUP}.get(Level(level), "")
