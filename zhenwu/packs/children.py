"""Child tables (fields of type `rows`) seen as small ledgers, so that whoever creates, compares or alters tables of packs
treats them alike: `eco_issue__measures` has the columns of the field, and tombstones of its own."""

from collections.abc import Mapping

from zhenwu.packs.spec import FieldSpec, LedgerSpec, PackSpec

_JOINT = "__"  # no ledger code has two underscores


def child_code(ledger: str, field: str) -> str:
    return f"{ledger}{_JOINT}{field}"


def split_child(code: str) -> tuple[str, str]:
    """(ledger, field) of a child table's code."""
    ledger, _, field = code.partition(_JOINT)
    return ledger, field


def is_child(code: str) -> bool:
    return _JOINT in code


def child_fields(pack: PackSpec) -> list[FieldSpec]:
    return [one for one in pack.field if one.column]


def every_field(pack: PackSpec) -> list[FieldSpec]:
    """The fields of a pack and the columns of its child tables."""
    return [*pack.field, *(column for spec in pack.field for column in spec.column)]


def child_pack(pack: PackSpec, spec: FieldSpec) -> PackSpec:
    """The columns of a child table as the fields of a ledger without place, lifecycle and rules."""
    ledger = LedgerSpec.model_construct(
        code=child_code(pack.ledger.code, spec.code), label=f"{pack.ledger.label}·{spec.label}", line=pack.ledger.line,
        prefix="", one_row="", unit="", source="", place="town", privacy=max(spec.privacy, pack.ledger.privacy),
    )  # fmt: skip
    return PackSpec.model_construct(ledger=ledger, field=spec.column)


def with_children(packs: Mapping[str, PackSpec], named: Mapping[str, PackSpec] | None = None) -> dict[str, PackSpec]:
    """The packs, each followed by those of its child tables. `named`: child tables are listed under the names they have
    there (a rename keeps the field's id), while their own code is still the old one."""
    found: dict[str, PackSpec] = {}
    for code, pack in packs.items():
        found[code] = pack
        names = _names(named, code) if named else {}
        for spec in child_fields(pack):
            found[child_code(code, names.get(spec.id, spec.code))] = child_pack(pack, spec)
    return found


def _names(packs: Mapping[str, PackSpec], code: str) -> dict[int, str]:
    return {one.id: one.code for one in child_fields(packs[code])} if code in packs else {}
