"""Writes official documents (GB/T 9704-2012) as .docx from a flat list of blocks.

The same blocks and meta give the same bytes: ids are counted, times come from the caller.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from pathlib import Path

from zhenwu.lib import docx_template as template
from zhenwu.lib.docx_blocks import Block, Cell, DocMeta, DocumentError, Kind, Run, cell_text, problems_in, runs_of
from zhenwu.lib.docx_table import Layout, lay_out, text_width

__all__ = ["Block", "Cell", "DocMeta", "DocumentError", "Kind", "Run", "official_bytes", "write_official"]

_STYLE_OF: dict[str, str] = {
    "title": "Title", "subtitle": "Subtitle", "salutation": "Salutation", "body": "BodyText",
    "h1": "Heading1", "h2": "Heading2", "h3": "Heading3", "h4": "Heading4",
    "attachment": "Attachment", "signature": "Signature", "date": "Date", "note": "Note", "appendix": "Appendix",
}  # fmt: skip
_FONT_OF = {style.id: template.run_fonts(style.font, style.latin) for style in template.STYLES}

_CHINA = timezone(timedelta(hours=8))
_REFUSED_BY_XML = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_AFTER_TABLE = (
    '<w:p><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:line="20" w:lineRule="exact"/>'
    '<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
)


def write_official(blocks: Sequence[Block], path: Path | str, *, meta: DocMeta) -> None:
    """Write the document to `path`, replacing what is there. Raises DocumentError before anything is written."""
    Path(path).write_bytes(official_bytes(blocks, meta=meta))


def official_bytes(blocks: Sequence[Block], *, meta: DocMeta) -> bytes:
    """The document as the bytes of a .docx file. Characters that XML refuses become U+FFFD (�), seen by all."""
    if problems := problems_in(blocks):
        raise DocumentError(problems)
    created = meta.created if meta.created.tzinfo else meta.created.replace(tzinfo=_CHINA)
    body = _Body(author=_clean(meta.author), written=created)
    document = body.document(blocks)
    core = template.core_xml(
        title=_clean(meta.title),
        author=_clean(meta.author),
        subject=_clean(meta.subject),
        created=created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return _zipped(
        {
            "[Content_Types].xml": template.content_types_xml(),
            "_rels/.rels": template.package_relations_xml(),
            "docProps/core.xml": core,
            "word/document.xml": document,
            "word/_rels/document.xml.rels": template.document_relations_xml(body.urls),
            "word/styles.xml": template.styles_xml(),
            "word/settings.xml": template.settings_xml(),
            "word/fontTable.xml": template.fonts_xml(),
            "word/comments.xml": body.comments(),
            "word/footer1.xml": template.footer_xml(even=False),
            "word/footer2.xml": template.footer_xml(even=True),
        }
    )


class _Body:
    """Turns blocks into XML and counts what needs a number on the way."""

    def __init__(self, *, author: str, written: datetime) -> None:
        self._author = escape(author)
        # Word reads the time of a comment as local, whatever zone is written.
        self._written = written.astimezone(_CHINA).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.urls: dict[str, int] = {}  # each with its number, counted from 1
        self._comments: list[str] = []
        self._bookmarks = 0

    def document(self, blocks: Sequence[Block]) -> str:
        parts: list[str] = []
        for at, block in enumerate(blocks):
            if block.kind != "table":
                parts.append(self._paragraph(block.runs, _style_at(blocks, at), _place_at(blocks, at)))
                continue
            if block.runs:
                parts.append(self._paragraph(block.runs, "Caption"))
            parts.append(self._table(block))
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            # Two tables in a row would grow together, and a document must not end with one.
            if following is None or (following.kind == "table" and not following.runs):
                parts.append(_AFTER_TABLE)
        body = "".join(parts) + template.section_xml()
        return (
            f'{template.HEAD}<w:document xmlns:w="{template.W}" xmlns:r="{template.R}">'
            f"<w:body>{body}</w:body></w:document>"
        )

    def comments(self) -> str:
        return f'{template.HEAD}<w:comments xmlns:w="{template.W}">{"".join(self._comments)}</w:comments>'

    def _paragraph(self, runs: Sequence[Run], style: str, place: str = "", half_points: int | None = None) -> str:
        inner = "".join(self._run(run, style, half_points) for run in runs)
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{place}</w:pPr>{inner}</w:p>'

    def _run(self, run: Run, style: str, half_points: int | None) -> str:
        properties = _FONT_OF[style] + ("<w:b/><w:bCs/>" if run.bold else "")
        if half_points:
            properties += f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
        if run.link:
            properties = f'<w:rStyle w:val="{template.LINK_STYLE}"/>{properties}'
        xml = f"<w:r><w:rPr>{properties}</w:rPr>{_text_xml(run.text)}</w:r>"
        if run.link:
            xml = f"<w:hyperlink {self._target(run.link)}>{xml}</w:hyperlink>"
        if run.comment is not None:
            xml = self._commented(xml, run.comment)
        if run.bookmark:
            self._bookmarks += 1
            xml = (
                f'<w:bookmarkStart w:id="{self._bookmarks}" w:name="{escape(run.bookmark)}"/>{xml}'
                f'<w:bookmarkEnd w:id="{self._bookmarks}"/>'
            )
        return xml

    def _target(self, link: str) -> str:
        if link.startswith("#"):
            return f'w:anchor="{escape(link[1:])}" w:history="1"'
        number = self.urls.setdefault(link, len(self.urls) + 1)
        return f'r:id="rId{number}" w:history="1"'

    def _commented(self, xml: str, comment: str) -> str:
        number = len(self._comments)
        text = self._paragraph([Run(comment)], "CommentText")
        self._comments.append(
            f'<w:comment w:id="{number}" w:author="{self._author}" w:date="{self._written}" '
            f'w:initials="{self._author[:2]}">{text}</w:comment>'
        )
        return (
            f'<w:commentRangeStart w:id="{number}"/>{xml}<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="{number}"/></w:r>'
        )

    def _table(self, block: Block) -> str:
        rows = block.table or ()
        layout = lay_out(
            [[cell_text(cell) for cell in row] for row in rows],
            block.header_rows,
            width=template.TEXT_WIDTH,
            margin=template.CELL_MARGIN,
        )
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in layout.widths)
        body = "".join(self._row(row, layout, is_head=at < block.header_rows) for at, row in enumerate(rows))
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{template.TEXT_WIDTH}" w:type="dxa"/>'
            f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'
        )

    def _row(self, row: Sequence[Cell], layout: Layout, *, is_head: bool) -> str:
        cells = []
        for cell, width, align in zip(row, layout.widths, layout.aligns, strict=True):
            style, place = ("TableHead", "") if is_head else ("TableText", f'<w:jc w:val="{align}"/>')
            cells.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
                f"{self._paragraph(runs_of(cell), style, place, layout.half_points)}</w:tc>"
            )
        head = "<w:tblHeader/>" if is_head else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"


def _style_at(blocks: Sequence[Block], at: int) -> str:
    kind = blocks[at].kind
    return "TableNote" if kind == "note" and _kind(blocks, at - 1) == "table" else _STYLE_OF[kind]


def _place_at(blocks: Sequence[Block], at: int) -> str:
    """What of a paragraph's place depends on its neighbours (children of w:pPr, in the order of the schema)."""
    kind, before, after = blocks[at].kind, _kind(blocks, at - 1), _kind(blocks, at + 1)
    keep = before_lines = after_lines = 0
    indent = ""
    if kind in ("title", "subtitle") and after not in ("title", "subtitle", None):
        after_lines = 1
    if kind == "attachment":
        before_lines = int(before != "attachment")
        hanging = "" if before == "attachment" else f' w:hanging="{3 * template.CHAR}"'
        indent = f'<w:ind w:left="{5 * template.CHAR}"{hanging}/>'
    if kind == "signature" and before != "signature":
        before_lines = 2  # so that a seal centred on the date ends less than a line below the text
    if kind in ("signature", "date"):
        indent = f'<w:ind w:right="{_right_gap(blocks, at)}"/>'
    if after == "signature":
        keep = 1  # a page must not hold nothing but the signature
    spacing = "".join(
        f' w:{side}Lines="{lines * 100}" w:{side}="{lines * template.LINE}"'
        for side, lines in (("before", before_lines), ("after", after_lines))
        if lines
    )
    return ("<w:keepNext/>" if keep else "") + (f"<w:spacing{spacing}/>" if spacing else "") + indent


def _right_gap(blocks: Sequence[Block], at: int) -> int:
    """The date ends four characters from the right edge; the signature is centred over it."""
    date = next((b for b in blocks[at:] if b.kind not in ("signature",)), None)
    gap = 4 * template.CHAR
    if blocks[at].kind == "signature" and date is not None and date.kind == "date":
        gap += (text_width(date.text) - text_width(blocks[at].text)) * template.CHAR // 4
    return max(gap, 0)


def _kind(blocks: Sequence[Block], at: int) -> str | None:
    return blocks[at].kind if 0 <= at < len(blocks) else None


def _clean(text: str) -> str:
    return _REFUSED_BY_XML.sub("\ufffd", text)


def _text_xml(text: str) -> str:
    lines = _BREAK.split(text)
    return "<w:br/>".join("<w:tab/>".join(map(_piece_xml, line.split("\t"))) for line in lines)


def _piece_xml(piece: str) -> str:
    return f'<w:t xml:space="preserve">{escape(_clean(piece))}</w:t>' if piece else ""


def _zipped(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, xml in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, xml.encode())
    return buffer.getvalue()
