"""How likely two matters are one: points for what they say, where, about what and when, with reasons.

Place, topic and time together never reach the threshold: two matters at one place are one only when
they also say the same. And what is said of two different places is two matters, word for word or not.
The points were chosen by reason and held against pairs that people judged, see docs/duplicates.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt

from desk.city import City
from desk.tickets.duplicates.whereabouts import (
    Mention,
    Whereabouts,
    metres,
    read_places,
    whole_name,
)

# From here on two matters are taken for one.
THRESHOLD = 36
# Less in common than this is chance, whatever else agrees.
LEAST_WORDS = 18
# Without a place in common two matters are one only when they say nearly the same, at the length of a
# sentence: so many points for words, and so many pairs of characters shared.
ALONE, SENTENCE = 45, 10
SAME_PLACE, NEARBY = 15, 7
SAME_TOPIC = 8
SAME_DAYS = 4
LONG_AGO = -4
# Two reports of one thing are rarely further apart: positions of telephones are not exact, and a
# resident who reports a manhole stands beside it. FixMyStreet suggests within 50 m, but of the same
# category only.
WITHIN, BEYOND = 100.0, 500.0
# Numbers on one side of a road differ by two; this is a few houses.
SAME_STRETCH = 10
FEW_DAYS, MANY_DAYS = timedelta(days=7), timedelta(days=90)
# People begin with what it is about: so many characters are compared on their own as well.
OPENING = 30
# And with where it is: further down other places are mentioned.
LOOKED_THROUGH = 150
# At most so many words in common are told as a reason.
TOLD = 3

# Politeness, the form of a letter and how bad it is: what all matters have in common.
_FORM = re.compile(
    r"尊敬的|敬爱的|各位|领导|书记|市长|区长|县长|局长|主任|您好|你好|大家好|请问一下|请问|想问|问一下|咨询|"
    r"反映|反应|投诉|举报|报修|建议|希望|请求|恳请|恳求|恳望|盼望|期盼|强烈|坚决|有关|相关|职能|部门|单位|"
    r"政府|市委|市政府|区政府|县政府|政策|行动|尽快|及时|早日|加快|力度|解决|处理|处置|整改|落实|回复|答复|"
    r"关注|重视|督促|协调|安排|问题|情况|现象|事情|事件|谢谢|感谢|辛苦|麻烦|劳烦|一直|已经|至今|目前|现在|"
    r"最近|近期|多次|反复|长期|常年|每天|每晚|整天|天天|昨天|今天|昨晚|今晚|早上|晚上|凌晨|白天|夜里|半夜|"
    r"没有|没人|无人|我们|我家|我是|本人|你们|他们|这个|那个|这种|这里|那里|一个|一下|一些|什么|时候|何时|"
    r"怎么办|怎么|怎样|如何|为何|为什么|哪里|能否|能不能|是否|是不是|可以|不能|应该|需要|因为|所以|但是|而且|"
    r"如果|还有|非常|特别|十分|很多|大量|严重|影响|导致|造成|扰民|生活|正常|休息|老百姓|百姓|群众|居民|业主|"
    r"住户|市民|村民|小区|附近|周边|旁边|门口|楼下|楼上|路口|路边|国家|社会|法律|法规|规定|管理|监管|"
    r"前面|后面|对面|里面|外面|上面|下面|地方|\d+(?:号楼?|栋|幢|座|期|单元|室|楼|层)|"
    r"[一二三四五六七八九十两几半多\d]+(?:天|个?月|年|点|次|个小时|小时|分钟|周|个星期|星期)|"
    r"刻不容缓|大背景下?|背景下|大力|倡导|具体|不知|中心|基础设施|地处|不作为|重视|"
    # Districts as published letters name them: A市A3区.
    r"西地省|[a-z]\d{0,2}(?:县市|[市区县])|"
    r"坏了|坏掉|坏的|修一下|来修|维修|修好|https?\S+|[的了吗呢啊呀吧嘛着过们]"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A matter as it is compared. `words`: pairs of characters of what is said, each once and in
    order, without places and politeness, `opening` those it begins with; `topic`: a code of the
    catalogue, or empty."""

    words: tuple[str, ...]
    opening: tuple[str, ...]
    where: Whereabouts
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Likeness:
    """The points of two matters by part, and why, in the staff's language."""

    words: int
    place: int
    topic: int
    time: int
    apart: bool
    reasons: tuple[str, ...]

    @property
    def points(self) -> int:
        """0 to about 135; none when something sets the two apart."""
        return 0 if self.apart else max(0, self.words + self.place + self.topic + self.time)

    @property
    def same(self) -> bool:
        """Whether the two are taken for one matter."""
        return self.points >= THRESHOLD


def told(
    city: City,
    *,
    description: str,
    place: str | None,
    topic: str,
    at: datetime,
    point: tuple[float, float] | None = None,
) -> Told:
    """A matter, made ready to be compared. `point`: WGS-84 degrees. Places are looked for in `place`
    and in what the description begins with."""
    where, _ = read_places(city, f"{place or ''} {description[:LOOKED_THROUGH]}")
    _, said = read_places(city, description)
    _, opening = read_places(city, description[:OPENING])
    return Told(words_of(said), words_of(opening), replace(where, point=point), topic, at)


