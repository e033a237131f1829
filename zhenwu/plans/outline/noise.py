"""Lines and insertions that are no part of a document: page numbers, watermarks, advertisements, editors' notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from zhenwu.plans.outline.folding import fold, squeeze
from zhenwu.plans.outline.traced import Traced

_HOST: Final = r"[A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,40}){0,4}\.(?:com|cn|net|org|top|cc)"
_URL: Final = rf"(?:https?://|www\.)[A-Za-z0-9_./?=&%#~:+-]{{1,300}}|(?<![A-Za-z0-9.-]){_HOST}(?![A-Za-z0-9])(?:/[\w./?=&%#-]{{0,300}})?"
_SITE: Final = (
    rf"{_URL}|(?:文库|范文|文档|资料|课件|公文|写作|秘书)网|[\w一-鿿]{{0,6}}文库|公众号|扫码|扫一扫|二维码|加微信|微信号|[Qq]{{2}}群?号?\s*[:是]?\s*\d|"
    r"(?:免费|点击|立即|文档|本文|全文|会员|付费|打包|限时)下载|下载(?:地址|链接|次数|本文|此文|全文|券|积分|站|币|即可)|VIP|"
    r"小编|网友(?:上传|投稿|分享|提供)|会员.{0,4}(?:上传|分享)|在线阅读|(?:不代表|代表)本站|原创文章|客服老师|精心(?:整理|收集|准备)|供大家(?:参考|阅读|学习)|"
    r"欢迎(?:阅读|参考|查看|借鉴|点击)|仅供预览|范文大全|网站首页|(?:精选|通用|汇总|合集|共)\d+篇|第\d+/\d+页|资源描述|内容提供方|珍藏版|点击此处|请点击|搜索引擎|"
    r"版权(?:所有|归)|未经.{0,6}(?:许可|授权)|如有侵权|转载(?:请|自)|本(?:文|文档|资料|站|范文)(?:来源|来自|由|转自|共|整理|仅)|"
    r"更多.{0,12}(?:范文|资料|文章|精彩|内容|模板|材料)|欢迎(?:关注|下载|订阅|收藏)|仅供(?:内部)?(?:参考|学习|查阅)|广告"
)
_WHOLE_LINE: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "页码",
        re.compile(
            r"第\d+页(?:[/,，]?(?:共|of)?\d*页?)?|共\d+页(?:,?第\d+页)?|第[一二三四五六七八九十]+页(?:,?共[一二三四五六七八九十]+页)?|"
            r"page\d+(?:(?:of|/)\d+)?|p\.?\d+|\d+/\d+|\d+of\d+|[-—–─~·•.=]*\d{1,4}[-—–─~·•.=]*|\(\d{1,4}页\)",
            re.I,
        ),
    ),
    (
        "水印",
        re.compile(
            r"[(【\[《*]*(?:内部(?:资料|文件|材料|使用)|仅供(?:内部)?(?:参考|使用|查阅|学习)|注意保[密存]|妥善保管|请勿(?:外传|复制|转载)|严禁(?:外传|复制)|"
            r"机密|秘密|绝密|草稿|样稿|样本|水印|confidential|draft|sample|watermark)[^。]{0,16}",
            re.I,
        ),
    ),
    ("分隔线", re.compile(r"[-—–─=_*~·•…．.#+<>|\\/☆★◆◇■□●○※\s]{3,}")),
    (
        "编者的话",
        re.compile(
            r"[•·]?[\[(【]?(?:编者按|编者注|编者的话|编者|小编|编辑|责任编辑|责编|校对|审核|审校|作者|撰稿|供稿|来源|文章来源|信息来源|稿源|发布时间|发布日期|发布人|"
            r"更新时间|浏览次数|浏览量|阅读次数|阅读量|阅读|点击数|点击量|访问量|字号|字体|分享到|标签|关键词|分类|上一篇|下一篇|上一页|下一页|相关阅读|相关推荐|相关文章|"
            r"猜你喜欢|热门推荐|推荐阅读|延伸阅读|返回顶部|返回首页|返回目录|打印本页|关闭窗口|当前位置|您的位置|温馨提示|免责声明|声明|索引号|信息索引|发布机构|发文机关|发文日期|成文日期|生成日期|信息分类|主题分类|公开方式|信息名称|有效性)(?:[:\]】|].*|)[\])】]?"
        ),
    ),
    ("网站信息", re.compile(r"(?:您?的?当前位置:?|首页|网站首页).{0,40}[>»›→].{0,80}")),
    (
        "网站信息",
        re.compile(
            r"[•·\[【#]*(?:(?:时间|日期|上传时间|更新|更新时间|发布时间)[:：]?(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}-\d{1,2})?(?:\d{1,2}:\d{2}(?::\d{2})?)?(?:来源.*|作者.*)?|"
            r"(?:作者|栏目|来源|出处|ID|大小|文件大小|页数|格式|文档格式|文件格式|文档编号|编号|上传人|上传者|所需积分|下载积分|积分|评分|等级|字数|语言|类别|人气|热度|收藏|点赞|导读|导语|摘要|前言|推荐文章|"
            r"正文复制|文档介绍|文档分类|文章正文|正文|全文|目录导航|返回列表|网友评论|评论|相关文档|相关资料|相关搜索|资源描述|内容简介|举报|分享|打印|纠错)[:：]?.{0,30}|(?:(?:赞|点赞|踩|收藏|分享|评论|转发|举报|打赏)(?:\(\d*\))?){2,}|约?[\d.]+[千万]?字|约?\d+页|[\d.]+[KMG]B|"
            r".{2,60}\.(?:docx?|pdf|txt|wps|pptx?)(?:VIP|下载)?|.{4,60}_第\d+页|.{4,60}\(第\d+/\d+页\)|\d{4}-\d{2}-\d{2}发布于.{2,4}|篇[一二三四五六七八九十]{1,2}[:：].{2,40})[\])】#]*",
            re.I,
        ),
    ),
    (
        "编者的话",
        re.compile(
            r"[(【\[](?:注[:：]|编者|此处|本文|此文|以上|该文|正文|全文|范文|原文|文中|下同|略|完$|全文完|未完|节选|摘自|根据|供).{0,60}[)】\]]|\(完\)|全文完|—完—|end",
            re.I,
        ),
    ),
)
# Words that no office writes of its own work.
_NEVER_WORK: Final = re.compile(r"小编|网友(?:上传|投稿)|不代表本站|客服老师|仅供预览|由会员|珍藏版|范文大全")
_ADVERT: Final = re.compile(_SITE)
_INSERTED: Final = re.compile(
    rf"[(【\[〔<《*][^()【】\[\]〔〕<>《》*。]{{0,40}}?(?:{_SITE})[^()【】\[\]〔〕<>《》*。]{{0,40}}[)】\]〕>》*]|{_URL}"
)
_INSERTED_PAGE: Final = re.compile(
    r"[\[【(-]\s*第\s*\d+\s*页(?:\s*[/,]?\s*共\s*\d+\s*页)?\s*[\])】-]|第\s*\d+\s*页\s*[/,]?\s*共\s*\d+\s*页"
)


def is_noise(text: str, *, marked: bool, bulleted: bool = False) -> str | None:
    """Why a whole paragraph is noise, or None. A marked item is noise only when it is plainly an advertisement."""
    folded = fold(text).strip()
    squeezed = squeeze(folded)
    if not squeezed:
        return None
    for reason, pattern in _WHOLE_LINE:
        if pattern.fullmatch(squeezed) and (not marked or bulleted or reason in {"页码", "分隔线"}):
            return reason
    hits = list(_ADVERT.finditer(folded))
    rest = squeeze(_ADVERT.sub("", folded))
    if not hits:
        return None
    if _NEVER_WORK.search(folded) and len(squeezed) <= 300 and not marked:
        return "广告"
    # One word of a website in a long sentence is work (开通公众号1个); in a short line, or often, it is advertising.
    sentence = folded.endswith(("。", ";")) and re.search(r"\d", rest) and not re.search(_URL, folded)
    if marked:
        return "广告" if len(hits) > 1 and len(rest) < 30 and re.search(_URL, folded) else None
    plain = re.search(r"下载|更多|欢迎|VIP|版权|转载|侵权|仅供|扫|加微信|" + _URL, folded)
    if (len(squeezed) <= 60 and plain and not sentence) or (len(hits) > 1 and len(rest) < 60 and not sentence):
        return "广告"
    return None


def strip_insertions(words: Traced) -> tuple[Traced, list[Traced]]:
    """The text without advertisements and page numbers set into it, and what was taken out."""
    taken: list[Traced] = []
    for pattern in (_INSERTED, _INSERTED_PAGE):
        spans = [match.span() for match in pattern.finditer(fold(words.text))]
        taken += [words[start:end] for start, end in spans]
        words = words.without(spans) if spans else words
    return words, taken


def running_lines(texts: Iterable[str]) -> set[str]:
    """Short lines that come three times or more, blanks removed: running heads and watermarks without known words."""
    counted = Counter(squeeze(text) for text in texts)
    return {text for text, times in counted.items() if times >= 3 and 0 < len(text) <= 40}
