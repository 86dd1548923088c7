"""How Chinese addresses are put together: repairs of the spans that the tagger finds.

The tagger knows where a place is; where exactly it begins and ends follows rules that need no learning.
Spans are of normalised text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Span = tuple[int, int]

_NUMBER = r"(?:[0-9a-z]+|[一二三四五六七八九十百]+)"

#: What narrows a place down and directly follows its name: house, building, stair, flat, phase, gate.
_NARROWER = re.compile(
    rf"(?:(?<=号)楼(?![板道盘])|第?{_NUMBER}(?:[-~至、]{_NUMBER})*(?:号楼|号院|号线|号|弄|栋|幢|座|单元|室|层|楼(?!板|道|盘)|期|组|排|队)(?!电梯|直梯)"
    r"|[东南西北][栋座区苑门]|[正后侧大]门|门口|小区|校区|地下车库|地下停车场|停车场|家属[院区楼]|宿舍"
    r"|(?<=[村区])[\u4e00-\u9fff]{1,3}组(?![织合长成建])|公交站|地铁站|(?<=街)道(?!路)|路口|交叉口|十字路口|[老新]?菜市场|工业园|开发区|公园|广场|街道|社区|片区|夜市|商圈|大[堤坝])+"
)

#: A house with its number; the tagger may miss it in so short an answer as “就是三号楼”. After a month it is
#: a date: “3月15号楼上漏水”.
_NUMBERED_HOUSE = re.compile(rf"(?<![月0-9a-z一二三四五六七八九十百]){_NUMBER}号楼(?![板道盘])")

#: An institution whose name begins with the place that the tagger stopped at. Between the two no word that
#: makes a sentence: “A区的小学太少” is about a district.
_INSTITUTION = re.compile(
    r"(?:中(?!小)|[^\W\d的了在和与及被对是有不没到去从让要为后前中将把就都也还很几各个改设建旧]){0,5}?"
    r"(?:幼儿园|小学|初级中学|中学|高中|学校|学院|大学|医院|卫生院|卫生室|敬老院|派出所|菜市场|农贸市场"
    r"|体育馆|图书馆|麻将馆|美食广场|小区|足道|宾馆|大酒店|公寓楼?|安置房|廉租房|渔场|[采釆]石场|加油站|变电站|ktv)"
    r"(?!生)"
)

#: A line of the underground is named with its network.
_LINE = re.compile(r"(?:[铁道通])?[0-9一二三四五六七八九十]+号线")
_NETWORK = re.compile(r"(?:地铁?|轨道?|轨道交通?|城际|城铁)+$")

#: A shop in the house that an address names: “3栋的蓝岛KTV”.
_SHOP = re.compile(
    r"(?<=[栋幢号楼层室元面])(?:下面)?的?[\u4e00-\u9fff]{1,6}?"
    r"(?:ktv|饭店|餐馆|酒店|超市|烧烤店|棋牌室|麻将馆|美食广场|早教|培训)"
)

#: What stands between two places that are one: nothing, “的”, or the other name in brackets.
_JOINTS = ("", "的", "(", ")", "·", "-")

#: Between an area and what the tagger saw of a name: the name's first word (“A市|五矿|万境水岸”).
_FIRST_WORD = re.compile(
    r"[^\W\d_的了在和与及被对是有到去从让要为前将把就都也还很请向我于各几建修能会想年月日人]{1,3}"
)

#: “A路与B路交叉口”, “A站至B站”: two names, one place.
_BETWEEN = re.compile(r"[与和跟及]|至|到|左转至|右转至|往")
_CROSSING = re.compile(
    r"(?:的?(?:交叉|交汇|交界|相交)[处口]?(?:路口)?|的?(?:十字|三叉|丁字)?路口|之间|段)"
)

_ROUTE = re.compile(r"的?.{0,3}(?:公交|路段|道路|班车|线路|高速)")

#: Two roads of which the tagger or a widening gave the crossing to the second.
_ROAD_END = re.compile(r"[路街道巷弄]$")
_CROSSING_END = re.compile(r"(?:交叉口|路口)$")

#: “A中学和B中学”: two places.
_AND = re.compile(r"(?<=[路街道巷区村园院学馆场站店厂中])[和与及](?=[\u4e00-\u9fff]{3})")
_CROSSING_WORD = re.compile(r"交叉|交汇|交界|相交|路口|红绿灯|之间|以[东南西北]")

#: Words that the tagger sometimes takes along at either end.
_LEADING = frozenset("在于经从由到跟和与及且而即的沿往向对给被把将我来去住是有站至之但还原") | {
    *("途经", "途径", "经过", "前往", "来到", "位于", "坐落", "居住", "家住", "世居", "所属"),
    *("我们", "本人", "现在", "由于", "关于", "为此", "难道", "拆除", "要求"),
    *("投诉", "举报", "反映", "咨询", "建议", "请问", "恳请"),
}
_TRAILING = re.compile(
    r"(?:附近|周边|周围|旁边?|一带|楼[盘板顶道]|户型|路段|老旧小区|公交线路|项目|[内里上下]|以及|及|等|和|与|的|处|这里|那里|[,，。.、:])+$"
)

#: The last character begins the next word: “翠湖公园南门|路灯”, “魅力之城|楼板”.
_FOREIGN_END = re.compile(r"[门口侧边旁园区苑城村站](?:路[灯面]|楼[板道盘群])$")

#: An area without anything in it: a province, city, district or county, alone or in a row.
_AREA = re.compile(
    r"(?:(?:[a-z][0-9]*|[\u4e00-\u9fff]{2,4}?)(?:省|市|区|县|自治[州区县]|州|盟|旗))+"
)

#: A city that is asked for something is no place (“请A市…”, “恳请云州市政府”).
_ADDRESSED_BEFORE = re.compile(r"(?:请|恳请|敬请|希望|盼|尊敬的|督促|感谢|呼吁|求)(?:我们)?$")
_ADDRESSED_AFTER = re.compile(
    r"(?:人民)?(?:政府|领导|书记|市长|县长|区长|有关部门|相关部门|各部门|12345)"
)

#: The number of a point in a list is no house number.
_ITEM = re.compile(r"[0-9一二三四五六七八九十]{1,2}[、.](?![0-9])")

_HAN = re.compile(r"[\u4e00-\u9fff]")

#: No places, whatever the tagger says: a trading platform, the nation, a grade of sights, what has no name
#: (a city has one main station, but many libraries).
_NO_PLACE = re.compile(
    r".*(?:天猫|淘宝|京东|拼多多|抖音|闲鱼|美团|微信|支付宝).*|中华人民共和国.*|[345]a级?景区"
    r"|(?:本|该|我们?|老旧|安置房?)(?:小区|社区|村)|小区|社区|街道|公园|广场|学校|[小中]学|幼儿园"
    r"|(?:图书|博物|文化|体育)馆|体育场|(?:卫生|养老|敬老)院|派出所|超市|停车场|公交站|地铁站|垃圾站|(?:客运|农贸)市场"
)

#: A firm named after its city is no place (“A市金沙装饰公司”). No word of a place stands in its name:
#: “A市人民路物业公司” is about a road.
_FIRM = re.compile(
    _AREA.pattern
    + r"[^\W\d路街道镇乡村社区苑园城府庭里楼栋号的了在和与被对是有从让要为前将把就都也还很]{1,12}?"
    r"(?:有限)?(?:责任)?(?:公司|银行|支行|集团|旗舰店|专卖店|传媒|app)"
)


def repair(text: str, spans: Sequence[Span], words: Sequence[tuple[str, int, int]]) -> list[Span]:
    """Trim, widen and join spans; drop cities that are only addressed. Spans come back in order."""
    leading = {start: end for word, start, end in words if word in _LEADING}
    borders = {start for _, start, _ in words}
    trimmed = [_trim(text, part, leading, borders) for span in spans for part in _split(text, span)]
    widened = [
        _widen(text, (start, end))
        for start, end in trimmed
        if end - start > 1 and _HAN.search(text, start, end)
    ]
    joined = _join(text, widened)
    return [
        (start, end)
        for start, end in joined
        if not _NO_PLACE.fullmatch(text, start, end)
        and not _is_addressed(text, (start, end))
        and not _is_firm(text, (start, end))
    ]


def with_known_names(
    tagged: Sequence[Span], known: Sequence[Span], words: Sequence[tuple[str, int, int]]
) -> list[Span]:
    """What the tagger found, widened to the city's own names that it cut, and those names that it missed,
    where these are whole words."""
    borders = {start for _, start, _ in words} | {end for _, _, end in words}
    spans = list(tagged)
    for start, end in known:
        touched = [span for span in spans if span[0] < end and start < span[1]]
        if touched:
            spans = [span for span in spans if span not in touched]
            spans.append((min(start, touched[0][0]), max(end, touched[-1][1])))
        elif {start, end} <= borders:
            spans.append((start, end))
        spans.sort()
    return spans


def numbered_houses(text: str) -> list[Span]:
    """Houses named by their number (“2号楼”), which are a place whatever stands around them."""
    return [match.span() for match in _NUMBERED_HOUSE.finditer(text)]


def with_missed(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What was found, and of the others those that touch none of it."""
    missed = [
        (start, end) for start, end in others if not any(s < end and start < e for s, e in spans)
    ]
    return sorted([*spans, *missed])