def compare(city: City, one: Told, other: Told) -> Likeness:
    """How like two matters are. The same whichever comes first. The points for words are the mean of
    how like the texts are and how like they begin, in hundredths."""
    where = _places(one.where, other.where)
    mine, theirs = _without(one, where.name), _without(other, where.name)
    words = round(50 * sum(_cosine(*both) for both in zip(mine, theirs, strict=True)))
    shared = mine[0] & theirs[0]
    apart, reasons = where.apart, [where.reason] if where.reason else []
    if words < LEAST_WORDS:
        apart = True
        reasons.append("说的不是同一个问题")
    elif not where.points and (words < ALONE or len(shared) < SENTENCE):
        apart = True
        reasons.append("没有相同的地点")
    elif shared:
        reasons.append(f"都提到{'、'.join(f'“{run}”' for run in _runs(one.words, shared)[:TOLD])}")
    topic = SAME_TOPIC if one.topic[:4] and one.topic[:4] == other.topic[:4] else 0
    if topic:
        reasons.append(f"同属“{city.topic_name(one.topic[:4])}”")
    between = abs(one.at - other.at)
    time = SAME_DAYS if between <= FEW_DAYS else LONG_AGO if between > MANY_DAYS else 0
    reasons.append(f"相隔{between.days}天" if between.days else "同一天")
    return Likeness(words, where.points, topic, time, apart, tuple(reasons))


def words_of(text: str) -> tuple[str, ...]:
    """The pairs of characters of a text, without politeness and how bad it is."""
    runs = re.split(r"\W+", _FORM.sub(" ", text.lower()))
    return tuple(dict.fromkeys(pair for run in runs for pair in _pairs(run)))


def _pairs(run: str) -> Iterator[str]:
    pairs = (run[at : at + 2] for at in range(len(run) - 1))
    return (pair for pair in pairs if not (pair[0].isdigit() or pair[1].isdigit()))


def _without(told: Told, place: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a matter and those it begins with, without the name of the place: where two
    matters share one, it is not counted again."""
    named = frozenset(_pairs(place))
    return frozenset(told.words) - named, frozenset(told.opening) - named


def _runs(words: tuple[str, ...], shared: frozenset[str]) -> list[str]:
    """The shared pairs as they stand together in the text, the longest first: 搅拌, 拌站 are 搅拌站."""
    runs: list[str] = []
    before = ""
    for pair in words:
        if pair not in shared:
            pair = ""  # noqa: PLW2901 - parts what stands before and after it
        elif before and before[1] == pair[0]:
            runs[-1] += pair[1]
        else:
            runs.append(pair)
        before = pair
    return sorted(runs, key=lambda run: (-len(run), run))


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / sqrt(len(one) * len(other)) if shared else 0.0


@dataclass(frozen=True, slots=True)
class _Places:
    """What two places say: points, whether they are surely two, why, and the name they share."""

    points: int = 0
    apart: bool = False
    reason: str = ""
    name: str = ""


def _places(one: Whereabouts, other: Whereabouts) -> _Places:
    if one.districts and other.districts and not one.districts & other.districts:
        return _different(one.districts, other.districts)
    spot = next((name for name in one.spots if name in other.spots), None)
    if spot:
        return _named(spot, one.spots[spot], other.spots[spot], is_road=False)
    if one.point and other.point:
        distance = metres(one.point, other.point)
        if distance <= WITHIN:
            return _Places(SAME_PLACE, reason=f"相距约{distance:.0f}米")
        if distance > BEYOND:
            return _Places(apart=True, reason=f"相距约{distance / 1000:.1f}公里")
    if one.spots and other.spots:
        return _different(one.spots, other.spots)
    road = next((name for name in one.roads if name in other.roads), None)
    if road:
        return _named(road, one.roads[road], other.roads[road], is_road=True)
    if one.roads and other.roads and not (one.spots or other.spots):
        return _different(one.roads, other.roads)
    return _Places()


def _different(one: Iterable[str], other: Iterable[str]) -> _Places:
    return _Places(apart=True, reason=f"地点不同：{next(iter(one))}、{next(iter(other))}")


def _named(name: str, one: Mention, other: Mention, *, is_road: bool) -> _Places:
    """Two matters at one name: a spot, whose buildings share much, or a road, which is long."""
    whole = whole_name(name, one, other)
    if one.number is None or other.number is None:
        return _Places(NEARBY if is_road else SAME_PLACE, reason=f"都在{whole}", name=whole)
    if one.number == other.number:
        return _Places(SAME_PLACE, reason=f"都在{whole}{one.number}号", name=whole)
    numbers = "、".join(f"{number}号" for number in sorted((one.number, other.number)))
    if is_road and abs(one.number - other.number) > SAME_STRETCH:
        return _Places(apart=True, reason=f"都在{whole}，但相距较远：{numbers}", name=whole)
    return _Places(NEARBY, reason=f"都在{whole}：{numbers}", name=whole)
