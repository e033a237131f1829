"""A whole register in one sheet: persons with 与户主关系 become persons, households and memberships, in one change.

Rows of a family stand together. A family begins at a row whose relation is 户主 (or 本人), or where the household's number
changes. What the sheet says otherwise than the registers is no edit: it is told, with the event that would make it so.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.accounts.scope import Scope
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review
from zhenwu.changes.queries import ledger_seq
from zhenwu.ledgers.importing.companions import Besides, ExtraColumn
from zhenwu.ledgers.importing.staged import StagedRows
from zhenwu.ledgers.operations import Draft, NewRows
from zhenwu.ledgers.resolve import Resolver
from zhenwu.lib.columns import by_value
from zhenwu.lib.ids import uuid7
from zhenwu.lib.text import fold_width, is_empty_mark, name_key
from zhenwu.packs import runtime
from zhenwu.packs.types import FieldProblem
from zhenwu.people.models import HouseholdMember
from zhenwu.people.relations import HEAD, HEADS, OTHER_KIN

REL, HEAD_NAME, HNO, SINCE = "family:rel", "family:head", "family:hno", "family:since"
_ONE_DIGIT = {"0": "02", "1": "10", "2": "20", "3": "30", "4": "40", "5": "50", "6": "60", "7": "70", "8": "80"}
_CHUNK = 5000
_HUKOU = "hukou"


@dataclass
class Family:
    """One household of the sheet: its rows by place, the relation of each, and what is there already."""

    rows: list[int]
    rels: list[str]
    hno: str | None = None
    since: date | None = None
    known: uuid.UUID | None = None  # the household that the head already heads
    news: list[int] = field(default_factory=list)  # places of rows whose membership begins

    @property
    def head(self) -> int | None:
        heads = [at for at, rel in zip(self.rows, self.rels, strict=True) if rel in HEADS]
        return heads[0] if len(heads) == 1 else None


@dataclass(frozen=True)
class _Home:
    household: uuid.UUID
    no: str
    rel: str
    head: uuid.UUID | None


class Register:
    columns: Sequence[ExtraColumn] = (
        ExtraColumn(REL, "与户主关系", ("与户主的关系", "家庭关系", "户主关系", "与户主之关系")),
        ExtraColumn(HEAD_NAME, "户主姓名", ("户主", "户主名字")),
        ExtraColumn(HNO, "户号", ("户编号", "户口簿号", "户口本号", "门牌户号")),
        ExtraColumn(SINCE, "立户日期", ("立户时间", "入户日期", "入户时间")),
    )
    writes: Sequence[str] = ("household", "household_member")
    since_label = "户籍登记起始日期"
    since_help = (
        "表里有“与户主关系”、没有“立户日期”的户，户成员关系从这一天算起。"
        "不填的，用表头上方写的登记（填报）日期；表上也没有的，从本年1月1日算起。"
    )

    # staging
    def stage(
        self, rows: StagedRows, cells: Mapping[str, Sequence[Any]], *, scope: Scope | None, today: date,
        day: date | None, since: date | None = None,
    ) -> Besides:  # fmt: skip
        if REL not in cells:
            return Besides()
        families = list(_families(rows, cells, today))
        homes = _homes(rows, families)
        groups = rows.values.get("hukou_group") or [None] * len(rows)
        approves = scope is None or scope.approve
        for one in families:
            _judge(rows, one, homes, groups, approves)
        for one in families:
            _whole(rows, one)
        fine = [one for one in families if not any(at in rows.problems for at in one.rows)]
        new, members = sum(one.known is None for one in fine), sum(len(one.news) for one in fine)
        seqs = {code: ledger_seq(code) for code in self.writes}
        says = f"表里有{len(families)}户：新立{new}户，登记{members}人的户成员关系，与人口在同一次变更里写入。"
        return Besides(says + _dated(fine, day, since, today), seqs, fine)

    # writing
    def drafts(
        self, besides: Besides, rows: StagedRows, ids: Mapping[int, uuid.UUID], *, by: Any, source: Source, reason: str,
        review: Review, today: date, name: str,
    ) -> list[Draft]:  # fmt: skip
        families: list[Family] = [one for one in besides.plan or () if all(at in ids for at in one.rows)]
        homes: dict[str, list[Any]] = defaultdict(list)
        spells: dict[str, list[Any]] = defaultdict(list)
        for one in families:
            head = one.head
            if head is None:
                continue
            home, place = one.known or uuid7(), rows.divisions[head]
            if one.known is None:
                said = {
                    "id": home,
                    "at": rows.numbers[head],
                    "place": place,
                    "hno": one.hno,
                    "head": ids[head],
                    "from_date": one.since,
                }
                said["grp"] = (rows.values.get("hukou_group") or [None] * len(rows))[head]
                for key, value in said.items():
                    homes[key].append(value)
            for at, rel in zip(one.rows, one.rels, strict=True):
                if at in one.news:
                    said = {
                        "at": rows.numbers[at],
                        "place": place,
                        "household": home,
                        "person": ids[at],
                        "rel": rel,
                        "from_date": one.since,
                    }
                    for key, value in said.items():
                        spells[key].append(value)
        found = []
        for code, table, fixed in (
            ("household", homes, {"hkind": _HUKOU}),
            ("household_member", spells, {"counted": True}),
        ):
            if table:
                new = _new_rows(table, fixed, review, name)
                found.append(Draft(code, by, [new], source, reason, today))
        return found


def _dated(families: Sequence[Family], day: date | None, since: date | None, today: date) -> str:
    """Give families without 立户日期 the day that a person gave, else that of the sheet, else the first of the year, and tell
    so."""
    undated = [one for one in families if one.since is None]
    own = since or (day if day and day <= today else None)
    for one in undated:
        one.since = own or date(today.year, 1, 1)
    new = sum(bool(one.news) for one in undated)
    if not new:
        return ""
    if own:
        where = "填写的" if since else "表上写的"
        return f"有{new}户没有写立户日期，户成员关系从{where}{own.year}年{own.month}月{own.day}日算起。"
    return (
        f"有{new}户没有写立户日期，户成员关系从{today.year}年1月1日算起；要从别的日子算起，"
        "请填写户籍登记起始日期，或在表头上方写明“登记日期：”和年月日，或加“立户日期”一列。"
    )


def _new_rows(table: Mapping[str, list[Any]], fixed: dict[str, Any], review: Review, name: str) -> NewRows:
    count = len(table["at"])
    values: dict[str, Sequence[Any]] = {
        code: column for code, column in table.items() if code not in ("id", "at", "place")
    }
    values |= {code: [value] * count for code, value in fixed.items()}
    return NewRows(
        values, table["place"], [review] * count, [""] * count, [None] * count, [f"{name} 第{at}行" for at in table["at"]],
        table["at"], table.get("id") or [uuid7() for _ in range(count)],
    )  # fmt: skip


def _families(rows: StagedRows, cells: Mapping[str, Sequence[Any]], today: date) -> Iterator[Family]:
    words = _words()
    names = rows.values.get("name") or [None] * len(rows)
    empty: Sequence[Any] = [None] * len(rows)
    rels, hnos = by_value(cells[REL], _text, ""), by_value(cells.get(HNO) or empty, _text, "")
    heads = by_value(cells.get(HEAD_NAME) or empty, lambda raw: name_key(_text(raw)), "")
    now: Family | None = None
    head_now = ""
    for at, (said, hno, head) in enumerate(zip(rels, hnos, heads, strict=True)):
        rel = words.get(said.removeprefix("户主的").removeprefix("户主之"), "") if said else ""
        own = name_key(names[at] or "")
        if not rel and said:
            rel = OTHER_KIN
            rows.remarks.setdefault(at, []).append(f"“与户主关系”填的是“{said}”，不认得，先记为“其他亲属”，请核对。")
        if not rel and head and head == own:
            rel = HEAD
        other_home = now is not None and bool(hno) and bool(now.hno) and hno != now.hno
        other_head = (
            bool(head) and bool(head_now) and head != head_now and not (hno and now is not None and hno == now.hno)
        )
        if (
            now is None
            or other_home
            or other_head
            or (rel in HEADS and now.head is not None and not (hno and hno == now.hno))
        ):
            if now is not None:
                yield now
            now, head_now = Family([], [], hno or None, _since(rows, at, cells, today)), head
        now.rows.append(at)
        now.rels.append(HEAD if rel in HEADS else rel)
        now.hno, head_now = now.hno or hno or None, head_now or head
    if now is not None:
        yield now


def _judge(
    rows: StagedRows, one: Family, homes: Mapping[uuid.UUID, _Home], groups: Sequence[Any], approves: bool
) -> None:
    """What is wrong with a family, and whose membership begins."""
    first = one.rows[0]
    heads = [at for at, rel in zip(one.rows, one.rels, strict=True) if rel in HEADS]
    if len(heads) != 1:
        says = (
            "这一户没有户主：请在与户主关系里写明谁是“户主”。"
            if not heads
            else f"这一户有{len(heads)}个户主，只能有一个。"
        )
        _problem(rows, heads[1] if heads else first, says)
        return
    head = heads[0]
    if approves and groups[head] is None and rows.stored[head] is None:
        _problem(rows, head, "新立的户要写明村民小组：请补“组”这一列。", "hukou_group")
    theirs = _home_of(rows, head, homes)
    if theirs is not None and theirs.head == uuid.UUID(rows.stored[head]):
        one.known = theirs.household
    elif theirs is not None:
        _problem(
            rows, head, f"已登记在{theirs.no}里，不是那一户的户主：改立新户请登记“分户”，变更户主请登记“户主变更”。"
        )
    for at, rel in zip(one.rows, one.rels, strict=True):
        if not rel:
            _problem(rows, at, "没有填与户主关系。")
            continue
        home = _home_of(rows, at, homes)
        if home is None:
            one.news.append(at)
            if rows.statuses[at] == "same":
                rows.statuses[at], rows.edits[at], rows.changes[at] = "change", {}, {"与户主关系": ("", _shown(rel))}
        elif home.household != one.known and at != head:
            _problem(rows, at, f"已登记在另一户{home.no}里：请登记变动（婚嫁、迁移、分户），不能靠导入改户。")
        elif home.rel != rel and not (home.rel in HEADS and rel in HEADS):
            _problem(
                rows, at, f"与户主关系登记的是“{_shown(home.rel)}”，表里是“{_shown(rel)}”：请登记“更正”，或改正表格。"
            )


def _whole(rows: StagedRows, one: Family) -> None:
    """Never half a family: a row that cannot be taken keeps the others of its household out."""
    wrong = [at for at in one.rows if at in rows.problems]
    for at in one.rows if wrong else ():
        if at not in rows.problems:
            _problem(rows, at, f"同一户的第 {rows.numbers[wrong[0]]} 行有问题，整户一起改好后再导入。")


def _homes(rows: StagedRows, families: Sequence[Family]) -> dict[uuid.UUID, _Home]:
    """{person: the 户籍户 they live in}, of the persons that are registered already."""
    stored = [uuid.UUID(one) for one in rows.stored if one]
    found: dict[uuid.UUID, _Home] = {}
    for start in range(0, len(stored), _CHUNK):
        known = HouseholdMember.objects.unscoped("matching").filter(
            person__in=stored[start : start + _CHUNK], voided_by_change=None, to_date=None, household__hkind=_HUKOU,
            household__voided_by_change=None,
        )  # fmt: skip
        for person, *said in known.values_list(
            "person_id", "household_id", "household__no", "rel", "household__head_id"
        ):
            found[person] = _Home(said[0], said[1], said[2] or "", said[3])
    return found


def _home_of(rows: StagedRows, at: int, homes: Mapping[uuid.UUID, _Home]) -> _Home | None:
    stored = rows.stored[at]
    return homes.get(uuid.UUID(stored)) if stored else None


def _problem(rows: StagedRows, at: int, says: str, code: str = REL) -> None:
    rows.problem(at, code, f"：{says}" if code == REL else says)
    rows.statuses[at] = "problem"


def _since(rows: StagedRows, at: int, cells: Mapping[str, Sequence[Any]], today: date) -> date | None:
    raw = (cells.get(SINCE) or [None] * len(rows))[at]
    if raw in (None, ""):
        return None
    kind = runtime.ledger("household").types["from_date"]
    try:
        found: date | None = kind.parse(raw, Resolver(today))
    except FieldProblem as problem:
        _problem(rows, at, str(problem), SINCE)
        return None
    return found


def _words() -> dict[str, str]:
    options = runtime.ledger("household_member").types["rel"].spec.options
    return _ONE_DIGIT | {word: one.value for one in options for word in (one.value, one.shown, *one.aliases)}


def _shown(rel: str) -> str:
    return runtime.ledger("household_member").types["rel"].show(rel)


def _text(raw: Any) -> str:
    if raw is None or raw == "" or is_empty_mark(raw):
        return ""
    said = str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)
    return "".join(fold_width(said).split())