def _split(text: str, span: Span) -> list[Span]:
    """The parts of an enumeration (“观沙岭、锦泰广场”), each a place of its own."""
    start, end = span
    cuts = [i for i in range(start + 2, end - 2) if text[i] in "、。;"]
    if not cuts and not _CROSSING_WORD.search(text, start, end + 4):
        cuts = [m.start() for m in _AND.finditer(text, start, end)]
    starts, ends = [start, *(cut + 1 for cut in cuts)], [*cuts, end]
    return list(zip(starts, ends, strict=True))


def _trim(text: str, span: Span, leading: Mapping[int, int], borders: set[int]) -> Span:
    start, end = span
    item = _ITEM.match(text, start, end)
    if item:
        start = item.end()
    while start < end - 2 and (start in leading or not text[start].isalnum()):
        start = leading.get(start, start + 1)
    if _FOREIGN_END.search(text[max(start, end - 2) : end + 1]):
        end -= 1
    tail = _TRAILING.search(text, start, end)
    if (
        tail
        and tail.start() - start >= 2
        and (tail.start() in borders or text[tail.start() - 1] in "区园楼站场校院馆厦村")
    ):  # 幸福里 ends in 里
        end = tail.start()
    return start, end


def _widen(text: str, span: Span) -> Span:
    start, end = span
    network = _NETWORK.search(text[:start]) if _LINE.match(text, start) else None
    if network:
        start = network.start()
    while text[end - 1 : end + 1].isdigit() and end < len(text):
        end += 1
    for pattern in (_NARROWER, _INSTITUTION, _NARROWER, _SHOP):
        more = pattern.match(text, end)
        if more:
            end = more.end()
    opened = text.count("(", start, end) - text.count(")", start, end)
    if opened > 0 and 0 <= text.find(")", end) < end + 8:
        end = text.index(")", end) + 1
    return start, end


