"""Keys of personal data: one ring per instance, in a folder that only the service's account may read.

Three kinds of key live apart: data keys encrypt (several, the newest is used), the index key makes equal values findable
without showing them and is never rotated, the chain key digests personal values inside the history.
"""

import fcntl
import os
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CipherName = Literal["aes256", "sm4"]
Digester = Callable[[str], str]

_DATA: Final = "data.keys"
_INDEX: Final = "index.key"
_CHAIN: Final = "chain.key"
_LOCK: Final = ".in-use"
_KEY_BYTES: Final[dict[str, int]] = {"aes256": 32, "sm4": 16}
_PREFIX: Final = "z1"
_NONCE: Final = 12
_TAG: Final = 16


class CryptoError(Exception):
    """Keys or a sealed value cannot be used; the message says what to do."""


@dataclass(frozen=True)
class DataKey:
    """One key and what it encrypts with; `id` is "" for a file's own key."""

    id: str
    cipher: str
    key: bytes

    @cached_property
    def _aes(self) -> AESGCM:
        return AESGCM(self.key)

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        if self.cipher == "aes256":
            return self._aes.encrypt(nonce, data, aad)
        encryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        if self.cipher == "aes256":
            return self._aes.decrypt(nonce, data, aad)
        decryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce, data[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(data[:-_TAG]) + decryptor.finalize()

    def line(self) -> str:
        return f"{self.id} {self.cipher} {b64encode(self.key).decode()}"


class KeyRing:
    """Seals, opens and indexes. Never prints its keys."""

    def __init__(self, folder: Path, data: list[DataKey], index: bytes, chain: bytes) -> None:
        """Use `create` or `load`."""
        self.folder = folder
        self._data = data
        self._read_at = _mark(folder / _DATA)
        self._index = index
        self._chain = chain

    def __repr__(self) -> str:
        return f"KeyRing({str(self.folder)!r}, data keys: {', '.join(key.id for key in self._data)})"

    @classmethod
    def create(cls, folder: Path | str, *, cipher: CipherName = "aes256") -> "KeyRing":
        """Make a new ring. Refuses a folder that already holds keys: overwriting them would lose every sealed value."""
        folder = Path(folder)
        if present := [name for name in (_DATA, _INDEX, _CHAIN) if (folder / name).exists()]:
            raise CryptoError(
                f"{folder} 里已有密钥文件（{'、'.join(present)}），不能重新生成，否则已加密的数据将无法读取。"
                "要更换数据密钥，请用密钥轮换。"
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = cls(folder, [_new_key(cipher, taken=set())], secrets.token_bytes(32), secrets.token_bytes(32))
        _write_private(folder / _INDEX, b64encode(ring._index).decode() + "\n")
        _write_private(folder / _CHAIN, b64encode(ring._chain).decode() + "\n")
        ring._save_data_keys()
        return ring

    @classmethod
    def load(cls, folder: Path | str) -> "KeyRing":
        """Read a ring. Refuses missing, damaged or exposed files (any right for group or others)."""
        folder = Path(folder)
        data = [_parse_key(folder / _DATA, line) for line in _read_private(folder / _DATA).splitlines() if line.strip()]
        if not data:
            raise CryptoError(f"{folder / _DATA} 里没有密钥。请从备份恢复这个文件。")
        return cls(folder, data, _single_key(folder / _INDEX), _single_key(folder / _CHAIN))

    def seal(self, text: str, aad: bytes) -> str:
        """Encrypt under the newest data key. `aad` binds the token to its place (table, row, field)."""
        key = self._data[-1]
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + key.encrypt(nonce, text.encode(), _bound(key, aad))
        return f"{_PREFIX}.{key.id}.{urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, token: str, aad: bytes) -> str:
        """Decrypt. Raises CryptoError when the token was altered, moved to another place, or its key is not here."""
        key, body = self._split(token)
        try:
            return key.decrypt(body[:_NONCE], body[_NONCE:], _bound(key, aad)).decode()
        except InvalidTag as error:
            raise CryptoError(
                "加密内容与所在位置不符或已被改动，不能解密。请核查该行的修改历史，必要时从备份恢复。"
            ) from error

    def needs_resealing(self, token: str) -> bool:
        """Whether the token is under an older data key than the one now in use."""
        return self._split(token)[0] is not self._data[-1]

    def resealed(self, token: str, aads: Iterable[bytes]) -> str:
        """The same under the newest key; of `aads` the one that binds it. Raises CryptoError when none does."""
        problem: CryptoError | None = None
        for aad in aads:
            try:
                return self.seal(self.open(token, aad), aad)
            except CryptoError as error:
                problem = error
        raise problem or CryptoError("没有说明加密内容的用途，不能换密钥。")

    @property
    def newest(self) -> str:
        """What every token under the newest key begins with."""
        return f"{_PREFIX}.{self._data[-1].id}."

    @property
    def key_ids(self) -> list[str]:
        """The data keys, the oldest first; the last one seals."""
        return [key.id for key in self._data]

    def rotate(self, *, cipher: CipherName | None = None) -> str:
        """Add a data key and use it from now on; old ones still open. Returns the new key's id."""
        self.refresh()
        chosen = cipher or self._data[-1].cipher
        key = _new_key(chosen, taken={known.id for known in self._data})
        self._data = [*self._data, key]
        self._save_data_keys()
        return key.id

    def refresh(self) -> None:
        """Take over what another process did to the data keys since: a new one, or older ones destroyed."""
        if (mark := _mark(self.folder / _DATA)) != self._read_at:
            self._data, self._read_at = KeyRing.load(self.folder)._data, mark

    @contextmanager
    def in_use(self, *, alone: bool = False) -> Iterator[None]:
        """While something outside of the database is sealed no key is destroyed; `alone` is who destroys."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.folder / _LOCK, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            if not alone:
                self.refresh()
            yield

    def destroy_older(self) -> list[str]:
        """Forget every data key but the newest; returns their ids. What is still under one of them is lost for good, and
        whoever calls has made sure that nothing is. The file that held them is overwritten before it is let go."""
        gone = self.key_ids[:-1]
        if not gone:
            return []
        self._data = self._data[-1:]
        with open(self.folder / _DATA, "r+b") as old:
            size = old.seek(0, os.SEEK_END)
            self._save_data_keys()
            old.seek(0)
            old.write(b"\0" * size)
            old.flush()
            os.fsync(old.fileno())
        return gone

    def new_file_key(self) -> DataKey:
        """A key for one file, of the cipher that is in use."""
        return _new_key(self._data[-1].cipher, taken=set())

    @staticmethod
    def is_token(said: object) -> bool:
        return isinstance(said, str) and said.startswith(f"{_PREFIX}.")

    def index(self, value: str, purpose: str) -> str:
        """Keyed digest for joins and uniqueness: equal values of one purpose give equal 64 hex digits."""
        return _digester(self._index, purpose)(value)

    def index_last4(self, value: str) -> str:
        """Keyed digest of the last four characters, so that a desk can search by them."""
        return _digester(self._index, "last4")(value[-4:])

    def chain_digester(self, purpose: str) -> Digester:
        """What makes the digest of each link of a chain: keyed, so that who can write the database cannot forge one."""
        return _digester(self._chain, purpose)

    def _split(self, token: str) -> tuple[DataKey, bytes]:
        prefix, _, rest = token.partition(".")
        key_id, _, body = rest.partition(".")
        if prefix != _PREFIX or not body:
            raise CryptoError("这不是本系统加密的内容，不能解密。请核查数据来源。")
        key = self._key(key_id)
        if key is None:
            raise CryptoError(f"加密时用的密钥 {key_id} 不在 {self.folder / _DATA} 中。请从备份恢复密钥文件。")
        try:
            raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        except Base64Error as error:
            raise CryptoError("加密内容已残缺，不能解密。请从备份恢复该行。") from error
        if len(raw) < _NONCE + _TAG:
            raise CryptoError("加密内容已残缺，不能解密。请从备份恢复该行。")
        return key, raw

    def _key(self, key_id: str) -> DataKey | None:
        """The key of this id; looked for in the file again when another process may have added it since."""
        for again in (False, True):
            if again:
                self.refresh()
            if found := next((key for key in self._data if key.id == key_id), None):
                return found
        return None

    def _save_data_keys(self) -> None:
        _write_private(self.folder / _DATA, "".join(key.line() + "\n" for key in self._data))
        self._read_at = _mark(self.folder / _DATA)


@cache
def _digester(key: bytes, purpose: str) -> Digester:
    """HMAC-SHA-256 (RFC 2104) of purpose and text. Key and purpose are taken in once: half the work of a short text."""
    named = purpose.encode()
    block = key.ljust(sha256().block_size, b"\0")
    inner, outer = sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))
    inner.update(len(named).to_bytes(2, "big") + named)  # the length keeps ("a", "bc") and ("ab", "c") apart
    begin, end = inner.copy, outer.copy

    def digest(text: str) -> str:
        said = begin()
        said.update(text.encode())
        bound = end()
        bound.update(said.digest())
        return bound.hexdigest()

    return digest


def _bound(key: DataKey, aad: bytes) -> bytes:
    return f"{_PREFIX}.{key.id}.".encode() + aad


def _new_key(cipher: str, *, taken: set[str]) -> DataKey:
    while (key_id := secrets.token_hex(4)) in taken:
        pass
    return DataKey(key_id, cipher, secrets.token_bytes(_KEY_BYTES[cipher]))


def _mark(path: Path) -> tuple[int, int, int]:
    """Differs once the file was written anew."""
    try:
        said = path.stat()
    except FileNotFoundError:
        return 0, 0, 0
    return said.st_mtime_ns, said.st_ino, said.st_size


def _parse_key(path: Path, line: str) -> DataKey:
    parts = line.split()
    if len(parts) != 3 or parts[1] not in _KEY_BYTES:
        raise CryptoError(f"{path} 有一行不是密钥（应为：编号 算法 密钥）。请从备份恢复这个文件。")
    return DataKey(parts[0], parts[1], _decoded(path, parts[2], _KEY_BYTES[parts[1]]))


def _single_key(path: Path) -> bytes:
    return _decoded(path, _read_private(path).strip(), 32)


def _decoded(path: Path, text: str, length: int) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except Base64Error:
        key = b""
    if len(key) != length:
        raise CryptoError(f"{path} 中的密钥残缺。请从备份恢复这个文件。")
    return key


def _read_private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise CryptoError(f"找不到密钥文件 {path}。首次安装请先生成密钥；否则请从备份恢复，不要重新生成。") from error
    if mode & 0o077:
        raise CryptoError(f"密钥文件 {path} 的权限是 {mode & 0o777:o}，其他账号也能读取。请执行 chmod 600 {path}。")
    return path.read_text(encoding="ascii")


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all: a half-written key file would lose data."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, text.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
