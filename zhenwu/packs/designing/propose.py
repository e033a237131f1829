"""A sample table → a proposed design, with why. Pure: what the township knows comes in through `Known`."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from zhenwu.lib.sheets import Sheet, SheetError, Table, find_table, read_book
from zhenwu.packs.designing import words
from zhenwu.packs.designing.codes import field_code, ledger_code, ledger_prefix
from zhenwu.packs.designing.design import Design, Part
from zhenwu.packs.designing.guessing import Guess, guess
from zhenwu.packs.designing.keys import Candidate, propose_key
from zhenwu.packs.designing.naming import label_of, line_of
from zhenwu.packs.designing.personal import personal_cells
from zhenwu.packs.designing.privacy import PERSONAL_TYPES, is_about_people, privacy_of, privacy_of_ledger
from zhenwu.packs.designing.sample import Known, SampleColumn, columns_of
from zhenwu.packs.spec import LINE_LABELS, Option
from zhenwu.packs.types import is_sealed

_IN_LIST = 6
_MOST_FIELDS = 120
_OF_EVERY_ROW = {"编号", "备注", "状态", "审核", "村（社区）"}  # heads of columns that every ledger's sheet has already


@dataclass(frozen=True)
class Taken:
    """Names in use: codes and prefixes of ledgers, and the lines of work that the proposer handles."""

    codes: Collection[str] = ()
    prefixes: Collection[str] = ()
    lines: Sequence[str] = tuple(LINE_LABELS)
    unit: str = ""


def read_sample(data: bytes, filename: str, sheet: str = "") -> tuple[Sheet, Table, list[str]]:
    """The first (or the named) visible sheet that holds a table, and the names of all visible sheets. Raises SheetError."""
    book = read_book(data, filename=filename)
    visible = book.visible or book.sheets
    first: SheetError | None = None
    for one in [one for one in visible if one.name == sheet] or visible:
        try:
            return one, find_table(one), [each.name for each in visible]
        except SheetError as problem:
            first = first or problem
    raise first or SheetError("no_sheets", f"“{filename}”里没有可读的工作表。")


def propose(sheet: Sheet, table: Table, filename: str, known: Known, taken: Taken) -> Design:
    """Raises SheetError for a table that is too wide to be a ledger."""
    columns = columns_of(table)
    if len(columns) > _MOST_FIELDS:
        raise SheetError(
            "too_wide", f"“{table.sheet}”有{len(columns)}列，一本台账最多{_MOST_FIELDS}个字段。请拆成几张表。"
        )
    guesses = _guesses(columns, known)
    label, label_why = label_of(sheet, table, filename)
    about_people = is_about_people(columns, guesses)
    parts = _parts(columns, guesses, about_people, label)
    line, word = line_of(f"{label}{filename}", "".join(column.label for column in columns), taken.lines)
    design = Design(
        code=ledger_code(label, taken.codes),
        label=label,
        line=line,
        prefix=ledger_prefix(label, taken.prefixes),
        one_row=f"一条{label.removesuffix('台账')}记录",
        unit=taken.unit,
        source=f"本镇自建，样表“{filename[:80]}”",
        privacy=privacy_of_ledger(label, about_people),
        parts=sorted(parts, key=lambda part: part.use == "skip"),  # what is not kept comes last
        rows=len(table.rows),
        whys={"label": label_why} | ({"line": f"有“{word}”字样"} if word else {}),
        remarks=_remarks(table),
    )
    _place(design, parts)
    _key(design, columns, parts)
    _title(design, columns)
    _main_date(design)
    _listed(design)
    return design


def _guesses(columns: Sequence[SampleColumn], known: Known) -> list[Guess]:
    found: list[Guess] = []
    has_place = has_note = False
    for column in columns:
        one = guess(column, known, place_taken=has_place)
        if one.target == "note" and has_note:
            one = Guess("text", "表里已有另一列“备注”")
        has_place = has_place or one.target == "division"
        has_note = has_note or one.target == "note"
        found.append(one)
    return found


def _parts(columns: Sequence[SampleColumn], guesses: Sequence[Guess], about_people: bool, label: str) -> list[Part]:
    parts: list[Part] = []
    codes: set[str] = set()
    labels: set[str] = set()
    for number, (column, one) in enumerate(zip(columns, guesses, strict=True), 1):
        called = _called(column, one, label, labels)
        labels.add(called)
        privacy, why = privacy_of(column, one, about_people=about_people)
        is_field = one.target == "field"
        code = field_code(called, codes) if is_field else ""
        codes |= _columns_of(code, one.type)
        whys = [one.why]
        required = is_field and column.is_full and one.type != "bool"
        if required:
            whys.append("没有空的")
        if why:
            whys.append(f"{why}，建议{privacy}")
        parts.append(Part(
            number=number, use=one.target, code=code, label=called, type=one.type or "text", unit=one.unit,
            options=[Option(value=word[:64]) for word in one.options], required=required, privacy=privacy,
            aliases=[column.header] if is_field and column.header != called and column.header not in _OF_EVERY_ROW else [],
            column=column.index, header=column.header, samples=_samples(column, one, privacy), whys=whys,
            warnings=[_without_numbers(note) for note in one.notes],
        ))  # fmt: skip
    return parts


def _columns_of(code: str, kind: str) -> set[str]:
    """A link takes <code>_id and a personal number <code>_hash and more: no other code may be one of these."""
    return {code, f"{code}_id", f"{code}_hash"} | (
        {f"{code}_{end}" for end in ("ok", "birth", "sex", "region", "last4_hash")} if kind == "idno" else set()
    )


def _called(column: SampleColumn, one: Guess, ledger: str, labels: Collection[str]) -> str:
    label = column.label
    if one.unit and label.endswith(f"({one.unit})"):  # the unit has its own box
        label = label.removesuffix(f"({one.unit})")
    if one.target == "field" and label in _OF_EVERY_ROW:  # our own sheets have a column of that name already
        label = f"{ledger.removesuffix('台账')[-8:] or '原'}{label}"
    found, number = label, 2
    while found in labels:
        found, number = f"{label}{number}", number + 1
    return found


def _samples(column: SampleColumn, one: Guess, privacy: str) -> list[str]:
    """The first values, but of what is personal none: a design is read by more people than the table."""
    if one.type in PERSONAL_TYPES or privacy in ("S2", "S3") or personal_cells(column):
        return []
    return column.samples()


def _without_numbers(text: str) -> str:
    return re.sub(r"\d[\d \-]{6,}[\dXx]", "（号码）", text)


def _place(design: Design, parts: Sequence[Part]) -> None:
    place = next((part for part in parts if part.use == "division"), None)
    if place is None:
        design.place, design.place_required = "town", False
        design.whys["place"] = "表里没有村（社区）一列，记录归全镇"
        return
    design.place_label = place.label
    column_full = not place.warnings
    design.place_required = column_full
    design.whys["place"] = place.whys[0]


def _key(design: Design, columns: Sequence[SampleColumn], parts: Sequence[Part]) -> None:
    by_index = {column.index: column for column in columns}
    candidates = [
        Candidate("division" if part.use == "division" else part.code, part.type, part.label, by_index[part.column])
        for part in parts
        if part.use in ("field", "division") and part.column is not None
    ]
    design.key, design.whys["key"] = propose_key(candidates)
    if len(design.key) == 1:
        only = next((part for part in design.fields if part.code == design.key[0]), None)
        if only and only.type == "text" and words.CODE.search(only.header):
            only.unique = True


def _title(design: Design, columns: Sequence[SampleColumn]) -> None:
    """What names a row: a name or a name-like text that whoever may list the ledger may read."""
    open_ones = [
        part
        for part in design.fields
        if part.type in ("text", "person") and part.privacy <= design.privacy and not is_sealed(part.type, part.privacy)
    ]
    named = [
        part
        for part in open_ones
        if part.header.endswith(("姓名", "名称", "户主", "店名", "路名", "书名", "品名", "药名"))
    ]
    keyed = [part for part in open_ones if part.code in design.key]
    if chosen := (named or keyed or open_ones)[:1]:
        design.title = [chosen[0].code]


_OTHER_DAYS = re.compile(r"出生|生日|到期|截止|有效期|生产|出厂|下次|计划|失效|换届")


def _main_date(design: Design) -> None:
    dates = [part for part in design.fields if part.type in ("date", "datetime", "month")]
    happened = [part for part in dates if not _OTHER_DAYS.search(part.label)]
    if happened:
        design.main_date = happened[0].code
        design.whys["main_date"] = "按这个日期算哪一年、哪一月的记录"


def _listed(design: Design) -> None:
    shown = [
        part
        for part in design.fields
        if part.type not in ("longtext", "files") and part.privacy in ("S0", "S1") and part.type not in PERSONAL_TYPES
    ]
    first = [part for part in shown if part.code in design.title] + [
        part for part in shown if part.code not in design.title
    ]
    for part in first[:_IN_LIST]:
        part.in_list = True


def _remarks(table: Table) -> list[str]:
    said = []
    if len(table.header_rows) > 1:
        said.append(f"表头有{len(table.header_rows)}层，上下两层的名称合成一个字段名。")
    if table.dropped:
        said.append(
            f"有{len(table.dropped)}行不是数据（{'、'.join(dict.fromkeys(why for _, why in table.dropped))}），没有计入。"
        )
    if table.unnamed:
        said.append(f"{'、'.join(table.unnamed)}列有内容但没有列名，没有计入。要登记请先补上列名再上传。")
    return said


def allowed_lines(lines: Iterable[str]) -> list[str]:
    given = set(lines)
    return [line for line in LINE_LABELS if line in given]
