"""The OpenAPI 3.1 document: what ninja knows of the operations, and the schemas of answers, which it need not check."""

import json
from collections.abc import Iterable
from typing import Any

from zhenwu.api.building import ROOT, built
from zhenwu.api.problems import CONTENT_TYPE, TITLES
from zhenwu.api.reading import camel, described, nullable
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.models import ExportRequest, Purpose
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType

_ID = {"type": "string", "format": "uuid"}
_TEXT = {"type": "string"}
_WHEN = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}
_COUNT = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_READS = (400, 401, 404, 429, 503)
_WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 428, 429, 503)


def document(codes: Iterable[str] | None = None) -> dict[str, Any]:
    """The whole document, or that of some ledgers and of what is common to all."""
    wanted = list(runtime.ledgers()) if codes is None else [code for code in runtime.ledgers() if code in set(codes)]
    others = [f"{ROOT}ledgers/{code}/" for code in runtime.ledgers() if code not in wanted]
    said: dict[str, Any] = json.loads(_operations())
    paths = {path: one for path, one in said["paths"].items() if not path.startswith(tuple(others))}
    for operations in paths.values():
        for method, operation in operations.items():
            _finish(method, operation, wanted)
    for code in wanted:
        _link(paths, code)
    said["paths"] = paths
    schemas = said["components"].setdefault("schemas", {})
    schemas |= _common()
    for code in wanted:
        schemas |= _of_ledger(runtime.ledger(code))
    said["components"]["schemas"] = _reached(paths, schemas)
    said["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "接口令牌"}}
    said["security"] = [{"token": []}]
    return said


@runtime.once_per_packs
def _operations() -> str:
    """What ninja knows, as JSON: it takes a quarter of a second to tell."""
    return json.dumps(built().api.get_openapi_schema(path_prefix=ROOT))


def _finish(method: str, operation: dict[str, Any], codes: list[str]) -> None:
    """Parameters of the path, the refusals, and the one way to show who one is."""
    operation["security"] = [{"token": []}]
    good = {status: one for status, one in operation["responses"].items() if one.get("content")}
    refusals = _READS if method == "get" else _WRITES
    problem = {"content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    if method == "get" and any(one["in"] == "query" for one in operation["parameters"]):
        refusals = (*refusals, 422)
    operation["responses"] = good | {
        str(status): {"description": TITLES[status]} | problem for status in sorted(refusals)
    }
    for one in operation["parameters"]:
        if one["in"] == "path":
            one["schema"] = _path_schema(one["name"], one["schema"], codes)
    if "requestBody" in operation:
        for media in operation["requestBody"]["content"].values():
            media["schema"].pop("title", None)


def _link(paths: dict[str, Any], code: str) -> None:
    """What can be done with a row that was just made."""
    row = "$response.body#/rows/0/id"
    links = {f"{code}_read": {"row": row}, f"{code}_edit": {"row": row}, "versions": {"row": row, "ledger": code},
             "act": {"row": row, "ledger": code}, "restore": {"row": row, "ledger": code}}  # fmt: skip
    paths[f"{ROOT}ledgers/{code}/rows"]["post"]["responses"]["201"]["links"] = {
        name: {"operationId": name, "parameters": parameters} for name, parameters in links.items()
    }


def _path_schema(name: str, schema: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "row": _ID,
        "export": _ID,
        "division": _ID,
        "ledger": {"type": "string", "enum": codes},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "change": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "transition": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,40}$"},
        "indicator": {"type": "string", "pattern": "^[a-z][a-z0-9_.]{0,80}$"},
    }
    return known.get(name, schema)


def _common() -> dict[str, Any]:
    problem = _object(message=_TEXT, field=_TEXT, label=_TEXT, at=_COUNT)
    written = _object(id=_ID, no=_TEXT, version=_COUNT, review=_enum(Review.values), state=_TEXT, voided=_FLAG)
    entry = _object(
        change=_COUNT,
        at=_WHEN,
        kind=_enum(SourceKind.values),
        ledger=_TEXT,
        row=_ID,
        no=_TEXT,
        version=_COUNT,
        act=_TEXT,
    )
    field = _object(
        code=_TEXT, label=_TEXT, type=_TEXT, masked=_FLAG, unit=_TEXT, options=_many(_object(value=_TEXT, label=_TEXT))
    )
    ledger = _object(
        code=_TEXT, label=_TEXT, line=_TEXT, line_label=_TEXT, one_row=_TEXT, may_enter=_FLAG, may_review=_FLAG,
        fields=_many(field), states=_many(_object(code=_TEXT, label=_TEXT)),
    )  # fmt: skip
    indicator = dict.fromkeys(("code", "label", "unit", "definition", "kind"), _TEXT)
    place = {
        "id": _ID, "code": _TEXT, "name": _TEXT, "full_name": _TEXT, "level": _TEXT, "class": _TEXT, "urban_rural": _TEXT,
        "parent": _or_null(_ID), "root": _ID, "valid_from": _DAY, "valid_to": _or_null(_DAY),
    }  # fmt: skip
    step = _object(**{
        "event": _ID, "title": _TEXT, "on": _or_null(_DAY), "from": _ID, "from_name": _TEXT, "to": _ID, "to_name": _TEXT,
        "whole": _FLAG, "pop_share": _or_null(_TEXT), "land_share": _or_null(_TEXT),
    })  # fmt: skip
    export = _object(
        id=_ID, ledger=_TEXT, kind=_enum(["xlsx", "csv"]), query=_TEXT, full=_FLAG, columns=_many(_TEXT), count=_COUNT,
        purpose=_enum(Purpose.values), basis=_TEXT, receiver=_TEXT, state=_enum(ExportRequest.State.values), by=_TEXT,
        mine=_FLAG, at=_WHEN, decided_by=_TEXT, decision=_TEXT, made=_FLAG, problem=_TEXT, fetched=_COUNT, most=_COUNT,
        expires_on=_or_null(_DAY), destroyed_on=_or_null(_DAY),
    )  # fmt: skip
    difference = _object(label=_TEXT, was=_TEXT, now=_TEXT)
    return {
        "Problem": _object(
            type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT, problems=_many(problem),
        ) | {"description": "一次列出全部问题；冲突时 current 是现在的内容。", "additionalProperties": True},
        "Written": _object(change=_or_null(_COUNT), rows=_many(written)),
        "Undone": _object(changes=_many(_COUNT)),
        "Changes": _object(entries=_many(entry), next=_TEXT, more=_FLAG),
        "Versions": _object(versions=_many(_object(
            version=_COUNT, act=_TEXT, change=_COUNT, at=_WHEN, by=_TEXT, reason=_TEXT, source=_TEXT,
            differences=_many(difference),
        ))),
        "Revealed": _object(value=_or_null(_TEXT)),
        "Export": export,
        "Exports": _object(mine=_many(_ref("Export")), waiting=_many(_ref("Export"))),
        "StoredFile": _object(sha256=_TEXT, name=_TEXT, size=_COUNT, mime=_TEXT),
        "Me": _object(user=_TEXT, name=_TEXT, token=_TEXT, may_write=_FLAG, may_reveal=_FLAG, expires_on=_DAY),
        "Ledgers": _object(ledgers=_many(ledger)),
        "Indicators": _object(indicators=_many(_object(**indicator))),
        "Figure": _object(
            **indicator, value=_or_null(_TEXT), text=_TEXT, hidden=_FLAG, year={"type": "integer"},
            period=_or_null(_TEXT), as_of=_DAY, place=_or_null(_TEXT), rows=_or_null(_COUNT),
            undecided=_or_null(_COUNT), undated=_or_null(_COUNT), estimated=_or_null(_COUNT), digest=_TEXT, trace=_TEXT,
            last_year=_or_null(_object(
                as_of=_or_null(_DAY), value=_or_null(_TEXT), text=_or_null(_TEXT), growth=_TEXT,
                difference=_or_null(_TEXT), percent=_or_null(_TEXT),
            )),
        ),
        "Divisions": _object(on=_DAY, divisions=_many(_object(**place))),
        "Division": _object(
            **place, on=_DAY, now=_or_null(_ID), rows_count_at=_or_null(_ID),
            among=_many(_object(id=_ID, share=_or_null(_TEXT))), came_from=_many(step), became=_many(step),
        ),
        "DivisionEvents": _object(events=_many(_object(
            id=_ID, kind=_TEXT, title=_TEXT, state=_TEXT, effective=_or_null(_DAY), order=_COUNT, approval=_TEXT,
        ))),
        "EventPosts": _object(posts=_many(_object(
            post=_COUNT, user=_TEXT, role=_TEXT, unit=_or_null(_TEXT), division=_ID, valid_from=_DAY, valid_to=_or_null(_DAY),
            heirs=_many(_TEXT), choice=_or_null(_TEXT), toward=_or_null(_TEXT), open=_FLAG, reason=_TEXT, done_on=_or_null(_DAY),
        ))),
        "Findings": _object(more=_FLAG, findings=_many(_object(
            id=_ID, check=_TEXT, label=_TEXT, severity=_TEXT, status=_TEXT, message=_TEXT, ledger=_TEXT, row=_or_null(_ID),
            division=_or_null(_ID), found_on=_TEXT, due_on=_TEXT,
        ))),
    }  # fmt: skip


def _of_ledger(ledger: Ledger) -> dict[str, Any]:
    name = camel(ledger.code)
    values = {
        "type": "object", "additionalProperties": False,
        "description": "只有你能看的字段；null 是没有填报，不是0。号码只显示一部分。",
        "properties": _shown_of(ledger) | {
            code: {"title": ledger.types[code].label, "type": "array", "description": "只在读一条时给出",
                   "items": {"type": "object", "additionalProperties": False, "required": ["id"],
                             "properties": {"id": _ID} | _shown_of(table)}}
            for code, table in ledger.children.items()
        },
    }  # fmt: skip
    row = _object(
        id=_ID, no=_TEXT, version=_COUNT, review=_enum(Review.values), state=_TEXT, division=_or_null(_ID), note=_or_null(_TEXT),
        files=nullable(ledger.attachments), voided=_FLAG, created_at=_WHEN, changed_at=_WHEN, values=values,
        texts={"type": "object", "additionalProperties": _TEXT, "description": "所属地点和所指记录的名称"},
    )  # fmt: skip
    page = _object(rows=_many(_ref(f"{name}Row")), total=_or_null(_COUNT), total_capped=_FLAG, next=_or_null(_TEXT))
    return {f"{name}Row": row | {"description": ledger.spec.one_row}, f"{name}Page": page}


def _shown_of(ledger: Ledger) -> dict[str, Any]:
    shown = {code: _shown(kind) for code, kind in ledger.stored.items()}
    return shown | {code: _computed(kind) for code, kind in ledger.computed.items()}


def _computed(kind: Computed) -> dict[str, Any]:
    """A value that a formula works out; a request that says one is refused."""
    said = "；".join(one for one in ("自动计算，只读", described(kind)) if one)
    return {"title": kind.label, "anyOf": [kind.json_schema(), {"type": "null"}], "readOnly": True, "description": said}


def _shown(kind: FieldType) -> dict[str, Any]:
    if kind.is_sealed:
        return {"title": kind.label, "type": ["string", "null"], "description": "只显示一部分"}
    return nullable(kind)


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _enum(values: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": values}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _reached(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Only the schemas that some path leads to."""
    reached: dict[str, Any] = {}
    waiting = list(_names(paths))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = schemas[name]
            waiting += _names(schemas[name])
    return dict(sorted(reached.items()))


def _names(said: Any) -> Iterable[str]:
    if isinstance(said, dict):
        for key, value in said.items():
            if key == "$ref":
                yield str(value).rpartition("/")[2]
            elif key == "mapping":
                yield from (str(one).rpartition("/")[2] for one in value.values())
            else:
                yield from _names(value)
    elif isinstance(said, list):
        for one in said:
            yield from _names(one)
