"""Where a matter is, as far as it can be compared: names of spots and roads, their numbers, a point."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from math import cos, hypot, radians

from desk.city import City, PlaceKind, named_places

# What contains many places is no place of a matter: a district in common makes no two matters one.
_AREAS = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)
# Names that the gazetteer does not know are recognised by how they end. The two characters before
# the ending are the name: where a longer one begins cannot be told without a dictionary.
_ROAD = (
    "大道|公路|胡同|路(?![灯面口段边况人过上基障标牌程费政权由线子径])|街(?![道面头坊边上区])|"
    "巷(?![口子])|弄(?![得的成堂])"
)
_SPOT = (
    "小区|花园|家园|公寓|新村|华庭|华府|名邸|御府|国际城|新城|苑|湾|村(?![民委干支组长口])|学校|小学|中学|大学|幼儿园|医院|"
    "卫生院|广场|市场|夜市|超市|商场|公园|大厦|大楼|酒店|宾馆|站(?![点在着立台长牌位])|银行|驾校|工业园|大桥"
)
_NAMED = re.compile(rf"([\u4e00-\u9fff]{{2}})(?:[一二三四五六七八九]期)?(?:({_ROAD})|{_SPOT})")
# “我们小区”, “临街”, “公交站”: a kind of place without its name.
_NAMELESS = re.compile(
    r"[我你他她这那某该本各每的在有到是和与及从向了等个条所区县市镇不没看走堵占挡修]|附近|周边|旁边|整个|老旧|商业|公共|"
    r"市政|临$|道$|公$|其他|农贸|人行|主干|居民|公交|地铁|火车|民办|公办|自来|住宅|安置|配套|街道|线路|一路|两[旁边侧]|[一二三四五六七八九]期|"
    r"垃圾|中转|加油|加气|收费|搅拌|变电|充电|泵$|监测|检查|服务|国际|时代|实验|普惠|考古|遗址|体育|文化|人民|中心|附属|"
    r"综合|大型|导致|新建|旁的|边的|生活|性$|[0-9a-z]"
)
_NUMBER = re.compile(
    r"[^\d一二三四五六七八九十,，。;；、]?(\d{1,5}|[一二三四五六七八九十]{1,3})(?=号|栋|幢|座|期)"
)
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")}
_METRES_PER_DEGREE = 111_320.0


# So far back a name that the gazetteer does not know may begin.
_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a name was read: the number that follows it (of the house, the building or the phase) and
    what stands before it, to which it may extend."""

    number: int | None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of a place: names of spots and of roads, of the districts that they are said to
    be in, and a point in WGS-84 degrees."""

    spots: dict[str, Mention] = field(default_factory=dict[str, Mention])
    roads: dict[str, Mention] = field(default_factory=dict[str, Mention])
    districts: frozenset[str] = frozenset()
    point: tuple[float, float] | None = None


def read_places(city: City, text: str) -> tuple[Whereabouts, str]:
    """The places that a text names, and the text without their names."""
    spots: dict[str, Mention] = {}
    roads: dict[str, Mention] = {}
    districts: set[str] = set()
    for name, place in sorted(named_places(city, text), key=lambda found: -len(found[0])):
        mention = Mention(_number(text[text.index(name) + len(name) :]))
        text = text.replace(name, " ")
        if place.kind is PlaceKind.DISTRICT:
            districts.add(place.name)
        if place.kind not in _AREAS:
            (roads if place.kind is PlaceKind.ROAD else spots).setdefault(place.name, mention)
    for found in _NAMED.finditer(text):
        if not _NAMELESS.search(found[1]):
            before = text[max(0, found.start() - _BEFORE) : found.start()]
            mention = Mention(_number(text[found.end() :]), before)
            (roads if found[2] else spots).setdefault(found[1], mention)
    return Whereabouts(spots, roads, frozenset(districts)), _NAMED.sub(_named_only, text)


def _named_only(found: re.Match[str]) -> str:
    """Nothing for a name; a kind of place without one stays."""
    return found[0] if _NAMELESS.search(found[1]) else " "


def whole_name(name: str, one: Mention, other: Mention) -> str:
    """A name with what stands before it in both texts: 荣盛花语书 for 语书, read in “荣盛花语书苑” twice."""
    backwards = zip(reversed(one.before), reversed(other.before), strict=False)
    shared = [mine for mine, _ in takewhile(lambda both: both[0] == both[1], backwards)]
    return ("".join(reversed(shared)) + name).strip()


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points (latitude, longitude in degrees), exact enough within a city."""
    north = (one[0] - other[0]) * _METRES_PER_DEGREE
    east = (one[1] - other[1]) * _METRES_PER_DEGREE * cos(radians(one[0]))
    return hypot(north, east)


def _number(rest: str) -> int | None:
    """The number that a text begins with: 3号楼, 三期, 小区12栋."""
    found = _NUMBER.match(rest.removeprefix("小区"))
    if found is None:
        return None
    if found[1].isdigit():
        return int(found[1])
    tens, ten, ones = found[1].partition("十")
    if not ten:
        return _DIGITS[tens] if len(tens) == 1 else None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
