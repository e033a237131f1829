"""The kinds of events, one function each: who leaves which household, who enters, what becomes of the person."""

from collections.abc import Callable
from typing import Any

from zhenwu.residents.case import Case

_HUKOU = "hukou"


def birth(case: Case) -> None:
    if case.need("to_hh", "新户（孩子登记在哪一户）"):
        case.take_persons(new=True)
        for one in case.who:
            case.book.enter(one, case.to_hh, case.rels[one])  # type: ignore[arg-type]


def death(case: Case) -> None:
    case.take_persons()
    if len(case.lines) > 1:
        case.book.problem("persons", "死亡须一人一件：请分开登记。")
    proof = {"death_cert": "medical", "notice_police": "police", "village_report": "village"}.get(
        case.event.proof, "police"
    )
    for one in case.who:
        values = {"death_date": case.on, "death_proof": proof, "hukou_status": "dead"}
        case.change_person(one, values, "die")
        for spell in case.book.homes(one):
            case.book.leave(spell)


def move_in(case: Case) -> None:
    case.take_persons(new=True)
    if case.to_hh is None:
        case.new_household(_HUKOU, division=case.event.division_id, grp=case.event.new_grp_id)
    elif not case.need("to_hh", "新户"):
        return
    _arrive(case)


def move_out(case: Case) -> None:
    if not case.need("from_hh", "原户"):
        return
    case.take_persons()
    if not case.event.other_div:
        case.book.problem("other_div", "没有填迁往哪里。")
    _go_away(case)


def split(case: Case) -> None:
    if not case.need("from_hh", "原户"):
        return
    case.take_persons()
    old = case.book.households[case.from_hh]  # type: ignore[index]
    for one in case.who:
        case.leave(one, case.from_hh)
    if not case.book.members(old.pk):
        case.book.problem("persons", f"分户后{old.no}没有人了：全户搬迁请登记“迁出”，换户主请登记“户主变更”。")
    new = case.new_household(old.hkind or _HUKOU, division=old.division_id, grp=case.event.new_grp_id or old.grp_id)
    for one in case.who:
        case.book.enter(one, new, case.rels[one])


def merge(case: Case) -> None:
    if not case.need("from_hh", "原户") or not case.need("to_hh", "新户"):
        return
    if case.from_hh == case.to_hh:
        case.book.problem("to_hh", "原户和新户是同一户。")
        return
    case.take_persons()
    book = case.book
    if book.kind_of(case.from_hh) != book.kind_of(case.to_hh):  # type: ignore[arg-type]
        book.problem("to_hh", "两户的户类型不同，不能合并。")
    missing = [one.name for one in book.members(case.from_hh) if one.person not in case.rels]  # type: ignore[arg-type]
    if missing:
        book.problem("persons", f"并户要写全原户的人：还缺{'、'.join(missing)}。只有部分人过去请登记其他类型。")
    for one in case.who:
        case.leave(one, case.from_hh)
        book.enter(one, case.to_hh, case.rels[one])  # type: ignore[arg-type]


def marry_in(case: Case) -> None:
    if not case.need("to_hh", "新户"):
        return
    case.take_persons(new=True)
    _arrive(case, marriage="20")


def marry_out(case: Case) -> None:
    if not case.need("from_hh", "原户"):
        return
    case.take_persons()
    if case.to_hh is not None and case.need("to_hh", "新户"):
        _arrive(case, marriage="20")
    elif not case.event.other_div:
        case.book.problem("other_div", "嫁到外地的填地方，嫁在本镇的填新户。")
    else:
        _go_away(case, marriage="20")


def adopt(case: Case) -> None:
    if not case.need("to_hh", "新户（收养人的户）"):
        return
    case.take_persons(new=True)
    _arrive(case)
    parents = {"father": case.event.father_id, "mother": case.event.mother_id}
    for one in case.who:
        case.change_person(one, {code: pk for code, pk in parents.items() if pk})


