"""The instance folder: one township's settings, keys, database, mart, files and own packs."""

import os
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import tomlkit

from zhenwu.lib.crypto import KeyRing

_CODE = Path(__file__).resolve().parents[1]
PRIVATE = 0o077  # umask of every process of an instance: what it writes holds personal data and is its owner's alone
_FOLDERS = ("keys", "mart", "files", "packs", "reports", "imports", "workers")

_API: dict[str, Any] = {  # what [api] in instance.toml may say otherwise
    "requests_per_minute": 600,  # of one token, by each worker process
    "answers_kept_days": 7,  # how long the same Idempotency-Key gets the same answer
    "internal_hosts": [],  # hosts inside of one's own network that notices may be sent to
}


class InstanceProblem(Exception):
    """The instance folder cannot be used. The message says what to do."""


@dataclass(frozen=True)
class Instance:
    folder: Path
    township: str = ""
    secret_key: str = ""
    hosts: list[str] = field(default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"])
    database: dict[str, Any] = field(default_factory=dict)
    https: bool = False
    api: dict[str, Any] = field(default_factory=lambda: dict(_API))
    map: dict[str, str] = field(
        default_factory=dict
    )  # [map] tiles = "https://…/{z}/{x}/{y}.png", credit; none by default
    code_folder: Path = _CODE

    @classmethod
    def from_environment(cls) -> "Instance":
        """The folder named by ZHENWU_INSTANCE, else ./instance. A folder that was not set up gives settings that can
        only run `zhenwu init`."""
        return cls.load(Path(os.environ.get("ZHENWU_INSTANCE", "instance")).resolve())

    @classmethod
    def load(cls, folder: Path) -> "Instance":
        file = folder / "instance.toml"
        said: dict[str, Any] = {}
        if file.is_file():
            try:
                said = tomllib.loads(file.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise InstanceProblem(f"{file} 不是有效的 TOML：{error}。请改正这一行。") from None
        secret = folder / "keys" / "secret_key"
        site = said.get("site", {})
        return cls(
            folder=folder,
            township=site.get("township", ""),
            # a key of the process's own: nothing that it signs outlives it
            secret_key=secret.read_text().strip() if secret.is_file() else secrets.token_urlsafe(48),
            hosts=site.get("hosts", ["localhost", "127.0.0.1", "[::1]"]),
            database=_database(
                os.environ.get("ZHENWU_DATABASE_URL") or said.get("database", {}).get("url", ""), folder
            ),
            https=bool(site.get("https", False)),
            api=_API | said.get("api", {}),
            map=_map(said.get("map", {}), file),
        )

    @property
    def is_set_up(self) -> bool:
        return (self.folder / "instance.toml").is_file()


def create_instance(folder: Path, *, township: str, code: str, database_url: str = "") -> Instance:
    """Make the folder with its keys and settings; an existing one is refused."""
    file = folder / "instance.toml"
    if file.exists():
        raise InstanceProblem(f"{folder} 已经是一个实例。要重新开始，请换一个文件夹。")
    folder.mkdir(parents=True, exist_ok=True)
    for inside in (folder, *(folder / name for name in _FOLDERS)):
        inside.mkdir(exist_ok=True)
        inside.chmod(0o700)
    KeyRing.create(folder / "keys")
    secret = folder / "keys" / "secret_key"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(48))
    file.touch(mode=0o600)  # the database's address may hold a password
    text = tomlkit.document()
    text.add("site", tomlkit.item({"township": township, "code": code, "hosts": ["localhost", "127.0.0.1", "[::1]"]}))
    if database_url:
        text.add("database", tomlkit.item({"url": database_url}))
    file.write_text(tomlkit.dumps(text), encoding="utf-8")
    return Instance.load(folder)


def _map(said: dict[str, Any], file: Path) -> dict[str, str]:
    """The tile server of maps, when one was named. Its address goes into pages and into what browsers may load."""
    tiles = str(said.get("tiles", ""))
    if not tiles:
        return {}
    parts = urlsplit(tiles)
    if (
        parts.scheme not in ("https", "http")
        or not parts.netloc
        or set(" ;,'\"") & set(parts.netloc)
        or "{z}" not in tiles
    ):
        raise InstanceProblem(f"{file} 的 [map] tiles 不是瓦片地址：请写成 https://地图服务器/{{z}}/{{x}}/{{y}}.png。")
    return {"tiles": tiles, "credit": str(said.get("credit", "")), "origin": f"{parts.scheme}://{parts.netloc}"}


def _database(url: str, folder: Path) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "zhenwu.sqlite3"),
            "CONN_MAX_AGE": 60,  # opening one and its PRAGMAs cost as much as a small page
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what was confirmed survives a power cut too (NORMAL may lose the last commits); 6 ms a commit
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise InstanceProblem(f"不认识数据库地址“{parts.scheme}://…”：请写 postgresql://用户:密码@主机:端口/库名。")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }
