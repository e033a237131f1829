"""What the lines of a sheet change in a stored row: which line is which, and how it is shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zhenwu.ledgers.importing.staged import SaidLine
from zhenwu.ledgers.lines import said_canonical
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import SEALED, FieldType

Shown = Mapping[str, FieldType]  # the columns that the person sees
Changes = dict[str, tuple[str, str]]  # label → (was, will be)


def paired(lines: Ledger, said: Sequence[SaidLine], stored: Sequence[Any]) -> list[Any]:
    """For each line of the sheet the stored line that it goes on with, else None.

    Lines that say the same belong together, wherever they stand; of the rest those that agree in half of what they say, or
    that stand at the place which the sheet gives for them.
    """
    told = [_told(lines, line) for line in stored]
    likes = []
    for number, one in enumerate(said):
        for at, known in enumerate(told):
            same, other = _alike(lines, one, known)
            if same >= max(other, 1) or one.position == at + 1:
                likes.append((-same, other, abs(at + 1 - (one.position or number + 1)), number, at))
    chosen: dict[int, int] = {}
    for *_, number, at in sorted(likes):
        if number not in chosen and at not in chosen.values():
            chosen[number] = at
    return [stored[chosen[number]] if number in chosen else None for number in range(len(said))]


def value_of(said: Sequence[SaidLine], pairs: Sequence[Any]) -> list[dict[str, Any]]:
    """The value that the lines make of a row: a known line keeps what the sheet does not say of it."""
    return [
        ({"id": line.pk} if line is not None else {"id": None, **one.defaults})
        | {code: value for code, value in one.values.items() if value is not None or line is None}
        for one, line in zip(said, pairs, strict=True)
    ]


def misread(lines: Ledger, said: Sequence[SaidLine], pairs: Sequence[Any]) -> Iterator[tuple[int, str, str]]:
    """(line, column, why) of the links that could not be read; what an export printed may be ambiguous, and still be what is
    stored."""
    for number, (one, line) in enumerate(zip(said, pairs, strict=True)):
        for code, (cell, why) in one.unread.items():
            if line is None or lines.types[code].show_row(line) != cell:
                yield number, code, why


def differences(
    lines: Ledger, label: str, shown: Shown, value: Sequence[Mapping[str, Any]], stored: Sequence[Any]
) -> Changes:
    """What is shown of added, changed and removed lines; {} when all stays, the order too."""
    new, known = said_canonical(lines, value, stored) or [], {line.pk.hex: line for line in stored}
    found: Changes = {}
    kept = [one["id"] for one in new if one["id"]]
    for number, (one, said) in enumerate(zip(new, value, strict=True), 1):
        if one["id"] is None:
            found[f"{label}新增第{number}行"] = ("", line_text(shown, said))
            continue
        line = known[one["id"]]
        for code, kind in lines.stored.items():
            if one[code] != kind.canonical_of_row(line):
                now = "（已更改）" if kind.is_link or kind.is_sealed or code not in shown else kind.show(said[code])
                was = kind.show_row(line) if code in shown and not kind.is_sealed else "（不显示）"
                found[f"{label}第{number}行·{kind.label}"] = (
                    was if kind.canonical_of_row(line) is not None else "",
                    now,
                )
    for number, line in enumerate(stored, 1):
        if line.pk.hex not in kept:
            found[f"{label}删去原第{number}行"] = (line_text(shown, {}, line), "")
    order = [line.pk.hex for line in stored if line.pk.hex in kept]
    if not found and kept != order:
        found[f"{label}的次序"] = (
            "、".join(str(n) for n in range(1, len(order) + 1)),
            "、".join(str(order.index(one) + 1) for one in kept),
        )
    return found


def line_text(shown: Shown, values: Mapping[str, Any], line: Any = None) -> str:
    """One line in words: 措施 清淤；期限 2020-07-01."""
    found = []
    for code, kind in shown.items():
        text = kind.show_row(line) if line is not None else ""
        if line is None and (value := values.get(code)) is not None and value is not SEALED:
            text = "（已填）" if kind.is_link or kind.is_sealed else kind.show(value)
        if text:
            found.append(f"{kind.label} {text}")
    return "；".join(found)


def _told(lines: Ledger, line: Any) -> dict[Any, Any]:
    """What a stored line says: canonical values, and under (code,) how a personal number is shown."""
    masked = {(code,): kind.show_row(line) for code, kind in lines.stored.items() if kind.is_sealed}
    return masked | {code: kind.canonical_of_row(line) for code, kind in lines.stored.items()}


def _alike(lines: Ledger, said: SaidLine, told: Mapping[Any, Any]) -> tuple[int, int]:
    """In how much a line of the sheet agrees with a stored one, and in how much not. A cell that says nothing does neither."""
    agrees = [
        lines.types[code].canonical(value) == told[code] for code, value in said.values.items() if value is not None
    ]
    agrees += [masked == told[code,] for code, masked in said.closed.items()]
    return sum(agrees), len(agrees) - sum(agrees)