def _join(text: str, spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined:
            first, last = joined[-1]
            gap = text[last:start]
            areas = gap == "的" and is_area(text[first:last]) and is_area(text[start:end])
            named = _FIRST_WORD.fullmatch(gap) and is_area(text[first:last])
            if start <= last or named or (gap in _JOINTS and not areas):
                joined[-1] = _widen(text, (first, max(end, last)))
                continue
            crossing = _CROSSING.match(text, end)
            taken = _ROAD_END.search(text[first:last]) and _CROSSING_END.search(text[start:end])
            stretch = gap in {"至", "左转至", "右转至"} or (gap == "到" and _ROUTE.match(text, end))
            if _BETWEEN.fullmatch(gap) and (crossing or taken or stretch):
                joined[-1] = (first, crossing.end() if crossing else end)
                continue
        joined.append((start, end))
    return joined


def is_area(text: str) -> bool:
    """Whether a place names no more than a province, city, district or county."""
    return _AREA.fullmatch(text) is not None


def _is_addressed(text: str, span: Span) -> bool:
    start, end = span
    if not is_area(text[start:end]):
        return False
    asked = _ADDRESSED_BEFORE.search(text, max(0, start - 6), start) is not None
    return asked or _ADDRESSED_AFTER.match(text, end) is not None


def _is_firm(text: str, span: Span) -> bool:
    start, end = span
    firm = _FIRM.match(text, start)
    return firm is not None and firm.end() >= end


def choose(text: str, spans: Sequence[Span]) -> list[Span]:
    """The places of the matter among all places named, the most specific mention of each.

    The matter is where the first place is that says more than a city or district; people come back to it,
    and name others on the way (where they live, who else was asked). Places listed in one breath with
    the first (“、”, “和”) are part of it. A bare area counts only when nothing else is named.
    """
    specific = [span for span in spans if not is_area(text[slice(*span)])]
    if not specific:
        return list(spans[:1])
    chosen = [_fullest(text, specific[0], specific)]
    for span in specific:
        gap = text[chosen[-1][1] : span[0]]
        listed = span[0] >= chosen[-1][1] and gap in {"、", "和", "及", "与", "以及", ","}
        if listed and text[slice(*span)] not in {text[slice(*one)] for one in chosen}:
            chosen.append(span)
    return chosen


def _fullest(text: str, span: Span, spans: Sequence[Span]) -> Span:
    """The longest mention that contains the words of `span`: later ones are sometimes complete."""
    name = text[slice(*span)]
    mentions = [other for other in spans if name in text[slice(*other)]]
    return max(mentions, key=lambda other: (other[1] - other[0], -other[0]))
