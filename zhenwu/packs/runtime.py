"""The applied packs as this process runs them: models, types and look-ups. Started once; never changed in a request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.apps import apps
from django.apps.registry import Apps
from django.db import connection, models

from zhenwu.accounts.scope import Realm
from zhenwu.changes.scoped import Why
from zhenwu.packs.apply import applied_hash, applied_packs, hold_packs
from zhenwu.packs.builder import build_models, types_of
from zhenwu.packs.children import child_code, child_fields, child_pack
from zhenwu.packs.errors import PacksNotApplied, RestartNeeded
from zhenwu.packs.parameters import parameter
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import LedgerSpec, Lifecycle, PackSpec, StateSpec
from zhenwu.packs.types import Computed, FieldType, Rows
from zhenwu.packs.types.files import attachments
from zhenwu.packs.types.links import RowLink

_Built = TypeVar("_Built")


@dataclass
class Ledger:
    """One ledger as the code uses it: what the pack says, its field types and its model."""

    pack: PackSpec
    model: type[models.Model]
    types: dict[str, FieldType]
    children: "dict[str, Ledger]" = field(default_factory=dict)  # by field code: the columns and model of a child table

    def rows(self, why: Why) -> models.QuerySet[Any]:
        """Every row of every place, for a named reason (changes.scoped). Pages start from ledgers.queries.rows_in."""
        return self.model._default_manager.unscoped(why)  # type: ignore[attr-defined]

    @property
    def code(self) -> str:
        return self.pack.ledger.code

    @property
    def label(self) -> str:
        return self.pack.ledger.label

    @property
    def spec(self) -> LedgerSpec:
        return self.pack.ledger

    @cached_property
    def realm(self) -> Realm:
        """What rights need to know of it."""
        spec, said = self.spec, self.spec.rights
        village = said.village or ("none" if spec.place == "town" else "own")
        column = f"{said.unit_field}_id" if said.unit_field else ""
        return Realm(spec.code, spec.line, spec.privacy, said.roles, village, said.others, column)

    @property
    def lifecycle(self) -> Lifecycle | None:
        return self.pack.lifecycle

    @cached_property
    def stored(self) -> dict[str, FieldType]:
        return {code: kind for code, kind in self.types.items() if kind.stored}

    @cached_property
    def computed(self) -> dict[str, Computed]:
        """The fields that a formula works out of the others: shown wherever values are, stored nowhere."""
        return {code: kind for code, kind in self.types.items() if isinstance(kind, Computed) and kind.formula}

    @cached_property
    def attachments(self) -> FieldType:
        """The files that any row may carry beside its fields (the implicit column). A scan may show whatever the row says:
        they are of class S2 where a field is above S1, else of the row's own class."""
        tables = (self, *self.children.values())
        is_personal = any(
            kind.is_sealed or kind.spec.privacy > "S1" for table in tables for kind in table.stored.values()
        )
        privacy = "S2" if is_personal and self.spec.privacy < "S2" else self.spec.privacy
        return attachments(privacy)

    @cached_property
    def title(self) -> tuple[str, ...]:
        """The fields that name a row; the first text field when the pack does not say."""
        first = next(
            (
                code
                for code, kind in self.types.items()
                if kind.name in ("text", "name", "longtext") and not kind.is_sealed
            ),
            "",
        )
        return self.spec.title or ((first,) if first else ())

    @cached_property
    def in_list(self) -> tuple[str, ...]:
        """Field codes shown as columns of the list."""
        shown = [
            code for code, kind in self.stored.items() if kind.spec.in_list is not False and kind.name != "longtext"
        ]
        shown = [code for code in shown if not self.types[code].spec.sealed or self.types[code].spec.in_list]
        shown += [code for code, kind in self.computed.items() if kind.spec.in_list]
        chosen = [code for code in shown if self.types[code].spec.in_list]
        return tuple(chosen or shown[:6])

    @cached_property
    def states(self) -> dict[str, StateSpec]:
        return {state.code: state for state in self.lifecycle.states} if self.lifecycle else {}

    def states_from(self, code: str) -> frozenset[str]:
        """The states that a row is in once it has come to `code` and gone on: reachable from it and not before it in the
        list (sending back does not make what comes later due earlier; a side state such as 不予确认 leads nowhere)."""
        if code not in self._states_from:
            order = list(self.states)
            reached, before = {code}, 0
            while len(reached) != before:
                before = len(reached)
                reached |= (
                    {act.to for act in self.lifecycle.transition if reached & set(act.from_)}
                    if self.lifecycle
                    else set()
                )
            self._states_from[code] = frozenset(one for one in reached if order.index(one) >= order.index(code))
        return self._states_from[code]

    @cached_property
    def _states_from(self) -> dict[str, frozenset[str]]:
        return {}

    def state_label(self, code: str) -> str:
        return self.states[code].label if code in self.states else code


