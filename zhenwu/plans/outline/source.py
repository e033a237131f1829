"""From a file to paragraphs: text in any usual encoding, docx, and doc or wps through LibreOffice."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zhenwu.lib.docx_read import DocxError, read_docx
from zhenwu.plans.outline.errors import OutlineError
from zhenwu.plans.outline.traced import Traced

MAX_CHARACTERS: Final = 400_000
MAX_BYTES: Final = 20 * 1024 * 1024
_OLE: Final = b"\xd0\xcf\x11\xe0"
_TEXT: Final = frozenset({".txt", ".text", ".md"})
_OFFICE: Final = frozenset({".doc", ".wps", ".rtf", ".odt", ".wpt", ".dot"})
_CONVERT_SECONDS: Final = 120
_MARGINS: Final = {"header": "页眉", "footer": "页脚", "footnote": "脚注", "endnote": "尾注"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of a text file or one block of a docx, as read; later on, what became of it.

    `number` counts from 1, empty lines included. `printed_number` is the length of an automatic number put in front of
    `text`. `level` is the outline level of a heading style (0 = title), None for body text. `cells` is set for one row of
    a table; rows of one table share `table`. `margin` marks headers, footers and notes. `blank_before`: a gap above.
    """

    number: int
    words: Traced
    printed_number: int = 0
    level: int | None = None
    cells: tuple[str, ...] | None = None
    table: int | None = None
    margin: str | None = None
    blank_before: bool = False
    bold: bool = False

    @property
    def text(self) -> str:
        return self.words.text


def read_paragraphs(path: Path) -> list[Paragraph]:
    """The paragraphs of a file. Raises OutlineError."""
    if not path.is_file():
        raise OutlineError(f"{path.name}：找不到这个文件。请核对文件名和所在文件夹。")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise OutlineError(f"{path.name}：文件有 {size / 1024 / 1024:.1f} MB，超过 20 MB。请删去图片、附件后再试。")
    if size == 0:
        raise OutlineError(f"{path.name}：文件是空的。请确认文件已保存后再试。")
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(4)
    if suffix == ".docx" and start != _OLE:
        return _from_docx(path, path.name)
    if suffix in _OFFICE or start == _OLE:
        if start[:2] == b"PK" and suffix in {".doc", ".wps"}:
            return _from_docx(path, path.name)  # a docx under an old name
        return _from_office(path)
    if suffix in _TEXT:
        return paragraphs_of(_decode(path.read_bytes(), path.name))
    raise OutlineError(f"{path.name}：不认识“{suffix or '无后缀'}”格式。请另存为 docx 或 txt 后再试。")


def _decode(data: bytes, name: str) -> str:
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise OutlineError(f"{name}：不是文本文件，或文字编码不认识。请用记事本打开，另存为 UTF-8 编码后再试。")


def paragraphs_of(text: str) -> list[Paragraph]:
    """One paragraph per line that is not blank."""
    lines = re.split(r"\r\n|[\r\n\f\v\u2028\u2029\x85]", text.removeprefix("\ufeff"))
    found: list[Paragraph] = []
    blank = True
    for number, line in enumerate(lines, start=1):
        if _has_words(line):
            found.append(Paragraph(number, Traced.whole(line.rstrip(), number), blank_before=blank))
        blank = not _has_words(line)
    return found


def _has_words(line: str) -> bool:
    return bool(re.sub("[\\s\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f]", "", line))


def _from_docx(path: Path, name: str) -> list[Paragraph]:
    try:
        blocks = read_docx(path)
    except DocxError as error:
        raise OutlineError(f"{name}：{error}") from error
    found: list[Paragraph] = []
    blank = True
    for index, block in enumerate(blocks, start=1):
        margin = _MARGINS.get(block.place)
        if not (_has_words(block.text) or block.number):
            blank = True
            continue
        body = block.number + block.text.lstrip() if block.number else block.text
        found.append(
            Paragraph(
                index, Traced.whole(body.rstrip(), index), len(block.number), block.level, block.cells, block.table, margin,
                blank, block.bold,
            )
        )  # fmt: skip
        blank = False
    return found


def _from_office(path: Path) -> list[Paragraph]:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise OutlineError(
            f"{path.name}：读 {path.suffix} 文件需要 LibreOffice，这台机器上没有装。"
            "请用 Word 或 WPS 把文件另存为 docx 后再试，或请管理员安装 LibreOffice。"
        )
    with tempfile.TemporaryDirectory() as folder:
        command = [
            program, "--headless", "--norestore", f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            "--convert-to", "docx", "--outdir", folder, str(path.resolve()),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=_CONVERT_SECONDS, check=True)
        except subprocess.TimeoutExpired as error:
            raise OutlineError(
                f"{path.name}：转换用了 {_CONVERT_SECONDS} 秒还没完成。请另存为 docx 后再试。"
            ) from error
        except subprocess.CalledProcessError as error:
            raise OutlineError(
                f"{path.name}：转换失败，文件可能已损坏或加了密码。请打开后另存为 docx 再试。"
            ) from error
        made = Path(folder, path.stem + ".docx")
        if not made.is_file():
            raise OutlineError(f"{path.name}：转换失败，文件可能已损坏或加了密码。请打开后另存为 docx 再试。")
        return _from_docx(made, path.name)
