"""The fixed parts of an official document: page, fonts, styles, footers (GB/T 9704-2012).

Everything is built here as XML; no template file is kept. python-docx's own template is of no use: its East Asian
theme font is MS Mincho, and every Chinese character would be set in it.

Lengths are twips (1/20 pt). A line holds 28 characters because 28 × (320 − 5) = 8820 fits into 8845; a page holds 22
lines because 22 × 579 = 12738 fits into 12756. With a pitch of 580 LibreOffice sets 21 lines, and a grid of type
`linesAndChars` makes it space the characters wrongly: the grid stays `lines` and the characters are set 5 closer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
TOP, BOTTOM, LEFT, RIGHT = 2098, 1984, 1587, 1474  # 37, 35, 28, 26 mm
TEXT_WIDTH = PAGE_WIDTH - LEFT - RIGHT
LINE = 579
BODY_HALF_POINTS = 32  # 3号
CLOSER = -5
CHAR = BODY_HALF_POINTS * 10 + CLOSER  # what one character takes of a line of body text

SONG, FANGSONG, KAI, HEI, TITLE_SONG = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
TIMES = "Times New Roman"
# Where the font is missing, Word takes the first of these that is there. 华文中宋 ships with Office and is the
# heavy Song that comes nearest to 小标宋.
_STAND_INS = {
    TITLE_SONG: "方正小标宋_GBK,小标宋体,华文中宋,STZhongsong,宋体",
    FANGSONG: "仿宋,FangSong,华文仿宋,STFangsong",
    KAI: "楷体,KaiTi,华文楷体,STKaiti",
    HEI: "SimHei",
    SONG: "SimSun",
}
_FAMILY = {FANGSONG: "modern", KAI: "modern", HEI: "modern"}


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """One paragraph style. `indent` counts characters of the first line; `before` and `after` count grid lines.

    `exact` is a line height in twips; such a paragraph leaves the grid (a 22 pt title in a tall stand-in font would
    otherwise take two grid lines for each of its own).
    """

    id: str
    name: str
    font: str = FANGSONG
    latin: str = TIMES
    half_points: int = BODY_HALF_POINTS
    bold: bool = False
    align: str = "both"
    indent: int = 0
    outline: int | None = None
    keep_next: bool = False
    new_page: bool = False
    before: int = 0
    after: int = 0
    exact: int | None = None
    based_on: str | None = "Normal"


STYLES = (
    ParagraphStyle("Normal", "Normal", based_on=None),
    ParagraphStyle("BodyText", "Body Text", indent=2),
    ParagraphStyle("Title", "Title", TITLE_SONG, TITLE_SONG, 44, align="center", keep_next=True, exact=LINE),
    ParagraphStyle("Subtitle", "Subtitle", KAI, align="center", keep_next=True),
    ParagraphStyle("Salutation", "Salutation", keep_next=True),
    ParagraphStyle("Heading1", "heading 1", HEI, HEI, indent=2, outline=0, keep_next=True),
    ParagraphStyle("Heading2", "heading 2", KAI, indent=2, outline=1, keep_next=True),
    ParagraphStyle("Heading3", "heading 3", bold=True, indent=2, outline=2, keep_next=True),
    ParagraphStyle("Heading4", "heading 4", indent=2, outline=3, keep_next=True),
    ParagraphStyle("Attachment", "附件说明", align="left"),
    ParagraphStyle("Signature", "Signature", align="right", keep_next=True),
    ParagraphStyle("Date", "Date", align="right"),
    ParagraphStyle("Note", "附注", indent=2),
    ParagraphStyle("Appendix", "附件标识", HEI, HEI, align="left", keep_next=True, new_page=True, after=1),
    ParagraphStyle("Caption", "caption", HEI, HEI, align="center", keep_next=True),
    ParagraphStyle("TableText", "表格文字", half_points=24, align="left", exact=340),
    ParagraphStyle("TableHead", "表头", HEI, HEI, 24, align="center", exact=340),
    ParagraphStyle("TableNote", "表注", half_points=24, exact=400),
    ParagraphStyle("Footer", "footer", SONG, SONG, 28, align="left", exact=360),
    ParagraphStyle("CommentText", "annotation text", half_points=21, align="left", exact=300),
)

# A figure that leads to its source must look like the text around it.
LINK_STYLE = "FigureLink"
_CHARACTER_STYLES = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
    f'<w:style w:type="character" w:customStyle="1" w:styleId="{LINK_STYLE}"><w:name w:val="数据溯源"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:color w:val="auto"/><w:u w:val="none"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="CommentReference"><w:name w:val="annotation reference"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr></w:style>'
)
_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
CELL_MARGIN = 80
_TABLE_STYLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:semiHidden/>'
    '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
    f"<w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders><w:tblCellMar>"
    f'<w:top w:w="40" w:type="dxa"/><w:left w:w="{CELL_MARGIN}" w:type="dxa"/>'
    f'<w:bottom w:w="40" w:type="dxa"/><w:right w:w="{CELL_MARGIN}" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
)


def run_fonts(east_asian: str, latin: str) -> str:
    """The hint sets what belongs to both scripts (“ ” — …) in the Chinese font."""
    return f'<w:rFonts w:hint="eastAsia" w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{east_asian}" w:cs="{TIMES}"/>'


def _style_xml(style: ParagraphStyle) -> str:
    on_grid = style.exact is None
    spacing = f' w:line="{style.exact}" w:lineRule="exact"' if style.exact else ' w:line="240" w:lineRule="auto"'
    paragraph = "".join(
        (
            "<w:keepNext/>" if style.keep_next else "",
            "<w:pageBreakBefore/>" if style.new_page else "",
            '<w:widowControl w:val="0"/><w:kinsoku/><w:overflowPunct/>',
            '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:adjustRightInd w:val="0"/>',
            f'<w:snapToGrid w:val="{int(on_grid)}"/>',
            f'<w:spacing w:before="{style.before * LINE}" w:after="{style.after * LINE}"{spacing}/>',
            f'<w:ind w:firstLineChars="{style.indent * 100}" w:firstLine="{style.indent * CHAR}"/>'
            if style.indent
            else "",
            f'<w:jc w:val="{style.align}"/>',
            "" if style.outline is None else f'<w:outlineLvl w:val="{style.outline}"/>',
        )
    )
    bold = int(style.bold)
    closer = CLOSER if style.half_points == BODY_HALF_POINTS else 0
    run = (
        f'{run_fonts(style.font, style.latin)}<w:b w:val="{bold}"/><w:bCs w:val="{bold}"/>'
        f'<w:color w:val="auto"/><w:spacing w:val="{closer}"/>'
        f'<w:sz w:val="{style.half_points}"/><w:szCs w:val="{style.half_points}"/>'
    )
    head = ' w:default="1"' if style.based_on is None else ""
    if not style.name.isascii():
        head += ' w:customStyle="1"'
    based_on = f'<w:basedOn w:val="{style.based_on}"/>' if style.based_on else ""
    follow = '<w:next w:val="BodyText"/>' if style.keep_next else ""
    return (
        f'<w:style w:type="paragraph"{head} w:styleId="{style.id}"><w:name w:val="{style.name}"/>{based_on}{follow}'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def styles_xml() -> str:
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{run_fonts(FANGSONG, TIMES)}"
        f'<w:sz w:val="{BODY_HALF_POINTS}"/><w:szCs w:val="{BODY_HALF_POINTS}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    styles = "".join(map(_style_xml, STYLES)) + _CHARACTER_STYLES + _TABLE_STYLES
    return f'{HEAD}<w:styles xmlns:w="{W}">{defaults}{styles}</w:styles>'


def settings_xml() -> str:
    return (
        f'{HEAD}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:doNotExpandShiftReturn/><w:useFELayout/>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def fonts_xml() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{_FAMILY.get(name, "roman")}"/><w:pitch w:val="variable"/></w:font>'
        for name, others in _STAND_INS.items()
    )
    latin = (
        f'<w:font w:name="{TIMES}"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    )
    return f'{HEAD}<w:fonts xmlns:w="{W}">{fonts}{latin}</w:fonts>'


def footer_xml(*, even: bool) -> str:
    """Page number "— 1 —": odd pages right, even pages left, one character (4号) in from the edge."""
    side = "left" if even else "right"
    fonts = f"<w:rPr>{run_fonts(SONG, SONG)}</w:rPr>"
    return (
        f'{HEAD}<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:{side}Chars="100" w:{side}="280"/>'
        f'<w:jc w:val="{side}"/></w:pPr><w:r>{fonts}<w:t xml:space="preserve">— </w:t></w:r>'
        f'<w:fldSimple w:instr=" PAGE "><w:r>{fonts}<w:t>1</w:t></w:r></w:fldSimple>'
        f'<w:r>{fonts}<w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>'
    )


def section_xml() -> str:
    """The dash of the page number lies 7 mm under the text area, hence 1430 from the edge to the foot of its line."""
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rIdOdd"/><w:footerReference w:type="even" r:id="rIdEven"/>'
        f'<w:pgSz w:w="{PAGE_WIDTH}" w:h="{PAGE_HEIGHT}"/><w:pgMar w:top="{TOP}" w:right="{RIGHT}" '
        f'w:bottom="{BOTTOM}" w:left="{LEFT}" w:header="851" w:footer="1430" w:gutter="0"/>'
        f'<w:cols w:space="425"/><w:docGrid w:type="lines" w:linePitch="{LINE}"/></w:sectPr>'
    )


def core_xml(*, title: str, author: str, subject: str, created: str) -> str:
    """`created` is W3CDTF in UTC, for example 2021-01-05T01:00:00Z."""
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:subject>{escape(subject)}</dc:subject>"
        f"<dc:creator>{escape(author)}</dc:creator><cp:lastModifiedBy>{escape(author)}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{created}</dcterms:modified>'
        "<dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PARTS = (  # relation id, kind of relation, file beside document.xml, content type
    ("rIdStyles", "styles", "styles.xml", "styles"),
    ("rIdSettings", "settings", "settings.xml", "settings"),
    ("rIdFonts", "fontTable", "fontTable.xml", "fontTable"),
    ("rIdComments", "comments", "comments.xml", "comments"),
    ("rIdOdd", "footer", "footer1.xml", "footer"),
    ("rIdEven", "footer", "footer2.xml", "footer"),
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CORE = "application/vnd.openxmlformats-package.core-properties+xml"


def content_types_xml() -> str:
    parts = "".join(
        f'<Override PartName="/word/{file}" ContentType="{_OFFICE}{content}+xml"/>' for _, _, file, content in _PARTS
    )
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}document.main+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{_CORE}"/>{parts}</Types>'
    )


def package_relations_xml() -> str:
    return (
        f'{HEAD}<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/>'
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
        'core-properties" Target="docProps/core.xml"/></Relationships>'
    )


def document_relations_xml(urls: Iterable[str]) -> str:
    """The nth of `urls` has the id rId<n>, counted from 1."""
    parts = "".join(f'<Relationship Id="{id}" Type="{R}/{kind}" Target="{file}"/>' for id, kind, file, _ in _PARTS)
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{R}/hyperlink" Target="{escape(url)}" TargetMode="External"/>'
        for number, url in enumerate(urls, 1)
    )
    return f'{HEAD}<Relationships xmlns="{_RELATIONS}">{parts}{links}</Relationships>'
