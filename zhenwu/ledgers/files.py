"""Stored files: taken in by what they contain, kept encrypted under a keyed hash of it, handed out only through a row that a
person may see. A row calls that hash `sha256`, as rows did when it was a plain one."""

import codecs
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.keys import keyring
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.models import StoredFile
from zhenwu.ledgers.queries import shown_fields, shown_lines
from zhenwu.lib.sealedfiles import chunks_of, keyed_digest, seal_file
from zhenwu.lib.sheets import XLSX
from zhenwu.packs.runtime import Ledger

ACCEPT = ".jpg,.jpeg,.png,.pdf,.docx,.xlsx,.csv"
_CSV = "text/csv"
_OFFICE = {"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
           "xl/": XLSX}  # fmt: skip
_IMAGES = ("image/jpeg", "image/png")
_ENDINGS = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",), "application/pdf": (".pdf",),
            _OFFICE["word/"]: (".docx",), _OFFICE["xl/"]: (".xlsx",), _CSV: (".csv",)}  # fmt: skip


class FileRefused(Exception):
    """The file cannot be kept. The message says why and what to do."""


def store(upload: UploadedFile, *, by: User) -> dict[str, Any]:
    """Keep one upload; returns what a row says of it. The same bytes are kept once. Raises FileRefused."""
    name = _clean_name(upload.name or "文件")
    size = upload.size or 0
    if size > settings.MAX_UPLOAD_BYTES:
        limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        raise FileRefused(f"：“{name}”有{size / 1024 / 1024:.0f} MB，最多{limit} MB。请压缩后再上传。")
    if not size:
        raise FileRefused(f"：“{name}”是空文件，请检查后重新选择。")
    mime = _sniff(upload)
    if mime is None:
        raise FileRefused(f"：“{name}”的内容不是照片（jpg、png）、PDF、docx、xlsx 或 csv，不能上传。请另存为这些格式。")
    digest = keyed_digest(keyring(), upload.chunks())
    if not path_of(digest).is_file():
        seal_file(keyring(), upload.chunks(), path_of(digest))
    if not name.lower().endswith(_ENDINGS[mime]):
        name += _ENDINGS[mime][0]
    StoredFile.objects.get_or_create(sha256=digest, defaults={"name": name, "mime": mime, "size": size, "by": by})
    return {"sha256": digest, "name": name, "size": size, "mime": mime}


def kept(stored: Sequence[dict[str, Any]], wanted: Iterable[str], user: User) -> list[dict[str, Any]]:
    """Of the wanted hashes those that the row already holds, or that this person uploaded just now."""
    known = {one["sha256"]: one for one in stored}
    found = []
    for digest in dict.fromkeys(wanted):
        if digest in known:
            found.append(known[digest])
        elif file := StoredFile.objects.filter(sha256=digest, by=user).first():
            found.append({"sha256": file.sha256, "name": file.name, "size": file.size, "mime": file.mime})
    return found


def files_of(ledger: Ledger, scope: Scope, row: Any) -> Iterator[dict[str, Any]]:
    """Every file of the row that the scope shows: its attachments, those of its fields, and of the lines of its child tables."""
    if scope.shows(ledger.attachments.spec.privacy):
        yield from row.files or ()
    for kind in shown_fields(ledger, scope).values():
        if kind.widget == "file":
            yield from kind.from_row(row) or ()
    for code, columns in shown_lines(ledger, scope).items():
        some = [kind for kind in columns.values() if kind.widget == "file"]
        for line in lines_of(ledger, row, code) if some else ():
            for kind in some:
                yield from kind.from_row(line) or ()


def path_of(digest: str) -> Path:
    return Path(settings.INSTANCE) / "files" / digest[:2] / digest


def content_of(digest: str) -> Iterator[bytes]:
    return chunks_of(keyring(), path_of(digest))


def is_image(mime: str) -> bool:
    return mime in _IMAGES


def _sniff(upload: UploadedFile) -> str | None:
    """The type by content; the name and what the browser says are not believed."""
    upload.seek(0)
    head = upload.read(8)
    upload.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office_type(upload)
    return _CSV if (upload.name or "").lower().endswith(".csv") and _is_text(upload) else None


def _is_text(upload: UploadedFile) -> bool:
    """Whether it is plain text of a kind that sheets are saved in, and no page or script."""
    upload.seek(0)
    head = upload.read(64 << 10)
    upload.seek(0)
    if b"\0" in head or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"#!")):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return True


def _office_type(upload: UploadedFile) -> str | None:
    try:
        with zipfile.ZipFile(upload.file or upload) as parts:
            names = parts.namelist()[:2000]
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    finally:
        upload.seek(0)
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((mime for folder, mime in _OFFICE.items() if any(name.startswith(folder) for name in names)), None)


def _clean_name(name: str) -> str:
    """The last part of the name, without what a file system or a header could stumble over."""
    plain = "".join(
        char for char in Path(name.replace("\\", "/")).name if char.isprintable() and char not in '"<>|:*?/'
    )
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:10]}".strip() or "文件"
