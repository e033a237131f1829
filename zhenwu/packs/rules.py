"""What one pack file, and all of them together, must keep beyond what the keys themselves say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from string import Formatter
from typing import Any

from zhenwu.changes.models import IMPLICIT, Row
from zhenwu.packs.children import child_pack, every_field
from zhenwu.packs.errors import PackProblem
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.stored import columns_of
from zhenwu.packs.types import (
    Computed,
    FieldType,
    Rows,
    bind_formulas,
    can_be_sealed,
    field_types,
    known_types,
    type_class,
)
from zhenwu.packs.words import IMPLICIT_COLUMNS


def every_check(pack: PackSpec) -> tuple[Any, ...]:
    """Whatever makes findings, of any kind."""
    return (*pack.check, *pack.coverage, *pack.policy, *pack.agree, *pack.control, *pack.outlier)


_LINE_COLUMNS = frozenset({"parent", "parent_id", "position"})


def problems_in(pack: PackSpec, file: str) -> Iterator[PackProblem]:
    """Problems that can be seen in this file alone."""
    codes = {one.code for one in pack.field}
    yield from _repeated(file, "field id", (str(one.id) for one in pack.field))
    yield from _repeated(file, "field code", (one.code for one in pack.field))
    yield from _repeated(file, "check", [c.code for c in every_check(pack)])
    yield from _repeated(file, "phrase", (one.code for one in pack.phrase))
    yield from _repeated(file, "indicator", (one.code for one in pack.indicator))
    yield from _repeated(file, "rule", (one.code for one in pack.rule))
    yield from _columns(file, pack)
    for one in pack.field:
        yield from _field(file, pack, one, codes)
        yield from _lines(file, pack, one)
    yield from _formulas(file, pack)
    ledger = pack.ledger
    stored = {one.code for one in pack.field if (kind := type_class(one.type.split(":")[0])) and kind.stored}
    dates = {one.code for one in pack.field if one.type in ("date", "month", "datetime")}
    main_date = (ledger.main_date,) if ledger.main_date else ()
    for key, said, known in (
        ("key", ledger.key, stored | {"division"}), ("title", ledger.title, codes), ("main_date", main_date, dates),
        ("retention_from", ledger.retention_from, dates),
    ):  # fmt: skip
        for code in said:
            if code not in known:
                cause = f"{code} is no date." if code in codes and known is dates else f"there is no field {code}."
                yield PackProblem(file, f"ledger.{key}", cause, _known(known))
    yield from _rights(file, pack)
    for one in pack.field:
        if one.code in ledger.title and one.privacy > ledger.privacy:
            cause = f"names the row, but is {one.privacy} in a ledger that is {ledger.privacy}: whoever may list it would read it."
            yield PackProblem(
                file, f"field {one.id} ({one.code})", cause, "Take another title, or raise the ledger's privacy."
            )
    for rule in pack.rule:
        for code in (rule.compare[0], rule.compare[2]):
            if code not in codes:
                yield PackProblem(file, f"rule {rule.code}", f"there is no field {code}.", _known(codes))
        for code in _named_in(rule.message) - {rule.compare[0], rule.compare[2]}:
            remedy = f"It can show {rule.compare[0]} and {rule.compare[2]}."
            yield PackProblem(
                file, f"rule {rule.code}", f"its message names {{{code}}}, which it does not compare.", remedy
            )
    for indicator in pack.indicator:
        if indicator.kind == "stock" and indicator.period != "day":
            cause = f'period = "{indicator.period}" is for flows; a stock is as on any day.'
            yield PackProblem(file, f"indicator {indicator.code}", cause, "Leave period out.")
    yield from _lifecycle(file, pack, codes)
    yield from _closing(file, pack)
    yield from _sealing(file, pack)
    yield from _moved_from(file, pack)


def _rights(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    said = pack.ledger.rights
    units = {one.code for one in pack.field if one.type == "unit"}
    if said.unit_field and said.unit_field not in units:
        cause = f"{said.unit_field} is no field of type unit."
        yield PackProblem(file, "ledger.rights.unit_field", cause, _known(units))
    if said.others == "unit" and not said.unit_field:
        cause = 'others = "unit" needs unit_field: which field says whose a row is.'
        yield PackProblem(file, "ledger.rights.others", cause, _known(units))
    if said.village == "all" and pack.ledger.privacy > "S1":
        cause = f"the ledger is {pack.ledger.privacy}: that a row exists is private, and every village would see it."
        yield PackProblem(file, "ledger.rights.village", cause, 'Take "own" or "none".')


def _sealing(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    """What is kept encrypted can name no row and decide nothing: nobody compares it without opening it."""
    sealed = {one.code for one in pack.field if one.sealed}
    used = {"ledger.title": pack.ledger.title}
    used |= {f"rule {rule.code}": (rule.compare[0], rule.compare[2]) for rule in pack.rule}
    used |= {f"field {one.id} ({one.code}), required_when": tuple(one.required_when) for one in pack.field}
    if pack.lifecycle:
        used |= {f"transition {act.code}, when": tuple(act.when) for act in pack.lifecycle.transition}
    if pack.closing:
        used["closing"] = tuple(str(getattr(pack.closing, key)) for key in _CLOSING_TYPES)
    for where, codes in used.items():
        for code in codes:
            if code in sealed:
                cause = f"{code} is a text of class S3, which is kept encrypted: it can name no row and decide nothing."
                yield PackProblem(file, where, cause, "Take another field, or a choice; or lower its class to S2.")


_CLOSING_TYPES = {
    "content": ("text", "longtext", "choice", "computed"), "found": ("date",), "due": ("date",), "extended": ("date",),
    "closed": ("date",), "owner": ("text", "person", "user"), "unit": ("text", "unit"), "measures": ("text", "longtext", "choice", "rows"),
    "severity_by": ("choice",),
}  # fmt: skip


def _closing(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    said = pack.closing
    if said is None:
        return
    kinds = {one.code: one.type for one in pack.field}
    for key, types in _CLOSING_TYPES.items():
        code = getattr(said, key)
        if code is not None and kinds.get(code) not in types:
            cause = f"{code} is {kinds[code]}." if code in kinds else f"there is no field {code}."
            yield PackProblem(
                file, f"closing.{key}", cause, _known([one for one, kind in kinds.items() if kind in types])
            )
    states = {state.code: state for state in pack.lifecycle.states} if pack.lifecycle else {}
    for code in (*said.closed_states, *said.dropped_states):
        if code not in states:
            yield PackProblem(file, "closing", f"there is no state {code}.", _known(states))
    if not said.closed_states and not said.closed and not any(state.final for state in states.values()):
        yield PackProblem(
            file, "closing", "nothing says when a row is closed.", "Name closed_states, or the date in `closed`."
        )


def problems_across(packs: dict[str, PackSpec], files: dict[str, str]) -> Iterator[PackProblem]:
    """Problems that need all packs: references, prefixes and figure codes."""
    figures: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for code, pack in packs.items():
        file = files[code]
        if other := prefixes.setdefault(pack.ledger.prefix, code) != code and prefixes[pack.ledger.prefix]:
            yield PackProblem(
                file, "ledger.prefix", f"{pack.ledger.prefix} is also the prefix of {other}.", "Choose another."
            )
        for indicator in pack.indicator:
            other = figures.setdefault(indicator.code, code)
            if other != code:
                yield PackProblem(
                    file, f"indicator {indicator.code}", f"is also declared by {other}.", "Codes are unique."
                )
        for one in every_field(pack):
            target = one.type.removeprefix("ref:")
            if one.type.startswith("ref:") and target not in packs:
                yield PackProblem(
                    file, f"field {one.id} ({one.code})", f"there is no ledger {target} to refer to.", _known(packs)
                )
            elif one.type.startswith("ref:") and packs[target].ledger.privacy > max(one.privacy, pack.ledger.privacy):
                privacy = packs[target].ledger.privacy
                cause = f"is {one.privacy}, but shows the name of a row of {target}, which is {privacy}."
                yield PackProblem(file, f"field {one.id} ({one.code})", cause, f'Set privacy = "{privacy}".')
            elif one.type.startswith("ref:") and packs[target].ledger.model:
                remedy = "Use the type person or household."
                yield PackProblem(
                    file, f"field {one.id} ({one.code})", f"{target} is a registry, not a ledger.", remedy
                )
        if cycle := _cycle(code, packs):
            yield PackProblem(file, "", f"references go round: {' → '.join(cycle)}.", "Keep one direction.")


def _moved_from(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    """`moved_from` of a ledger's fields: all from one other ledger, some of them values."""
    said = {one.code: one.moved_from.partition(".") for one in pack.field if one.moved_from}
    origins = {origin for origin, _, _ in said.values()}
    if len(origins) > 1 or pack.ledger.code in origins:
        cause = f"fields come from {', '.join(sorted(origins))}."
        yield PackProblem(file, "moved_from", cause, "They may come from one other ledger.")
    if said and all(code == "id" for _, _, code in said.values()):
        yield PackProblem(file, "moved_from", "no value comes along.", 'Name a field: moved_from = "ledger.field".')
    for one in pack.field:
        where = f"field {one.id} ({one.code})"
        origin, _, code = said.get(one.code, ("", "", ""))
        kind = type_class(one.type.split(":")[0])
        if code == "id" and one.type != f"ref:{origin}":
            yield PackProblem(file, where, f"{one.moved_from} is a row of {origin}.", f'Set type = "ref:{origin}".')
        elif code and kind is not None and not kind.stored:
            yield PackProblem(file, where, f"type {one.type} has no values of its own to take along.")
        for column in one.column:
            if column.moved_from:
                yield PackProblem(file, where, f"column {column.code} of a child table has moved_from.", "Remove it.")


