"""Reads pack files: TOML → PackSpec, with every problem of every file at once."""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zhenwu.packs.children import every_field, with_children
from zhenwu.packs.errors import PackProblem, PacksBroken
from zhenwu.packs.parameters import ParameterSpec
from zhenwu.packs.rules import problems_across, problems_in
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.types import is_sealed

_PARAMETERS = "parameters.toml"
SHIPPED = Path(__file__).resolve().parent / "shipped"  # in an installed package
_CHECKOUT = Path(__file__).resolve().parents[2] / "packs"  # in a checkout


def shipped_folder() -> Path:
    return SHIPPED if SHIPPED.is_dir() else _CHECKOUT


@dataclass
class PackSet:
    """All packs that go together, in an order in which references point back."""

    packs: dict[str, PackSpec] = field(default_factory=dict)
    parameters: list[ParameterSpec] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # ledger code → file it came from

    @property
    def hash(self) -> str:
        """SHA-256 of what the packs say, not of how the files are laid out."""
        said = {
            "packs": {code: _dumped(pack) for code, pack in sorted(self.packs.items())},
            "parameters": [one.model_dump(mode="json", by_alias=True) for one in self.parameters],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def dump(self) -> dict[str, Any]:
        """As JSON, for the applied snapshot; `load_dump` reads it back."""
        return {
            "packs": [_dumped(pack) for pack in self.packs.values()],
            "parameters": [one.model_dump(mode="json", by_alias=True) for one in self.parameters],
        }

    def with_children(self, named: "PackSet | None" = None) -> "PackSet":
        """The packs and their child tables as small ledgers, for those who look after tables (see packs/children.py)."""
        packs = with_children(self.packs, named.packs if named else None)
        return PackSet(packs, self.parameters, self.files)


def _dumped(pack: PackSpec) -> dict[str, Any]:
    """A pack as it runs: its cases are for the tests only."""
    return pack.model_dump(mode="json", by_alias=True, exclude={"case"})


def load_dump(dump: dict[str, Any]) -> PackSet:
    # what an earlier version of the code stored may have keys that this one no longer knows
    packs = [PackSpec.model_validate(said, extra="ignore") for said in dump["packs"]]
    return PackSet(
        {pack.ledger.code: pack for pack in packs},
        [ParameterSpec.model_validate(said) for said in dump["parameters"]],
    )


def read_packs(folders: Iterable[Path]) -> PackSet:
    """Every pack below the folders. Raises PacksBroken with all problems of all files."""
    found, problems = read_packs_with_problems(folders)
    if problems:
        raise PacksBroken(problems)
    return found


def read_packs_with_problems(folders: Iterable[Path]) -> tuple[PackSet, list[PackProblem]]:
    """What could be read, and what is wrong with the rest; for tools that show both."""
    problems: list[PackProblem] = []
    read: list[tuple[str, PackSpec]] = []
    parameters: list[ParameterSpec] = []
    for folder in folders:
        # the shipped folder is called packs/; another one also by the folder it lies in (instance/packs/…)
        called = "packs" if folder == shipped_folder() else f"{folder.resolve().parent.name}/{folder.name}"
        for path in sorted(folder.rglob("*.toml")):
            name = f"{called}/{path.relative_to(folder).as_posix()}"
            # an editor on Windows may put a mark in front
            said = _parse(partial(path.read_text, encoding="utf-8-sig"), name, problems)
            if said is None:
                continue
            if path.name == _PARAMETERS:
                parameters += _parameters(said, name, problems)
            elif pack := _pack(said, name, problems):
                read.append((name, pack))
    problems += _said_twice(read)
    files = {pack.ledger.code: name for name, pack in read}
    packs = {pack.ledger.code: pack for _, pack in read}
    for code, pack in packs.items():
        problems += problems_in(pack, files[code])
    problems += problems_across(packs, files)
    return PackSet({code: packs[code] for code in _in_order(packs)}, parameters, files), problems


def read_beside(text: str, name: str, others: PackSet) -> tuple[PackSpec | None, PackSet, list[PackProblem]]:
    """One more pack, from its text, among the others (in place of the one of its code): the pack, all of them in order, and
    what is wrong. The pack is None when it cannot be read at all."""
    problems: list[PackProblem] = []
    said = _parse(lambda: text, name, problems)
    pack = _pack(said, name, problems) if said is not None else None
    if pack is None:
        return None, others, problems
    packs = others.packs | {pack.ledger.code: pack}
    files = {code: others.files.get(code, code) for code in packs} | {pack.ledger.code: name}
    problems += problems_in(pack, name)
    problems += problems_across(packs, files)
    return pack, PackSet({code: packs[code] for code in _in_order(packs)}, others.parameters, files), problems


def _parse(read: Callable[[], str], name: str, problems: list[PackProblem]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(read())
    except OSError as error:
        problems.append(PackProblem(name, "", f"the file cannot be read: {error.strerror}.", "Check its permissions."))
    except UnicodeDecodeError:
        problems.append(PackProblem(name, "", "the file is not UTF-8.", "Save it as UTF-8."))
    except tomllib.TOMLDecodeError as error:
        problems.append(PackProblem(name, "", f"not valid TOML: {error}.", "Mend that line."))
    return None


def _pack(said: dict[str, Any], name: str, problems: list[PackProblem]) -> PackSpec | None:
    try:
        return _sealing(PackSpec.model_validate(said))
    except ValidationError as error:
        problems += [_from_pydantic(one, said, name) for one in error.errors()]
        return None


def _sealing(pack: PackSpec) -> PackSpec:
    """The pack with every text of class S3 sealed. Said once, here: a snapshot that was applied before this was so is read as it
    stands, and the next plan shows what changes. The columns of a hand-written model are what its code says."""
    if pack.ledger.model:
        return pack
    return pack.model_copy(update={"field": tuple(_sealed(one) for one in pack.field)})


def _sealed(one: FieldSpec) -> FieldSpec:
    if one.column:
        return one.model_copy(update={"column": tuple(_sealed(column) for column in one.column)})
    said = (
        "sealed" in one.model_fields_set
    )  # `sealed = false` keeps a text of S3 open to SQL, for whoever reviews the pack to see
    return one.model_copy(update={"sealed": True}) if is_sealed(one.type, one.privacy) and not said else one


def _parameters(said: dict[str, Any], name: str, problems: list[PackProblem]) -> Iterator[ParameterSpec]:
    tables = said.get("parameter", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        problems.append(
            PackProblem(name, "parameter", "is not a list of tables.", "Write [[parameter]], in two brackets.")
        )
        return
    seen: set[tuple[str, str, Any]] = set()
    for number, one in enumerate(tables, 1):
        where = f"parameter {number} ({one.get('code', '?')})"
        try:
            spec = ParameterSpec.model_validate(one)
        except ValidationError as error:
            for detail in error.errors():
                problems.append(PackProblem(name, where, f"{_path(detail['loc'])}: {detail['msg']}."))
            continue
        if spec.to is not None and spec.to <= spec.from_:
            problems.append(
                PackProblem(name, where, "ends before it begins.", "`to` is the first day no longer in force.")
            )
        if (spec.code, spec.place, spec.from_) in seen:
            remedy = "Give the newer one its own `from`."
            problems.append(PackProblem(name, where, f"has a second value from {spec.from_}.", remedy))
        seen.add((spec.code, spec.place, spec.from_))
        yield spec
    for key in said.keys() - {"parameter"}:
        problems.append(PackProblem(name, key, "parameters.toml holds only [[parameter]] tables."))


def _from_pydantic(error: Any, said: dict[str, Any], name: str) -> PackProblem:
    """A pydantic error as: which table (with its code), which key, why, and what would be right."""
    loc = [part for part in error["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    where = _path(loc)
    if len(loc) >= 2 and isinstance(loc[0], str) and isinstance(loc[1], int):
        tables = said.get(loc[0], [])
        table = tables[loc[1]] if isinstance(tables, list) and loc[1] < len(tables) else {}
        called = table.get("code") or table.get("name") or "?" if isinstance(table, dict) else "?"
        number = table.get("id", loc[1] + 1) if isinstance(table, dict) else loc[1] + 1
        where = f"{loc[0]} {number} ({called})" + (f", {_path(loc[2:])}" if loc[2:] else "")
    kind = error["type"]
    remedy = ""
    if kind == "missing":
        cause = "is missing."
        remedy = "Add it."
    elif kind == "extra_forbidden":
        cause = "is not a key of this table."
        remedy = "Check the spelling against docs/developer/packs.md."
    else:
        cause = error["msg"].removeprefix("Value error, ") + "."
        if "input" in error and not isinstance(error["input"], (dict, list)):
            cause = f"{error['input']!r}: {cause}"
    return PackProblem(name, where, cause, remedy)


def _path(loc: Iterable[Any]) -> str:
    return ".".join(str(part) for part in loc)


def _said_twice(read: list[tuple[str, PackSpec]]) -> Iterator[PackProblem]:
    """A ledger or a figure code used by two files; a township's own packs never override shipped ones."""
    counted = Counter(pack.ledger.code for _, pack in read)
    for name, pack in read:
        if counted[pack.ledger.code] > 1:
            others = [other for other, one in read if one.ledger.code == pack.ledger.code and other != name]
            yield PackProblem(
                name,
                "ledger.code",
                f"{pack.ledger.code} is also declared in {', '.join(others)}.",
                "Give it its own code.",
            )


def _in_order(packs: dict[str, PackSpec]) -> list[str]:
    """References first. A cycle (reported by problems_across) keeps the order of names."""
    done: dict[str, None] = {}

    def visit(code: str, path: tuple[str, ...]) -> None:
        if code in done or code in path or code not in packs:
            return
        for one in every_field(packs[code]):
            if one.type.startswith("ref:"):
                visit(one.type.removeprefix("ref:"), (*path, code))
        done[code] = None

    for code in sorted(packs):
        visit(code, ())
    return list(done)
