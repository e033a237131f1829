"""Lines and insertions that are no part of a document: page numbers, watermarks, advertisements, editors' notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from zhenwu.plans.outline.markers import fold

_HOST: Final = r"[A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,40}){0,4}\.(?:com|cn|net|org|top|cc)"
_URL: Final = rf"(?:https?://|www\.)[A-Za-z0-9_./?=&%#~:+-]{{1,300}}|(?<![A-Za-z0-9.-]){_HOST}(?![A-Za-z0-9])(?:/[\w./?=&%#-]{{0,300}})?"
_SITE: Final = (
    rf"{_URL}|(?:文库|范文|文档|资料|课件|公文|写作|秘书)网|[\w一-鿿]{{0,6}}文库|公众号|扫码|扫一扫|二维码|加微信|微信号|[Qq]{{2}}群?号?\s*[:是]?\s*\d|"
    r"(?:免费|点击|立即|文档|本文|全文|会员|付费|打包|限时)下载|下载(?:地址|链接|次数|本文|此文|全文|券|积分|站|币|即可)|VIP|"
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
            r"[\[(【]?(?:编者按|编者注|编者的话|编者|小编|编辑|责任编辑|责编|校对|审核|审校|作者|撰稿|供稿|来源|文章来源|信息来源|稿源|发布时间|发布日期|发布人|"
            r"更新时间|浏览次数|浏览量|阅读次数|阅读量|阅读|点击数|点击量|访问量|字号|字体|分享到|标签|关键词|分类|上一篇|下一篇|上一页|下一页|相关阅读|相关推荐|相关文章|"
            r"猜你喜欢|热门推荐|推荐阅读|延伸阅读|返回顶部|返回首页|返回目录|打印本页|关闭窗口|当前位置|您的位置|温馨提示|免责声明|声明)(?:[:\]】|].*|)[\])】]?"
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
_ADVERT: Final = re.compile(_SITE)
_INSERTED: Final = re.compile(
    rf"[(【\[〔<《*][^()【】\[\]〔〕<>《》*。]{{0,40}}?(?:{_SITE})[^()【】\[\]〔〕<>《》*。]{{0,40}}[)】\]〕>》*]|{_URL}"
)
_INSERTED_PAGE: Final = re.compile(
    r"[\[【(-]\s*第\s*\d+\s*页(?:\s*[/,]?\s*共\s*\d+\s*页)?\s*[\])】-]|第\s*\d+\s*页\s*[/,]?\s*共\s*\d+\s*页"
)


def is_noise(text: str, *, marked: bool) -> str | None:
    """Why a whole paragraph is noise, or None. A marked item is noise only when it is plainly an advertisement."""
    folded = fold(text).strip()
    squeezed = re.sub(r"\s+", "", folded)
    if not squeezed:
        return None
    for reason, pattern in _WHOLE_LINE:
        if pattern.fullmatch(squeezed) and (not marked or reason in {"页码", "分隔线"}):
            return reason
    hits = list(_ADVERT.finditer(folded))
    rest = re.sub(r"\s+", "", _ADVERT.sub("", folded))
    if not hits:
        return None
    # One word of a website in a long sentence is work (开通公众号1个); in a short line, or often, it is advertising.
    sentence = folded.endswith(("。", ";")) and re.search(r"\d", rest) and not re.search(_URL, folded)
    if marked:
        return "广告" if len(hits) > 1 and len(rest) < 30 and re.search(_URL, folded) else None
    plain = re.search(r"下载|更多|欢迎|VIP|版权|转载|侵权|仅供|扫|加微信|" + _URL, folded)
    if (len(squeezed) <= 60 and plain and not sentence) or (len(hits) > 1 and len(rest) < 60 and not sentence):
        return "广告"
    return None


def strip_insertions(text: str) -> tuple[str, list[str], list[tuple[int, int]]]:
    """The text without advertisements and page numbers set into it, what was taken out, and where the rest came from.

    The last is a list of (place in the new text, place in the old), one for each stretch that stayed whole.
    """
    taken: list[str] = []
    came_from = list(range(len(text)))
    for pattern in (_INSERTED, _INSERTED_PAGE):
        spans = [match.span() for match in pattern.finditer(fold(text))]
        taken += [text[start:end] for start, end in spans]
        kept = [at for low, high in _between(spans, len(text)) for at in range(low, high)]
        text, came_from = "".join(text[at] for at in kept), [came_from[at] for at in kept]
    stretches = [(at, old) for at, old in enumerate(came_from) if at == 0 or came_from[at - 1] != old - 1]
    return text, taken, stretches


def _between(spans: list[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    ends = [0, *(stop for _, stop in spans)]
    return list(zip(ends, [*(start for start, _ in spans), end], strict=True))


def running_lines(texts: Iterable[str]) -> set[str]:
    """Short lines that come three times or more, blanks removed: running heads and watermarks without known words."""
    counted = Counter(re.sub(r"\s+", "", text) for text in texts)
    return {text for text, times in counted.items() if times >= 3 and 0 < len(text) <= 40}