def _field(file: str, pack: PackSpec, one: FieldSpec, codes: set[str]) -> Iterator[PackProblem]:
    where = f"field {one.id} ({one.code})"
    base = one.type.split(":")[0]
    kind = type_class(base)
    if kind is None:
        yield PackProblem(file, where, f"type “{one.type}” is not known.", f"Known types: {', '.join(known_types())}.")
        return
    if one.id in pack.retired:
        yield PackProblem(file, where, f"id {one.id} belonged to a removed field.", "Take a number never used.")
    if one.otherwise and one.otherwise not in {option.value for option in one.options}:
        yield PackProblem(file, where, f"otherwise “{one.otherwise}” is no option.", "Give the value of an option.")
    if isinstance(one.default, str) and one.options and one.default not in {option.value for option in one.options}:
        yield PackProblem(file, where, f"default “{one.default}” is no option.", "Give the value of an option.")
    if base == "ref" and ":" not in one.type:
        yield PackProblem(file, where, "a reference names its ledger.", "Write ref:<ledger>.")
    if one.options and not kind.has_options:
        yield PackProblem(file, where, f"type {one.type} has no options.")
    if kind.has_options and not one.options:
        yield PackProblem(file, where, f"type {one.type} needs options.")
    yield from _repeated(file, f"{where} option", (option.value for option in one.options))
    if one.many and not kind.can_be_many:
        yield PackProblem(file, where, f"type {one.type} holds one value; many is for division, person and files.")
    if (one.min is not None or one.max is not None) and not kind.is_number:
        yield PackProblem(file, where, f"min and max are for numbers, not for {one.type}.")
    if base == "computed" and bool(one.sql) == bool(one.formula):
        yield PackProblem(file, where, "a computed field needs a formula, or sql, and not both.")
    if base != "computed" and (one.sql or one.formula or one.places is not None):
        yield PackProblem(
            file, where, f"type {one.type} has no formula, sql or places.", 'They are for type = "computed".'
        )
    if kind.always_private and one.privacy in ("S0", "S1"):
        yield PackProblem(file, where, f"type {one.type} is personal data.", 'Set privacy = "S2" or "S3".')
    if one.sealed and not can_be_sealed(one.type):
        yield PackProblem(
            file, where, f"type {one.type} cannot be sealed.", "Only texts are; others stay under their class."
        )
    if one.sealed and one.privacy in ("S0", "S1"):
        yield PackProblem(file, where, "is sealed, but open by its class.", 'Set privacy = "S2" or "S3".')
    if one.sealed and pack.ledger.model:
        yield PackProblem(file, where, "a registry has the columns of its model.", "Remove sealed.")
    states = {state.code for state in pack.lifecycle.states} if pack.lifecycle else set()
    if isinstance(one.required, str) and one.required not in states | {"submitted", "approved"}:
        yield PackProblem(file, where, f"required from “{one.required}”, which is no state of this ledger.")
    for code in one.required_when:
        if code not in codes:
            yield PackProblem(file, where, f"required_when names {code}, which is no field.", _known(codes))


