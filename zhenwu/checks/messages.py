"""Words of a finding: the message's placeholders, and values as people write them."""

import string
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zhenwu.lib.amounts import show_decimal


def names_in(message: str) -> set[str]:
    """The columns a message names. Raises ValueError when a brace is not closed or a format is asked."""
    names = set()
    for _, name, form, conversion in string.Formatter().parse(message):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(f"“{{{name}}}” is not a plain column name")
            names.add(name)
    return names


def say(message: str, row: dict[str, Any]) -> str:
    return message.format_map({name: shown(row.get(name)) for name in names_in(message)})


def shown(value: Any) -> str:
    """For people: 2020-05-31, 1200.5, 是; what nobody reported is （空）."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, Decimal)):
        return show_decimal(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def key_text(value: Any) -> str:
    """One spelling for one value, as the identity of a finding keeps it; empty for NULL."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return show_decimal(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
