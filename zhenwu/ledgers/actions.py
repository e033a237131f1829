"""`commit`: the one door for writing ledger rows."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.scope import Rights, rights_of
from zhenwu.changes.actions import Source, lock_chain, open_change
from zhenwu.changes.followers import follow
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers import effects, search_index
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError, NotAllowed, RowProblem
from zhenwu.ledgers.lines import attach
from zhenwu.ledgers.operations import RELINK, Draft, Reidentify, Restore
from zhenwu.ledgers.prepare import Preparer
from zhenwu.ledgers.references import References
from zhenwu.ledgers.writing import Writer
from zhenwu.packs import runtime
from zhenwu.packs.indexes import built_after
from zhenwu.packs.runtime import Ledger

_CHUNK = 5000


def commit(draft: Draft, *, goes_back: bool = False) -> Change:
    """Write a change: all of its rows with their history, or nothing.

    `goes_back`: the caller's transaction goes back when this fails, so that it needs no savepoint of its own. (With one open,
    SQLite keeps each page it writes a second time in memory, and looks through these after every statement.)

    In the author's own name as far as the own rights go; else in the place of someone who is away (one for the whole
    change), and the change says so. Raises CommitRefused with every problem of every row, Conflict when a row changed
    meanwhile, NotAllowed, or RestartNeeded when newer packs were applied.
    """
    if not draft.operations and not any(one.operations for one in draft.others):
        raise LedgerError("没有要保存的内容。")
    rights = rights_of(draft.by)
    names = (None, *rights.stood_in_for)
    for other in names:
        try:
            with transaction.atomic(savepoint=not goes_back or len(names) > 1):
                return _commit(draft, rights.standing_in_for(other), other)
        except (NotAllowed, CommitRefused) as refused:
            why: LedgerError = refused
    raise why


def _commit(draft: Draft, rights: Rights, stands_for: Any) -> Change:
    runtime.ensure_current()
    today = draft.today or timezone.localdate()
    heads = {
        code: lock_chain(code) for code in sorted(effects.writes_of(draft))
    }  # in one order: nobody waits in a circle
    draft = effects.with_effects(draft, today)
    parts = _merged([*draft.others, replace(draft, others=())])
    own = frozenset[uuid.UUID]().union(*(part.own_ids() for part in parts))
    change = _change_of(draft, stands_for)
    problems: list[RowProblem] = []
    written = []
    for part in parts:
        ledger = runtime.ledger(part.ledger)
        scope = rights.scope_in(ledger.realm)
        if not scope.read and not all(isinstance(one, Reidentify) or _relinks(one) for one in part.operations):
            raise NotAllowed("你没有这本台账的权限。")
        preparer = Preparer(ledger, scope, part, today=today, stands_for=stands_for, earlier=problems)
        references = References(ledger, own)
        writer = Writer(ledger, change, heads[part.ledger], today.year)
        written.append((writer, heads[part.ledger].seq))
        _write(part, preparer, references, writer)
    if problems:
        raise CommitRefused(problems)
    for writer, after in written:
        writer.close()
        follow(change, writer.ledger.code)
        search_index.bring(writer.ledger.code, change, after=after)
    return change


def _relinks(one: Any) -> bool:
    return isinstance(one, Restore) and one.links_only


def _merged(parts: Sequence[Draft]) -> list[Draft]:
    """One part for each ledger, in the order in which they were said; empty ones left out."""
    found: dict[str, Draft] = {}
    for part in parts:
        if not part.operations:
            continue
        known = found.get(part.ledger)
        found[part.ledger] = part if known is None else replace(known, operations=[*known.operations, *part.operations])
    return list(found.values())


def _write(draft: Draft, preparer: Preparer, references: References, writer: Writer) -> None:
    """Write one ledger's part of a change; its problems are collected in the preparer."""
    ledger = preparer.ledger
    # In batches, so that memory does not grow with the change. After the first problem the rest is only looked at;
    # what was written before goes back with the transaction.
    done = 0
    with built_after(ledger.model, new=draft.new_count):
        for new in draft.new_rows(_CHUNK):
            rows = preparer.add(new)
            preparer.problems += references.problems_of_new(rows)
            if not preparer.problems:
                writer.add(rows)
            draft.tell(done := done + len(new))
    for operations in draft.on_rows(_CHUNK):
        stored = _stored(ledger, [one.row for one in operations])
        prepared = preparer.change(operations, stored)
        preparer.problems += references.problems_of_versions(prepared, stored)
        if not preparer.problems:
            writer.change_stored(prepared, stored)
        draft.tell(done := done + len(operations))


def _change_of(draft: Draft, stands_for: Any) -> Change:
    return open_change(
        author=draft.by,
        reason=draft.reason,
        source=draft.source,
        pack_hash=runtime.pack_hash(),
        undoes=draft.undoes,
        stands_for=stands_for,
    )


def undo(change: Change, *, by: Any, reason: str) -> list[Change]:
    """Undo a change as a whole. Refused when a later change builds on one of its rows."""
    if change.undone_by.exists():
        raise LedgerError("这次变更已经撤销过了。")
    if change.source_kind == SourceKind.PACKS:
        raise LedgerError("这是台账改版时的转换，不能在这里撤销：请改回台账声明，再次生效。")
    if unknown := [code for code in change.ledgers if code not in runtime.ledgers()]:
        raise LedgerError(f"这次变更不是台账变更（{'、'.join(unknown)}），不能在这里撤销。")
    source = Source(SourceKind.UNDO, f"撤销变更{change.pk}")
    with transaction.atomic():
        parts = []
        for code in sorted(change.ledgers):
            lock_chain(code)
            versions = list(History.objects.filter(change=change, ledger=code).values_list("row", "version", "act"))
            current = _current_versions(runtime.ledger(code), [row for row, _, _ in versions])
            later = [row for row, version, _ in versions if current.get(row) != version]
            if later:
                raise Conflict(later, f"有{len(later)}行在这之后又改过，不能整体撤销。请逐行更正。")
            operations: list[Any] = [
                Restore(row, version, version - 1, links_only=act == RELINK) for row, version, act in versions
            ]
            parts.append(Draft(code, by, operations, source, reason, undoes=change))
        if not parts:
            return []
        return [commit(replace(parts[0], others=parts[1:]), goes_back=True)]


def _stored(ledger: Ledger, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    found: dict[uuid.UUID, Any] = {}
    for start in range(0, len(rows), _CHUNK):
        chunk = ledger.rows("commit").select_for_update(of=("self",)).select_related("changed_by", "change")
        found |= {row.pk: row for row in chunk.filter(pk__in=rows[start : start + _CHUNK])}
    attach(ledger, list(found.values()))
    return found


def _current_versions(ledger: Ledger, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    found: dict[uuid.UUID, int] = {}
    for start in range(0, len(rows), _CHUNK):
        chunk = ledger.rows("commit").filter(pk__in=rows[start : start + _CHUNK])
        found |= dict(chunk.values_list("pk", "version"))
    return found
