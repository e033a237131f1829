"""Documents written for the tests with what stands in them marked by hand.

A file has a head (`title:`, `years: SUMMARY PLAN`, `format:`, `about:`), a line `---`, and the document as it comes, with marks:

    ⟦P summary|一、2023年工作总结⟧   heading of a part and its kind; empty: a part without heading begins here
    ⟦S|（一）经济运行⟧             heading of a section
    ▸守牢粮食底线                  where the text of a point begins
    {6.84亿元} {下降1.8%=-1.8}      a figure; its value where it cannot be read off, {a|b;c} for several
    {85%以上>} {不足5家<} {30余家~}  its qualifier: min, max, approx
    ⟨第 1 页 共 3 页⟩               noise

What is marked is taken out before the reader sees the text. In a Word document (`format: docx`) a line begins with #c (centred),
#b (bold), #1 #2 (heading styles), #n1 #n2 (automatic numbers), #t (a table row, cells between |).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from zhenwu.lib.numerals import SCALES

FOLDER = Path(__file__).with_name("documents")
_TOKEN = re.compile(r"⟦P (\w+)\||⟦S\||[⟧▸{}⟨⟩]")
_VALUE = re.compile(
    r"(-?\d[\d,]*(?:\.\d+)?)[余多来]?([十百千万亿]*)[余多来]?([^\d\s]*?)(?:以上|以下|以内|左右|及以上|上下)?$"
)
_FULL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_QUALIFIERS = {">": "min", "<": "max", "~": "approx"}
# Units that begin like a number.
_WHOLE_UNITS = ("千升", "千瓦时", "千瓦", "千克", "千米", "千伏安", "千伏", "百分点")


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("&nbsp;", ""))


@dataclass(frozen=True)
class Wanted:
    """A figure that stands in the document."""

    text: str
    value: Decimal
    unit: str
    qualifier: str | None


@dataclass
class Annotated:
    name: str
    head: dict[str, str]
    text: str = ""
    clean: str = ""  # without its noise
    parts: list[tuple[str, str]] = field(default_factory=list)  # (kind, heading)
    sections: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)  # the first twelve characters
    figures: list[Wanted] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)

    @property
    def is_docx(self) -> bool:
        return self.head.get("format") == "docx"

    @property
    def years(self) -> tuple[int | None, int | None]:
        first, second = (None if year == "-" else int(year) for year in self.head["years"].split())
        return first, second


def documents() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def read_annotated(path: Path) -> Annotated:
    head_text, _, body = path.read_text("utf-8").partition("---\n")
    head = dict(re.split(r":\s*", line, maxsplit=1) for line in head_text.splitlines() if line)
    return _Marks(Annotated(path.stem, head), body).read()


class _Marks:
    """Takes the marks out of one document and keeps what they say."""

    def __init__(self, found: Annotated, body: str) -> None:
        self.found, self.body = found, body
        self.clean = ""  # the document without noise, for what points begin with
        self.points_at: list[int] = []
        self.open: list[tuple[str, int]] = []  # (mark, where its content begins in `clean`)
        self.noise_from: int | None = None
        self.said = ("", "")  # of the figure at hand: = or |, and what it says about its value

    def read(self) -> Annotated:
        at = 0
        for token in _TOKEN.finditer(self.body):
            self._take(self.body[at : token.start()], ends_figure=token[0] == "}")
            self._mark(token)
            at = token.end()
        self._take(self.body[at:], ends_figure=False)
        assert not self.open, (self.found.name, self.open)
        self.found.clean = self.clean
        self.found.points = [squeeze(self.clean[place : place + 80])[:12] for place in self.points_at]
        return self.found

    def _take(self, text: str, *, ends_figure: bool) -> None:
        if ends_figure:
            text, mark, said = text.partition("=") if "|" not in text else text.partition("|")
            qualifier = re.search(r"[<>~]*$", text)
            assert qualifier is not None
            self.said = (mark, said) if mark else ("", qualifier[0])
            text = text[: qualifier.start()]
        self.found.text += text
        if self.noise_from is None:
            self.clean += text

    def _mark(self, token: re.Match[str]) -> None:
        mark = token[0]
        if mark == "⟨":
            self.noise_from = len(self.found.text)
        elif mark == "⟩":
            assert self.noise_from is not None, self.found.name
            lines = self.found.text[self.noise_from :].split("\n")
            self.found.noise += [line.strip() for line in lines if line.strip()]
            self.noise_from = None
        elif mark == "▸":
            self.points_at.append(len(self.clean))
        elif mark in "⟧}":
            opened, begin = self.open.pop()
            self._close(opened, self.clean[begin:])
        else:
            self.open.append((mark, len(self.clean)))

    def _close(self, opened: str, content: str) -> None:
        if opened == "{":
            mark, said = self.said
            told = said.split(";") if mark == "|" else [said] if mark else [content + said]
            self.found.figures += [_wanted(one, content) for one in told]
        elif opened == "⟦S|":
            self.found.sections.append(squeeze(content).rstrip("。：:"))
        else:
            kind = re.fullmatch(r"⟦P (\w+)\|", opened)
            assert kind is not None
            self.found.parts.append((kind[1], squeeze(content).rstrip("。：:")))


def _wanted(said: str, printed: str) -> Wanted:
    said = said.strip()
    qualifier = _QUALIFIERS.get(said[-1])
    plain = squeeze(said.rstrip("<>~")).translate(_FULL)
    match = _VALUE.fullmatch(plain)
    assert match is not None, said
    value, scales, unit = Decimal(match[1].replace(",", "")), match[2], match[3]
    whole = next((one for one in _WHOLE_UNITS if (scales + unit).startswith(one)), None)
    if whole:
        scales, unit = "", scales + unit
    if not unit and not scales:  # -1.8: the printed figure tells the unit
        unit = re.sub(r"(?:以上|以下|左右)$", "", re.sub(r".*[\d.]", "", squeeze(printed).translate(_FULL)))
    for scale in scales:
        value *= SCALES[scale]
    return Wanted(squeeze(printed), value, unit, qualifier)