def army(case: Case) -> None:
    case.take_persons()
    for one in case.who:
        case.change_person(one, {"hukou_status": "army"})
        for spell in case.book.homes(one, _HUKOU):
            case.book.leave(spell)


def prison(case: Case) -> None:
    """The household stays; who serves a sentence no longer counts as living there with the others."""
    case.take_persons()
    for one in case.who:
        for spell in case.book.homes(one, "living"):
            case.book.relate(spell, spell.rel, counted=False)


def release(case: Case) -> None:
    case.take_persons()
    for one in case.who:
        stored = case.book.persons[one]
        if stored.hukou_status == "army":
            case.change_person(one, {"hukou_status": "here"})
        for spell in case.book.homes(one, "living"):
            if spell.stored is not None and spell.stored.counted is False:
                case.book.relate(spell, spell.rel, counted=True)
        if not case.book.homes(one, _HUKOU) and case.need("to_hh", f"新户（{stored.name}现在不在任何户籍户里）"):
            case.book.enter(one, case.to_hh, case.rels[one])  # type: ignore[arg-type]


def head_change(case: Case) -> None:
    if not case.need("from_hh", "原户"):
        return
    case.take_persons()
    if not any((one.household_id or case.from_hh) == case.from_hh for one in case.relations):
        case.book.problem("relations", "没有填变更户主后的关系：全户每人一行，写明谁是新户主。")


def correct(case: Case) -> None:
    """What was registered wrongly: a membership that never was is ended on its first day, a missing one begins, a relation
    is put right where it stands."""
    case.take_persons()
    if not (case.from_hh or case.to_hh):
        case.book.problem("from_hh", "更正要写明是哪一户。")
        return
    if case.from_hh and case.from_hh == (case.to_hh or case.from_hh) and all(case.rels.values()):
        for one in case.who:
            if (spell := case.spell_in(one, case.from_hh)) is not None and spell.stored is not None:
                case.book.touch("household_member", spell.stored, {"rel": case.rels[one]})
                spell.rel = case.rels[one]
        return
    for one in case.who:
        if case.from_hh:
            case.leave(one, case.from_hh)
        if case.to_hh and case.need("to_hh", "新户"):
            case.book.enter(one, case.to_hh, case.rels[one])


def restore(case: Case) -> None:
    """A household that was closed by mistake, or a person who was reported dead or gone and is not."""
    case.take_persons()
    book = case.book
    home = book.households.get(case.to_hh or case.from_hh)  # type: ignore[arg-type]
    if home is None:
        book.problem("to_hh", "恢复要写明回到哪一户。")
        return
    if home.state == "closed":
        book.touch("household", home, {}, "restore")
        if home.head_id not in case.rels:
            heads = [one for one in case.who if case.rels[one] in ("01", "02")]
            book.touch("household", home, {"head": heads[0] if heads else None}, "restore")
    for one in case.who:
        stored = book.persons[one]
        if stored.state in ("dead", "moved_out"):
            case.change_person(one, {"hukou_status": "here"}, "return")
        book.enter(one, home.pk, case.rels[one])


def _arrive(case: Case, **facts: Any) -> None:
    """Everybody enters the new household; who was registered elsewhere leaves the old one, who had moved away is back."""
    for one in case.who:
        stored = case.book.persons.get(one)
        if stored is not None:
            back = "return" if stored.state == "moved_out" else ""
            case.change_person(one, facts | ({"hukou_status": "here"} if stored.hukou_status != "here" else {}), back)
            if case.from_hh:
                case.leave(one, case.from_hh)
        case.book.enter(one, case.to_hh, case.rels[one])  # type: ignore[arg-type]


def _go_away(case: Case, **facts: Any) -> None:
    for one in case.who:
        case.leave(one, case.from_hh)
        case.change_person(one, {"out_date": case.on, "hukou_status": "out"} | facts, "move_out")


KINDS: dict[str, Callable[[Case], None]] = {
    one.__name__: one
    for one in (
        birth, death, move_in, move_out, split, merge, marry_in, marry_out, adopt, army, prison, release, head_change,
        correct, restore,
    )
}  # fmt: skip
