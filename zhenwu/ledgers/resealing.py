"""After a new data key: every ciphertext in the database and every file's key once more under it. The keyed digests stay, and
with them the chain."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from zhenwu.changes.keys import keyring
from zhenwu.changes.models import History
from zhenwu.lib import sealedfiles
from zhenwu.lib.crypto import KeyRing

_PURPOSES = (b"idno", b"phone", b"bank_account", b"text", b"longtext", b"uscc", b"webhook")
_TABLES = ("lg_", "people_", "api_")  # the prefixes of tables that hold ciphertexts, retired columns too
_FOLDERS = ("files", "imports", "exports")  # of the instance: what lies in them is encrypted
_NOTES = (".progress", ".stop", ".new")  # beside an upload: how far it is, nothing of what it says
_BATCH = 500


def reseal_all() -> Iterator[int]:
    """Batch by batch, each a transaction; yields how many values it did. Broken off, the next call goes on.

    A value that is written meanwhile is left as the writer left it. Workers that still run with the older key may write some:
    a second call takes these. Raises CryptoError for a value whose key is not in the instance's folder.
    """
    for table, column in sealed_columns():
        yield from _reseal_column(table, column)
    yield from _reseal_history()
    yield from _reseal_files()


def waiting() -> int:
    """How many values are under an older key."""
    count = sum(_count(table, column) for table, column in sealed_columns())
    count += sum(_olds(sealed) for _, sealed in _histories())
    return count + sum(1 for _ in _files_waiting())


def sealed_columns() -> Iterator[tuple[str, str]]:
    """(table, column) of every column of ciphertexts, those of retired fields too: beside each stands its keyed digest."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(_TABLES):
                names = {one.name for one in connection.introspection.get_table_description(cursor, table)}
                yield from ((table, name) for name in sorted(names) if _digest_of(name) in names or name == "secret")


def _digest_of(name: str) -> str:
    """Where the digests of a column of ciphertexts stand: tel → tel_hash, and of one that was set aside tel__1 → tel_hash__1."""
    code, aside, number = name.partition("__")
    return f"{code}_hash{aside}{number}"


def _reseal_column(table: str, column: str) -> Iterator[int]:
    name, held = _quoted(table), _quoted(column)
    ring = keyring()
    find = f"SELECT id, {held} FROM {name} WHERE {held} LIKE %s AND {held} NOT LIKE %s LIMIT {_BATCH}"  # noqa: S608  quoted names only
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(find, ["_%", f"{ring.newest}%"])
            found = cursor.fetchall()
            done = [(ring.resealed(token, _PURPOSES), pk, token) for pk, token in found]
            cursor.executemany(f"UPDATE {name} SET {held} = %s WHERE id = %s AND {held} = %s", done)  # noqa: S608
        if not found:
            return
        yield len(found)


def _reseal_history() -> Iterator[int]:
    ring = keyring()
    batch: list[tuple[int, dict[str, str]]] = []
    for pk, sealed in _histories():
        if _olds(sealed):
            batch.append((pk, sealed))
        if len(batch) == _BATCH:
            yield _rewritten(ring, batch)
            batch = []
    if batch:
        yield _rewritten(ring, batch)


def _reseal_files() -> Iterator[int]:
    for path in _files_waiting():
        sealedfiles.reseal(keyring(), path)
        yield 1


def _files_waiting() -> Iterator[Path]:
    """Files under an older key, and those that were kept before files were encrypted."""
    for folder in _FOLDERS:
        for path in (Path(settings.INSTANCE) / folder).rglob("*"):
            if path.suffix in _NOTES or not sealedfiles.is_content(path):
                continue
            with suppress(FileNotFoundError):  # an upload that was given up meanwhile
                if sealedfiles.needs_resealing(keyring(), path):
                    yield path


def _histories() -> Iterator[tuple[int, dict[str, str]]]:
    known = History.objects.exclude(sealed=None).order_by("pk").values_list("pk", "sealed")
    yield from ((pk, sealed or {}) for pk, sealed in known.iterator(chunk_size=_BATCH))


def _rewritten(ring: KeyRing, batch: list[tuple[int, dict[str, str]]]) -> int:
    """History is written once, so that nobody else changes these; only what the chain does not cover is touched."""
    with transaction.atomic():
        for pk, sealed in batch:
            fresh = {name: _fresh(ring, token) for name, token in sealed.items()}
            History.objects.filter(pk=pk).update(sealed=fresh)
    return sum(_olds(sealed) for _, sealed in batch)


def _fresh(ring: KeyRing, token: Any) -> Any:
    return ring.resealed(token, _PURPOSES) if _is_old(token) else token


def _olds(sealed: dict[str, str]) -> int:
    return sum(_is_old(token) for token in sealed.values())


def _is_old(token: Any) -> bool:
    return KeyRing.is_token(token) and keyring().needs_resealing(token)


def _count(table: str, column: str) -> int:
    held = _quoted(column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {_quoted(table)} WHERE {held} LIKE %s AND {held} NOT LIKE %s",  # noqa: S608
            ["_%", f"{keyring().newest}%"],
        )
        return int(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
