"""The OpenAPI document as people read it: what there is to call, with which fields, and a line to try."""

import json
from dataclasses import dataclass
from typing import Any

from zhenwu.api.document import document
from zhenwu.api.reading import described
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_SAMPLE_ID = "01912d68-783e-7a10-8c38-3f5f2a1b0c9d"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    parameters: list[tuple[str, str, str]]  # (name, where and of what type, what it means)
    example: str  # of the body, as JSON
    curl: str
    statuses: list[tuple[str, str]]


@dataclass(frozen=True)
class FieldLine:
    code: str
    label: str
    type: str
    example: str
    says: str
    filters: str


def operations_of(ledger: Ledger, *, site: str) -> list[Operation]:
    """What is typed by this ledger."""
    said = document([ledger.code])
    prefix = f"/api/ledgers/{ledger.code}/"
    return _operations(said, {path: one for path, one in said["paths"].items() if path.startswith(prefix)}, site)


def common_operations(*, site: str) -> list[Operation]:
    said = document([])
    return _operations(said, said["paths"], site)


def fields_of(shown: dict[str, FieldType]) -> list[FieldLine]:
    return [
        FieldLine(
            kind.code, kind.label, _type_of(kind.json_schema()), json.dumps(example_of(kind.json_schema()), ensure_ascii=False),
            described(kind), "、".join(kind.code if op == "eq" else f"{kind.code}__{op}" for op in kind.filters),
        )
        for kind in shown.values()
    ]  # fmt: skip


def example_of(schema: dict[str, Any], schemas: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """A value that fits a schema of ours, for people to see its shape."""
    known = schemas or {}
    if "$ref" in schema:
        return example_of(known[schema["$ref"].rpartition("/")[2]], known, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if branch := next((schema[one] for one in ("anyOf", "oneOf") if one in schema), None):
        return example_of(branch[0], known, depth)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            wanted = list(properties)[:6] if depth > 1 else list(properties)
            return {
                name: example_of(properties[name], known, depth + 1)
                for name in wanted
                if name not in ("division", "note", "files")
            }
        case "array":
            return [example_of(schema["items"], known, depth + 1)]
        case "integer":
            return min(max(int(schema.get("minimum", 1)), 1), int(schema.get("maximum", 1)))
        case "boolean":
            return True
    formats = {"date": "2020-03-15", "date-time": "2020-03-15T09:30:00+08:00", "uuid": _SAMPLE_ID}
    patterns = {"^-?": "12.5", "^[0-9]{4}-(": "2020-03", "^[0-9]{1,3}": "106.8472,29.5631", "^[0-9a-f]{64}$": "0" * 64}
    found = next((text for start, text in patterns.items() if schema.get("pattern", "").startswith(start)), "文字")
    return formats.get(schema.get("format", ""), found)


def _operations(said: dict[str, Any], paths: dict[str, Any], site: str) -> list[Operation]:
    schemas = said["components"]["schemas"]
    found = []
    for path, operations in paths.items():
        for method, one in operations.items():
            media = next(iter(one.get("requestBody", {}).get("content", {}).items()), None)
            body = ""
            if media and media[0] == "application/json":
                body = json.dumps(example_of(media[1]["schema"], schemas), ensure_ascii=False, indent=1)
            parameters = [
                (p["name"], f"{_WHERE[p['in']]}，{_type_of(p['schema'])}", p.get("description", ""))
                for p in one["parameters"]
            ]
            statuses = [(status, answer["description"]) for status, answer in one["responses"].items()]
            found.append(
                Operation(
                    method.upper(), path, one["summary"], parameters, body, _curl(method, path, media, site), statuses
                )
            )
    return found


_WHERE = {"path": "地址里", "query": "参数", "header": "请求头"}


def _curl(method: str, path: str, media: Any, site: str) -> str:
    said = ["curl", "-H 'Authorization: Bearer 令牌'"]
    if method != "get":
        said.append(f"-X {method.upper()}")
    if media and media[0] == "application/json":
        said.append("-H 'Content-Type: application/json' -d @内容.json")
    elif media:
        said.append("-F file=@文件.pdf")
    return " ".join([*said, f"'{site}{path}'"])


def _type_of(schema: dict[str, Any]) -> str:
    kinds = {"string": "文字", "integer": "整数", "boolean": "true 或 false", "array": "列表", "object": "对象"}
    formats = {"date": "日期", "date-time": "时刻", "uuid": "id"}
    if "enum" in schema:
        return "选项"
    if schema.get("pattern", "").startswith("^-?"):
        return "数（写成文字）"
    return formats.get(schema.get("format", "")) or kinds.get(str(schema.get("type")), "值")
