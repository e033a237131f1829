"""Files encrypted at rest: each under a key of its own, which stands sealed in a small file beside it.

A new data key touches only the small files, and who destroys the small file has destroyed the large one, wherever copies of
it lie. The content is cut into blocks; each is bound to its place and the last one says so, so that none can be left out,
added or moved. The head of a file names its key, so that content and key are replaced in one step.
"""

import hashlib
import os
import secrets
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag

from zhenwu.lib.crypto import CryptoError, DataKey, KeyRing

_BLOCK: Final = 1 << 20
_TAG: Final = 16
_MAGIC: Final = b"ZWF1"
_ID: Final = 16  # hex digits
_ENDING: Final = ".key"


def seal_file(ring: KeyRing, chunks: Iterable[bytes], path: Path) -> None:
    """Write the content encrypted; replaces what is there, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".sealing-")  # mode 0600
    draft, key_id = Path(name), secrets.token_hex(_ID // 2)
    try:
        with os.fdopen(handle, "wb") as target, ring.in_use():
            key = ring.new_file_key()
            target.write(_MAGIC + key_id.encode())
            for number, (block, last) in enumerate(_blocks(chunks)):
                target.write(key.encrypt(_nonce(number), block, _place(number, last)))
            _write_key(ring, _key_path(path, key_id), key)
        older = _keys_of(path)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        _key_path(path, key_id).unlink(missing_ok=True)
        raise
    for one in older - {_key_path(path, key_id)}:
        one.unlink(missing_ok=True)


def chunks_of(ring: KeyRing, path: Path) -> Iterator[bytes]:
    """The content, block by block. A file from before files were encrypted is read as it lies there."""
    with path.open("rb") as source:
        head = source.read(len(_MAGIC) + _ID)
        if not head.startswith(_MAGIC):
            yield head
            while chunk := source.read(_BLOCK):
                yield chunk
            return
        key = _key_of(ring, path, head)
        block, number = source.read(_BLOCK + _TAG), 0
        while True:
            following = source.read(_BLOCK + _TAG)
            try:
                yield key.decrypt(_nonce(number), block, _place(number, not following))
            except (InvalidTag, ValueError) as error:
                raise CryptoError(f"文件“{path.name}”已残缺或被改动，不能解密。请从备份恢复。") from error
            if not following:
                return
            block, number = following, number + 1


def read_all(ring: KeyRing, path: Path) -> bytes:
    return b"".join(chunks_of(ring, path))


def copy_into(ring: KeyRing, path: Path, target: IO[bytes]) -> None:
    for chunk in chunks_of(ring, path):
        target.write(chunk)


def remove(path: Path) -> None:
    """The keys first: what is left of the file then says nothing."""
    for one in _keys_of(path):
        one.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def needs_resealing(ring: KeyRing, path: Path) -> bool:
    """Whether it lies in plain, or its key is under an older data key."""
    if _head_of(path) is None:
        return True
    return any(ring.needs_resealing(one.read_text(encoding="ascii")) for one in _keys_of(path))


def reseal(ring: KeyRing, path: Path) -> None:
    """The file's key under the newest data key; a plain file is encrypted."""
    head = _head_of(path)
    if head is None:
        seal_file(ring, chunks_of(ring, path), path)
        return
    with ring.in_use():
        _write_key(ring, _key_path(path, head[len(_MAGIC) :].decode()), _key_of(ring, path, head))


def keyed_digest(ring: KeyRing, chunks: Iterable[bytes]) -> str:
    """64 hex digits: equal contents meet, and nobody without the index key can ask whether a content is there."""
    said = hashlib.sha256()
    for chunk in chunks:
        said.update(chunk)
    return ring.index(said.hexdigest(), "file")


def is_content(path: Path) -> bool:
    """Whether this is a file, not the key of one or a draft."""
    return path.is_file() and path.suffix != _ENDING and not path.name.startswith(".")


def _head_of(path: Path) -> bytes | None:
    """The head of a sealed file; None of a plain one."""
    with path.open("rb") as source:
        head = source.read(len(_MAGIC) + _ID)
    return head if head.startswith(_MAGIC) else None


def _key_path(path: Path, key_id: str) -> Path:
    return path.with_name(f"{path.name}.{key_id}{_ENDING}")


def _keys_of(path: Path) -> set[Path]:
    return set(path.parent.glob(f"{path.name}.{'[0-9a-f]' * _ID}{_ENDING}"))


def _write_key(ring: KeyRing, place: Path, key: DataKey) -> None:
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as target:
        target.write(ring.seal(f"{key.cipher}:{b64encode(key.key).decode()}", _MAGIC))
    os.replace(draft, place)


def _key_of(ring: KeyRing, path: Path, head: bytes) -> DataKey:
    try:
        token = _key_path(path, head[len(_MAGIC) :].decode("ascii")).read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise CryptoError(f"文件“{path.name}”的密钥已经不在，不能解密：已按规定销毁，或没有随文件一起备份。") from error
    cipher, _, key = ring.open(token, _MAGIC).partition(":")
    return DataKey("", cipher, b64decode(key))


def _blocks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """(block, whether it is the last); an empty content is one empty block."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > _BLOCK:
            yield bytes(held[:_BLOCK]), False
            del held[:_BLOCK]
    yield bytes(held), True


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")  # the key is this file's own and never used for another content


def _place(number: int, last: bool) -> bytes:
    return _MAGIC + number.to_bytes(8, "big") + (b"\1" if last else b"\0")
