"""A design as the text of a pack file. An existing file keeps its comments, its order and every key the page does not edit."""

import re
from collections.abc import Iterable
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Table

from zhenwu.packs.designing.design import Design, Part
from zhenwu.packs.spec import FieldSpec, LedgerSpec, Option

_LEDGER_KEYS = (
    "code", "label", "line", "prefix", "one_row", "unit", "source", "key", "title", "place", "place_label", "place_required",
    "main_date", "retention_years", "retention_from", "privacy",
)  # fmt: skip
_FIELD_KEYS = (
    "id", "code", "label", "aliases", "type", "unit", "required", "options", "privacy", "unique", "help", "in_list"
)  # fmt: skip


def pack_text(design: Design, before: str = "", *, today: str = "") -> str:
    """The TOML of a design; `before` is the file as it stands, "" for a new ledger. New fields get ids that no field of the
    file ever had, which are set in the design too; ids of fields that go are written into `retired`."""
    document = tomlkit.parse(_retire(design, before)) if before else tomlkit.document()
    if not before:
        document.add(
            tomlkit.comment("本镇自建台账。字段的 id 一经写入不再改变；改名、改代码都保留 id，停用的 id 写进 retired。")
        )
        if today:
            document.add(tomlkit.comment(f"建立于{today}。"))
    _give_ids(design, document)
    _write_ledger(document, design)
    _write_fields(document, design.fields)
    return tomlkit.dumps(document)


def _give_ids(design: Design, document: tomlkit.TOMLDocument) -> None:
    used = [int(one["id"]) for one in document.get("field", [])] + [int(one) for one in document.get("retired", [])]
    last = max([*used, *(part.id for part in design.fields if part.id)], default=0)
    for part in design.fields:
        if part.id is None:
            last += 1
            part.id = last


def _retire(design: Design, before: str) -> str:
    """The file with the ids of the fields that go among the retired ones: a plain key, so it stands before the first table."""
    document = tomlkit.parse(before)
    kept = {part.id for part in design.fields}
    gone = {int(one["id"]) for one in document.get("field", [])} - kept
    if not gone:
        return before
    if "retired" in document:
        document["retired"] = sorted({*map(int, document["retired"]), *gone})
        return tomlkit.dumps(document)
    at = re.search(r"^\[", before, re.MULTILINE)
    assert at is not None, "a pack has a [ledger] table"
    return f"{before[: at.start()]}retired = {sorted(gone)}\n\n{before[at.start() :]}"


def _write_ledger(document: tomlkit.TOMLDocument, design: Design) -> None:
    if "ledger" not in document:
        document.add(tomlkit.nl())
        document.add("ledger", tomlkit.table())
    table: Any = document["ledger"]
    defaults = {name: field.default for name, field in LedgerSpec.model_fields.items()}
    for key in _LEDGER_KEYS:
        _say(table, key, _plain(getattr(design, key)), defaults.get(key))


def _write_fields(document: tomlkit.TOMLDocument, parts: Iterable[Part]) -> None:
    parts = list(parts)
    before: dict[int, Table] = {int(one["id"]): one for one in document.get("field", [])}
    in_order = [part.id for part in parts] == list(before)
    defaults = {name: field.default for name, field in FieldSpec.model_fields.items()}
    tables: list[Table] = []
    for part in parts:
        table = before.get(part.id or 0)
        if table is None:
            table = tomlkit.table()
        for key in _FIELD_KEYS:
            value = _options(part.options, table) if key == "options" else _plain(getattr(part, key))
            _say(table, key, value, defaults.get(key))
        if part.id not in before:
            table.add(tomlkit.nl())
        tables.append(table)
    if in_order:
        return
    listed = AoT([])
    for table in tables:
        listed.append(table)
    if "field" in document:
        document["field"] = listed
    else:
        document.add(tomlkit.nl())
        document.add("field", listed)


def _say(table: Any, key: str, value: Any, default: Any) -> None:
    """Set a key that differs from what stands there; one that says only the default is left out, or left as it stands."""
    now = table.unwrap().get(key)
    is_default = value == _plain(default) or value in ("", [], None) or (key == "in_list" and value is False)
    if now == value or (now is None and is_default):
        return
    if is_default and key not in ("id", "code", "label", "type"):
        table.remove(key)
    else:
        table[key] = value if isinstance(value, (Array, InlineTable)) else tomlkit.item(value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _options(options: list[Option], table: Table) -> Any:
    """As they stand when they say the same: `["a", {value = "b", aliases = ["c"]}]`."""
    said = table.unwrap().get("options")
    if said is not None and [Option.model_validate(one) for one in said] == options:
        return said
    array = tomlkit.array()
    for one in options:
        if not one.label and not one.aliases:
            array.append(one.value)
            continue
        inline = tomlkit.inline_table()
        for key, value in one.model_dump(exclude_defaults=True, mode="json").items():
            inline.append(key, value)
        array.append(inline)
    return array if options else []