def _formulas(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    """Formulas that can be read, in an order in which none waits for itself, and that give away nothing."""
    kinds = field_types(_readable(pack.field))
    for bad, why in bind_formulas(kinds):
        yield PackProblem(file, _named(kinds, bad), f"its formula {why}")
    for some in (kinds, *(kind.lines for kind in kinds.values() if isinstance(kind, Rows))):
        for kind in some.values():
            if not isinstance(kind, Computed) or kind.formula is None:
                continue
            named: set[str] = {some[name].spec.privacy for name in kind.formula.names}
            named |= {_privacy_in(kinds[table], column) for table, column in kind.formula.lines}
            if (highest := max(named, default="S0")) > kind.spec.privacy:
                cause = f"is {kind.spec.privacy}, but is worked out of a field that is {highest}."
                yield PackProblem(file, _named(kinds, kind), cause, f'Set privacy = "{highest}".')


def _readable(fields: Iterable[FieldSpec]) -> list[FieldSpec]:
    """Those of known types."""
    known = [one for one in fields if type_class(one.type.split(":")[0]) and one.type != "ref"]
    return [one.model_copy(update={"column": tuple(_readable(one.column))}) if one.column else one for one in known]


def _named(kinds: Mapping[str, FieldType], kind: FieldType) -> str:
    """Where a field, or a column of a child table, stands in the file."""
    for one in kinds.values():
        if isinstance(one, Rows) and any(column is kind for column in one.lines.values()):
            return f"field {one.spec.id} ({one.code}), column {kind.spec.id} ({kind.code})"
    return f"field {kind.spec.id} ({kind.code})"


def _privacy_in(table: FieldType, column: str) -> str:
    """The class of a column of a child table; of the table where none is named."""
    said = table.lines[column].spec.privacy if column and isinstance(table, Rows) else "S0"
    return max(said, table.spec.privacy)


def _lines(file: str, pack: PackSpec, one: FieldSpec) -> Iterator[PackProblem]:
    """The columns of a child table keep what fields keep, and have no child tables of their own."""
    where = f"field {one.id} ({one.code})"
    if one.type != "rows":
        if one.column:
            yield PackProblem(file, where, f"type {one.type} has no columns.", 'Columns are for type = "rows".')
        return
    if not one.column:
        yield PackProblem(
            file, where, "a child table needs columns.", "Add [[field.column]] with id, code, label, type."
        )
    if pack.ledger.model:
        yield PackProblem(file, where, "a registry has no child tables.", "Declare a ledger with a reference.")
    if one.unique or one.default is not None or one.required_when:
        yield PackProblem(file, where, "unique, default and required_when are not for a child table.", "Remove them.")
    table = child_pack(pack, one).model_copy(update={"lifecycle": pack.lifecycle, "retired": one.retired})
    codes = {column.code for column in one.column}
    yield from _repeated(file, f"{where}, column id", (str(column.id) for column in one.column))
    yield from _repeated(file, f"{where}, column", (column.code for column in one.column))
    yield from (replace(problem, where=f"{where}, {problem.where}") for problem in _columns(file, table))
    for column in one.column:
        named = f"{where}, column {column.id} ({column.code})"
        for problem in _field(file, table, column, codes):
            yield replace(problem, where=named)
        if column.type == "rows" or column.sql or column.unique or column.section:
            yield PackProblem(file, named, "a line has no child table, sql, unique or section.", "Remove it.")
        if column.code in _LINE_COLUMNS or f"{column.code}_id" in _LINE_COLUMNS:
            yield PackProblem(file, named, f"every line has a column {column.code} already.", "Give it another code.")


def _columns(file: str, pack: PackSpec) -> Iterator[PackProblem]:
    """Columns are named after codes (`<code>_id` of a link, `<code>_hash` of a phone): two fields may meet in one."""
    owner: dict[str, FieldSpec] = {}
    for one in pack.field:
        kind = type_class(one.type.split(":")[0])
        if kind is None or (kind.name == "ref" and ":" not in one.type):
            continue
        where = f"field {one.id} ({one.code})"
        for column in {*columns_of(one), one.code} if kind.stored else {one.code}:
            other = owner.setdefault(column, one)
            if other.code != one.code:
                cause = f"its column {column} is also one of field {other.id} ({other.code})."
                yield PackProblem(file, where, cause, "Give it another code.")
            elif not pack.ledger.model and column in IMPLICIT and column not in IMPLICIT_COLUMNS:
                yield PackProblem(file, where, f"every row has a column {column} already.", "Give it another code.")
            elif not pack.ledger.model and hasattr(Row, column) and column not in IMPLICIT_COLUMNS:
                remedy = "Put the subject into the name (delete → is_to_delete)."
                yield PackProblem(file, where, f"{column} means something else in every row.", remedy)


def _named_in(message: str) -> set[str]:
    """The names in braces; a message that cannot be read names itself."""
    try:
        return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(message) if name is not None}
    except ValueError:
        return {message}


