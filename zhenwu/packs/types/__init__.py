"""Field types: one small class each. To add one, write its class and name it in `_CLASSES`."""

from collections.abc import Iterable

from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldProblem, FieldType, Lookup, ParseContext, ShapeProblem
from zhenwu.packs.types.choices import Bool, Choice, MultiChoice
from zhenwu.packs.types.computed import Computed, bind_formulas
from zhenwu.packs.types.files import Files
from zhenwu.packs.types.geo import Geo
from zhenwu.packs.types.links import DivisionLink, HouseholdLink, PersonLink, RowLink, UnitLink, UserLink
from zhenwu.packs.types.numbers import AreaMu, DecimalNumber, Integer, LengthKm, Money, Percent
from zhenwu.packs.types.personal import BankAccount, IdNumber, Personal, Phone
from zhenwu.packs.types.rows import Rows
from zhenwu.packs.types.sealed import SEALED, Sealed
from zhenwu.packs.types.texts import LongText, PersonName, SealedLongText, SealedText, SealedUscc, Text, Uscc
from zhenwu.packs.types.times import Date, DateTime, Month

_CLASSES: dict[str, type[FieldType]] = {
    kind.name: kind
    for kind in (
        Text, PersonName, LongText, Choice, MultiChoice, Bool, Date, Month, DateTime, Integer, DecimalNumber, Money, Percent, AreaMu,
        LengthKm, PersonLink, HouseholdLink, DivisionLink, UnitLink, UserLink, RowLink, Phone, IdNumber, BankAccount,
        Uscc, Geo, Files, Rows, Computed,
    )
}  # fmt: skip
_SEALED: dict[str, type[FieldType]] = {kind.name: kind for kind in (SealedText, SealedLongText, SealedUscc)}

__all__ = [
    "SEALED",
    "Computed",
    "FieldProblem",
    "FieldType",
    "IdNumber",
    "Lookup",
    "ParseContext",
    "Personal",
    "Rows",
    "Sealed",
    "ShapeProblem",
    "bind_formulas",
    "can_be_sealed",
    "field_type",
    "field_types",
    "is_sealed",
    "known_types",
    "type_class",
]


def type_class(name: str) -> type[FieldType] | None:
    return _CLASSES.get(name)


def known_types() -> list[str]:
    return sorted(name if name != "ref" else "ref:<ledger>" for name in _CLASSES)


def can_be_sealed(name: str) -> bool:
    """Whether values of the type may be kept encrypted: texts; what SQL needs typed stays under the rights of its class."""
    return name in _SEALED


def is_sealed(name: str, privacy: str) -> bool:
    """Whether a field of this type and class is sealed without its pack saying so."""
    return privacy == "S3" and name in _SEALED


def field_type(spec: FieldSpec) -> FieldType:
    plain = _CLASSES[spec.type.split(":")[0]]
    return (_SEALED.get(spec.type, plain) if spec.sealed else plain)(spec)


def field_types(specs: Iterable[FieldSpec]) -> dict[str, FieldType]:
    """{code: type} of these fields, child tables with the types of their columns; formulas are not bound yet."""
    found = {spec.code: field_type(spec) for spec in specs}
    for kind in found.values():
        if isinstance(kind, Rows):
            kind.lines = field_types(kind.spec.column)
    return found
