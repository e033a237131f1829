"""What an official document is made of, before it becomes a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

Kind = Literal[
    "title", "subtitle", "salutation", "h1", "h2", "h3", "h4", "body",
    "attachment", "signature", "date", "note", "appendix", "table",
]  # fmt: skip

_BOOKMARK = re.compile(r"[^\W\d]\w{0,39}")  # Word's rule
_URL = re.compile(r"(https?://|mailto:)[^\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text set in one way. A newline in the text breaks the line, a tab stays a tab.

    `link` is a URL (http, https, mailto) or "#name" of a bookmark in the same document; it is not shown in colour.
    `bookmark` makes the run a place to link to. `comment` becomes a Word comment on the run.
    """

    text: str
    bold: bool = False
    link: str | None = None
    bookmark: str | None = None
    comment: str | None = None


Cell: TypeAlias = str | Run | Sequence[Run]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a table with its caption in `runs`.

    Numbers of headings (一、（一）1.（1）) are part of the text. `attachment` is a line of the list under the body
    (附件：…), `appendix` the mark that starts the appendix on a new page. A `note` right after a table is set in the
    table's size. `signature` stands centred over the `date` that follows it, as for a sealed document.
    """

    kind: Kind
    runs: Sequence[Run] = ()
    table: Sequence[Sequence[Cell]] | None = None
    header_rows: int = 1

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class DocMeta:
    """What the file says of itself. A `created` without zone is China time."""

    title: str
    author: str
    subject: str
    created: datetime


class DocumentError(ValueError):
    """The blocks cannot become a document; `problems` holds every reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def runs_of(cell: Cell) -> Sequence[Run]:
    if isinstance(cell, str):
        return [Run(cell)]
    return [cell] if isinstance(cell, Run) else cell


def cell_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else "".join(run.text for run in runs_of(cell))


def problems_in(blocks: Sequence[Block]) -> list[str]:
    """Every reason why these blocks cannot become a document, each with its place counted from 1."""
    if not blocks:
        return ["The document has no blocks. Give at least one."]
    runs = [(f"block {n} ({block.kind})", run) for n, block in enumerate(blocks, 1) for run in _runs_in(block)]
    shapes = (
        f"block {n} ({block.kind}): {problem}" for n, block in enumerate(blocks, 1) for problem in _misshapen(block)
    )
    return [*shapes, *_bad_bookmarks(runs), *_bad_links(runs)]


def _runs_in(block: Block) -> Iterator[Run]:
    yield from block.runs
    for row in block.table or ():
        for cell in row:
            yield from runs_of(cell)


def _misshapen(block: Block) -> Iterator[str]:
    if block.kind not in get_args(Kind):
        yield f"no such kind. Use one of {', '.join(get_args(Kind))}."
    if block.kind != "table":
        if block.table is not None:
            yield "has a table. Only a block of kind table may."
        return
    if not block.table or not block.table[0]:
        yield "the table has no cells. Leave the block out when there is nothing to show."
        return
    columns = len(block.table[0])
    for number, row in enumerate(block.table, 1):
        if len(row) != columns:
            yield f"row {number} has {len(row)} cells, row 1 has {columns}. Fill missing cells with empty text."
    if not 0 <= block.header_rows <= len(block.table):
        yield f"header_rows is {block.header_rows}, the table has {len(block.table)} rows."


def _bad_bookmarks(runs: list[tuple[str, Run]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for place, run in runs:
        if run.bookmark is None:
            continue
        if not _BOOKMARK.fullmatch(run.bookmark):
            yield (
                f"{place}: bookmark {run.bookmark!r} is not a name Word takes. "
                "Use letters, digits and _, a letter or _ first, 40 at most."
            )
        folded = run.bookmark.casefold()
        if folded in seen:
            yield f"{place}: bookmark {run.bookmark!r} is already in {seen[folded]}. Names differ in more than case."
        seen.setdefault(folded, place)


def _bad_links(runs: list[tuple[str, Run]]) -> Iterator[str]:
    names = {run.bookmark for _, run in runs if run.bookmark}
    for place, run in runs:
        if run.link is None:
            continue
        if run.link.startswith("#"):
            if run.link[1:] not in names:
                yield f"{place}: link {run.link!r} leads nowhere. Give one run the bookmark {run.link[1:]!r}."
        elif not _URL.fullmatch(run.link):
            yield f"{place}: link {run.link!r} is neither a whole URL (http, https, mailto) nor #bookmark."
