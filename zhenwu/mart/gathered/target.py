"""Where marts are gathered: a folder, or a path of an object store or of HDFS. Files get new names and are never changed."""

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from zhenwu.mart.errors import EngineMissing

_S3 = ("s3", "s3a", "s3n")


@dataclass(frozen=True)
class Target:
    """`said` is what the operator wrote; `root` its path on `files`; `spark` the same address as Spark writes it."""

    said: str
    files: pafs.FileSystem
    root: str
    spark: str

    @classmethod
    def of(cls, said: str) -> "Target":
        """Raises EngineMissing when the address cannot be used, with what to install or to set."""
        parts = urlsplit(said)
        if parts.scheme in ("", "file"):
            if parts.netloc not in ("", "localhost"):
                raise EngineMissing(f"地址“{said}”写得不对", "本机文件夹请写成 file:///路径，或直接写路径。")
            folder = Path(unquote(parts.path) if parts.scheme else said).resolve()
            return cls(said, pafs.LocalFileSystem(), str(folder), f"file://{folder}")  # Spark takes % as it stands
        s3 = parts.scheme in _S3
        try:
            files, root = pafs.FileSystem.from_uri(parts._replace(scheme="s3").geturl() if s3 else said)
        except (OSError, pa.ArrowException) as problem:
            raise EngineMissing(f"打不开“{said}”", f"{problem}\n{_remedy(parts.scheme)}") from None
        spark = parts._replace(scheme="s3a" if s3 else parts.scheme, query="").geturl()
        return cls(said, files, root.rstrip("/"), spark.rstrip("/"))

    @property
    def folder(self) -> Path | None:
        """The folder on this machine; None elsewhere."""
        return Path(self.root) if isinstance(self.files, pafs.LocalFileSystem) else None

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def spark_path(self, name: str) -> str:
        return f"{self.spark}/{name}"

    def make_folder(self, name: str) -> None:
        self.files.create_dir(self.path(name), recursive=True)

    def is_there(self, name: str) -> bool:
        return bool(self.files.get_file_info(self.path(name)).type == pafs.FileType.File)

    def names(self, under: str) -> list[str]:
        """All files below a folder, as names within the target."""
        found = self.files.get_file_info(pafs.FileSelector(self.path(under), allow_not_found=True, recursive=True))
        cut = len(self.root) + 1
        return [one.path[cut:] for one in found if one.type == pafs.FileType.File]

    def folders(self, under: str) -> list[str]:
        found = self.files.get_file_info(pafs.FileSelector(self.path(under), allow_not_found=True))
        return [one.base_name for one in found if one.type == pafs.FileType.Directory]

    def read_json(self, name: str) -> Any:
        with self.files.open_input_stream(self.path(name)) as file:
            return json.loads(file.read())

    def write_json(self, name: str, value: Any) -> None:
        """The file is there whole or not at all."""
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        with self.writing(name) as path, self.files.open_output_stream(path) as file:
            file.write(data)

    def writing(self, name: str) -> "_Writing":
        """The path to write a new file to; at the end of the block it gets its name."""
        return _Writing(self, name)

    def take_in(self, source: Path, name: str) -> None:
        """A file of this machine that nobody changes: a second name for it where that is possible, else a copy."""
        if self.folder is not None:
            try:
                os.link(source, self.path(name))
                return
            except OSError:  # another disk, or one that knows no links
                pass
        with self.writing(name) as path, open(source, "rb") as file, self.files.open_output_stream(path) as out:
            shutil.copyfileobj(file, out, 1 << 20)

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                self.files.delete_file(self.path(name))
            except FileNotFoundError:  # another process was quicker
                continue

    def remove_folder(self, name: str) -> None:
        try:
            self.files.delete_dir(self.path(name))
        except FileNotFoundError:
            return


class _Writing:
    """A file gets its name when it is whole. An object of a store appears whole anyway, and moving one copies it."""

    def __init__(self, target: Target, name: str) -> None:
        self._target, self._path = target, target.path(name)
        head, _, tail = self._path.rpartition("/")
        moved = target.files.type_name in ("local", "hdfs")
        self._partial = f"{head}/.{tail}.{os.getpid()}" if moved else self._path

    def __enter__(self) -> str:
        return self._partial

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is not None:
            if self._partial != self._path and self._target.files.get_file_info(self._partial).type:
                self._target.files.delete_file(self._partial)
            return
        if self._target.folder is not None:
            with open(self._partial, "rb") as file:
                os.fsync(file.fileno())
        if self._partial != self._path:
            self._target.files.move(self._partial, self._path)


def _remedy(scheme: str) -> str:
    if scheme in _S3:
        return "请核对桶名、网络和密钥（AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY）；自建对象存储另设 AWS_ENDPOINT_URL 和 AWS_REGION。"
    if scheme == "hdfs":
        return "需要 Java 和 Hadoop 客户端：请设好 JAVA_HOME、HADOOP_HOME 和 CLASSPATH（hadoop classpath --glob）。"
    return "可用的地址：本机文件夹、file://、s3a://、hdfs://、gs://。"