@dataclass
class Running:
    packs: PackSet = field(default_factory=PackSet)
    hash: str = ""
    ledgers: dict[str, Ledger] = field(default_factory=dict)


_running = Running()


def start() -> None:
    """Build the applied packs' models. A second call with the same packs does nothing."""
    packs = applied_packs()
    if not packs.packs:
        raise PacksNotApplied("还没有生效的台账声明。请先运行 zhenwu init（或 zhenwu packs apply）。")
    start_with(packs, applied_hash())


def start_with(packs: PackSet, pack_hash: str) -> None:
    if _running.hash == pack_hash:
        return
    if _running.hash:
        raise RestartNeeded("台账声明已更新，本进程需要重新启动。")
    for code, pack in packs.packs.items():
        _running.ledgers[code] = ledger_of(pack)
    for one in _running.ledgers.values():
        for table in (one, *one.children.values()):
            for kind in table.types.values():
                if isinstance(kind, RowLink):
                    kind.label_path = _label_path(_running.ledgers[kind.ledger])
    _running.packs, _running.hash = packs, pack_hash


def ledger_of(pack: PackSpec, registry: Apps = apps) -> Ledger:
    """A ledger with its models built. A column of a child table may be required from a state of the row on."""
    if pack.ledger.model:
        return Ledger(pack, apps.get_model(pack.ledger.model), types_of(pack))
    built, types = build_models(pack, registry=registry), types_of(pack)
    children = {}
    for spec in child_fields(pack):
        rows, table = types[spec.code], child_pack(pack, spec).model_copy(update={"lifecycle": pack.lifecycle})
        assert isinstance(rows, Rows)  # the reader lets no other type have columns
        rows.model = built[child_code(pack.ledger.code, spec.code)]
        children[spec.code] = Ledger(table, rows.model, rows.lines)
    return Ledger(pack, built[pack.ledger.code], types, children)


def ledgers() -> dict[str, Ledger]:
    return _running.ledgers


def ledger(code: str) -> Ledger:
    """Raises KeyError for a code that is not applied."""
    return _running.ledgers[code]


def model_for(code: str) -> Any:
    return _running.ledgers[code].model


def pack_hash() -> str:
    return _running.hash


def packs() -> PackSet:
    return _running.packs


def param(code: str, *, on: date, place: str = "") -> Any:
    """The dated parameter in force on a day; None when none is."""
    return parameter(_running.packs.parameters, code, on=on, place=place)


def once_per_packs(build: Callable[[], _Built]) -> Callable[[], _Built]:
    """What `build` returns for the running packs, built when first asked for; built anew should other packs run."""
    lock = threading.Lock()
    built: dict[str, _Built] = {}

    def current() -> _Built:
        with lock:
            if pack_hash() not in built:
                built.clear()
                built[pack_hash()] = build()
            return built[pack_hash()]

    return current


def is_current() -> bool:
    """Whether this process runs the packs that are applied."""
    return applied_hash() == _running.hash


def ensure_current() -> None:
    """Raise RestartNeeded when another process has applied newer packs; in a transaction none can be applied after."""
    if connection.in_atomic_block:
        hold_packs()
    if applied_hash() != _running.hash:
        raise RestartNeeded("台账声明刚刚更新，请稍候再试一次。")


def _label_path(target: Ledger, depth: int = 0) -> str:
    """The ORM path from a row of `target` to the text that names it."""
    if not target.title or depth > 3:
        return "no"
    kind = target.types.get(target.title[0])
    if kind is None or kind.name in ("files", "computed"):
        return "no"
    if isinstance(kind, RowLink):
        return f"{kind.code}__{_label_path(_running.ledgers[kind.ledger], depth + 1)}"
    if kind.is_link:
        return f"{kind.code}__{kind.label_path}"  # type: ignore[attr-defined]
    return kind.code
