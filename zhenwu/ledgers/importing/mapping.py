"""Which column of a sheet is which field: by label, alias, code, else by likeness. A person can correct it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.importing.companions import extra_columns
from zhenwu.ledgers.queries import shown_lines
from zhenwu.lib.sheets import Column
from zhenwu.lib.text import clean_header, split_unit
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_LIKE = 86  # rapidfuzz ratio from which two headers are offered as the same
_ID_WORDS = ("身份证号", "身份证号码", "公民身份号码", "证件号码", "身份证")
_IMPLICIT = {"no": ("编号",), "state": ("状态", "当前状态", "办理状态"), "note": ("备注", "说明")}
IGNORED = ("序号", "行号")


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column and what it fills: a field code, division, no, state, note, `<person field>:idno`, a column of a child
    table as `<field>.<column>`, or nothing."""

    column: Column
    target: str
    how: Literal["exact", "alias", "like", "chosen", "remembered", "none"]


def targets_of(ledger: Ledger, scope: Scope | None = None) -> dict[str, str]:
    """Everything a column can fill: target → label. With `scope` only fields that it shows."""
    kinds = {
        code: kind
        for code, kind in ledger.types.items()
        if kind.writable and (scope is None or scope.shows(kind.spec.privacy))
    }
    found = {"division": ledger.spec.place_label} | {code: kind.label for code, kind in kinds.items()}
    for code, kind in kinds.items():
        if kind.name in ("person", "household"):
            found[f"{code}:idno"] = f"{kind.label}身份证号"
    for code, columns in _line_columns(ledger, scope).items():
        for name, kind in columns.items():
            found[f"{code}.{name}"] = f"{ledger.types[code].label}·{kind.label}"
    found |= {one.target: one.label for one in extra_columns(ledger.code)}
    return found | {"no": "编号", "state": "状态", "note": "备注"}


def _line_columns(ledger: Ledger, scope: Scope | None = None) -> dict[str, dict[str, FieldType]]:
    """What a sheet can fill of child tables: all but files."""
    shown = shown_lines(ledger, scope) if scope else {code: table.stored for code, table in ledger.children.items()}
    return {
        code: {name: kind for name, kind in columns.items() if kind.writable and kind.widget != "file"}
        for code, columns in shown.items()
    }


def map_columns(
    ledger: Ledger, columns: Sequence[Column], chosen: dict[int, str] | None = None,
    remembered: dict[int, str] | None = None,
) -> list[Mapped]:  # fmt: skip
    """One Mapped per column, in order. What a person chose (column index → target, "" = leave out) overrules; else what was
    chosen for such a sheet before, as far as the ledger still has it."""
    words = dict(_words(ledger))
    known = targets_of(ledger)
    chosen = chosen or {}
    taken = set(chosen.values()) - {""}
    found: dict[int, Mapped] = {}
    for column in columns:
        if column.index in chosen:
            found[column.index] = Mapped(column, chosen[column.index], "chosen")
    for column in columns:
        target = (remembered or {}).get(column.index)
        if column.index in found or target is None or target in taken or (target and target not in known):
            continue
        found[column.index] = Mapped(column, target, "remembered")
        taken |= {target} - {""}
    for column in columns:  # exact matches first, so that a likeness never takes their field
        if column.index in found:
            continue
        for spelling in _spellings(column):
            target, is_label = words.get(spelling, ("", False))
            if target and target not in taken:
                taken.add(target)
                found[column.index] = Mapped(column, target, "exact" if is_label else "alias")
                break
    ignored = {*map(clean_header, IGNORED), *_worked_out(ledger)}
    for column in columns:
        if column.index not in found:
            free = {word: target for word, (target, _) in words.items() if target not in taken and "." not in target}
            target = _like(column, free, ignored)
            taken.add(target)
            found[column.index] = Mapped(column, target, "like" if target else "none")
    return _without_half_lines(ledger, [found[column.index] for column in columns])