def _lifecycle(file: str, pack: PackSpec, codes: set[str]) -> Iterator[PackProblem]:
    life = pack.lifecycle
    if life is None:
        return
    states = [state.code for state in life.states]
    yield from _repeated(file, "state", states)
    yield from _repeated(file, "transition", (act.code for act in life.transition))
    for code in life.usual:
        if code not in states:
            yield PackProblem(file, "lifecycle.usual", f"{code} is no state.", _known(states))
    if life.initial not in states:
        yield PackProblem(file, "lifecycle.initial", f"{life.initial} is no state.", _known(states))
    for state in life.states:
        if state.deadline and state.deadline.field not in codes | {"created_at", "state_since"}:
            yield PackProblem(
                file, f"state {state.code}", f"its deadline counts from {state.deadline.field}, which is no field."
            )
        if state.deadline:
            after = [one.after for one in state.deadline.escalate]
            if after != sorted(set(after)):
                remedy = "List the steps by rising `after`."
                yield PackProblem(file, f"state {state.code}", "its escalation does not rise.", remedy)
    for act in life.transition:
        where = f"transition {act.code}"
        for named in (*act.from_, act.to):
            if named not in states:
                yield PackProblem(file, where, f"{named} is no state.", _known(states))
        for code in (*act.needs, *act.today, *act.me, *act.clear, *act.when):
            if code not in codes:
                yield PackProblem(file, where, f"there is no field {code}.", _known(codes))
        for code in act.differs_from:
            if code not in codes | {"created_by"}:
                yield PackProblem(file, where, f"differs_from names {code}, which is no field.", _known(codes))
    reachable, before = {life.initial}, 0
    while len(reachable) != before:
        before = len(reachable)
        reachable |= {act.to for act in life.transition if reachable & set(act.from_)}
    for lost in set(states) - reachable:
        yield PackProblem(file, f"state {lost}", "no transition leads to it.", "Add one or remove the state.")


def _repeated(file: str, what: str, said: Iterable[str]) -> Iterator[PackProblem]:
    for code, times in Counter(said).items():
        if times > 1:
            yield PackProblem(file, f"{what} {code}", f"is given {times} times.", "Each may stand once.")


def _known(codes: Iterable[str]) -> str:
    return f"Known: {', '.join(sorted(codes))}."


def _cycle(start: str, packs: dict[str, PackSpec]) -> list[str]:
    """The path from `start` back to itself through references to other ledgers; empty when there is none."""

    def walk(code: str, path: list[str]) -> list[str]:
        for one in every_field(packs[code]):
            target = one.type.removeprefix("ref:")
            if not one.type.startswith("ref:") or target not in packs or target == code:
                continue
            if target == start:
                return [*path, target]
            if target not in path and (found := walk(target, [*path, target])):
                return found
        return []

    return walk(start, [start])