def _without_half_lines(ledger: Ledger, mapping: list[Mapped]) -> list[Mapped]:
    """Columns are taken for those of a child table by their names only where all that a line must have is there."""
    has = {one.target for one in mapping}
    whole = {
        code
        for code, table in ledger.children.items()
        if all(f"{code}.{name}" in has for name, kind in table.stored.items() if kind.spec.required is True)
    }
    return [
        Mapped(one.column, "", "none")
        if "." in one.target and one.how not in ("chosen", "remembered") and one.target.partition(".")[0] not in whole
        else one
        for one in mapping
    ]


def known_headers(ledger: Ledger) -> list[str]:
    """Every header that means something to this ledger, for finding the header row of a sheet; labels come first, since
    the message about a wrong sheet names the first few."""
    labels = [clean_header(label) for target, label in targets_of(ledger).items() if ":" not in target]
    return list(dict.fromkeys([*labels, *(word for word, _ in _words(ledger)), *map(clean_header, IGNORED)]))


def _words(ledger: Ledger) -> Iterator[tuple[str, tuple[str, bool]]]:
    """(normalised header, (target, is it the label)); when two fields share a word, the earlier field has it."""
    said: dict[str, tuple[str, bool]] = {}

    def learn(word: str, target: str, is_label: bool) -> None:
        plain = split_unit(clean_header(word))[0]
        if plain and (plain not in said or (is_label and not said[plain][1])):
            said[plain] = (target, is_label)

    for code, kind in ledger.types.items():
        if kind.writable:
            learn(kind.label, code, True)
            learn(code, code, True)
            if unit := unit_of(kind):  # our own sheets write it so, and 赞成（票） has no unit that can be converted
                learn(f"{kind.label}（{unit}）", code, True)
    learn(ledger.spec.place_label, "division", True)
    for word in (*ledger.spec.place_aliases, "村(社区)", "村社区", "村名", "所属村", "所在村", "村", "行政村"):
        learn(word, "division", False)
    for code, kind in ledger.types.items():
        for word in kind.spec.aliases if kind.writable else ():
            learn(word, code, False)
    for target, implicit in _IMPLICIT.items():
        for word in implicit:
            learn(word, target, False)
    for extra in extra_columns(ledger.code):
        for word in (extra.label, *extra.aliases):
            learn(word, extra.target, word == extra.label)
    persons = [(code, kind) for code, kind in ledger.types.items() if kind.name in ("person", "household")]
    for code, kind in persons:
        for word in _ID_WORDS:
            for name in (kind.label, *kind.spec.aliases):
                learn(f"{name}{word}", f"{code}:idno", False)
    if persons and not any(kind.name == "idno" for kind in ledger.types.values()):
        for word in _ID_WORDS:
            learn(word, f"{persons[0][0]}:idno", False)
    for code, columns in _line_columns(ledger).items():
        for name, column in columns.items():
            table = ledger.types[code].label
            for word in (f"{table}/{column.label}", f"{table}{column.label}", f"{table}·{column.label}", column.label):
                learn(word, f"{code}.{name}", word != column.label)
            for word in column.spec.aliases:
                learn(word, f"{code}.{name}", False)
    yield from said.items()


def _spellings(column: Column) -> Iterator[str]:
    parts = [split_unit(clean_header(part))[0] for part in column.path if part]
    if not parts:
        return
    yield "/".join(parts)
    yield "".join(parts)
    yield parts[-1]
    if len(parts) > 1:
        yield parts[0]


def _worked_out(ledger: Ledger) -> Iterator[str]:
    """The headers of computed columns in our own sheets: nothing is read from them."""
    for table in (ledger, *ledger.children.values()):
        yield from (split_unit(clean_header(kind.label))[0] for kind in table.computed.values())


def _like(column: Column, words: dict[str, str], ignored: Collection[str]) -> str:
    spelling = next(_spellings(column), "")
    if len(spelling) < 3 or spelling in ignored:
        return ""
    best = process.extract(spelling, list(words), scorer=fuzz.ratio, limit=2, score_cutoff=_LIKE)
    if not best or (len(best) > 1 and words[best[0][0]] != words[best[1][0]] and best[0][1] - best[1][1] < 4):
        return ""
    return words[best[0][0]]
