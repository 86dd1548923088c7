"""What in a text is substance: a matter, a place that can be found, a number of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words that announce a matter without being one.
_ANNOUNCES = re.compile(
    r"我们?|要|想|你们|您|[他她它]们?|你好|您好|请问|请|帮|一下|一个|一件|一家|一起|几个|个|件|点|有|来|给|向|对|的|了|"
    r"吗|呢|啊|这里|这边|这|那|投诉|举报|反映|反应|咨询|求助|建议|表扬|报事|报修|报|反馈|上报|问题|事情|"
    r"事|情况|诉求|在吗|领导|尊敬|12345|热线|政府|部门|帮忙|说|问|下|能|可以|是|匿名|实名|本人|登记|麻烦|"
    r"人工|机器人|意见|业主|住户|居民|租户|村民|市民|老百姓|家?住|人(?!行)|就|在|里|位置|地址|地点|定位|联系|电话(?!亭)|手机号?|号码|"
    # Abuse is anger, not what happened.
    r"[傻煞沙]逼|傻[叉缺屌]|[你他]妈的|妈的|他奶奶的|混蛋|王八蛋|滚蛋?|废物|智障|白痴|弱智|神经病|狗屁|"
    r"什么破?(玩意儿?|东西)|垃圾(?=客服|系统|平台)|客服|平台|系统"
)
# Who a matter is with, but not what happened.
_SUBJECT = re.compile(
    r"(小区|楼上|楼下|隔壁|附近|一家|那家|\d+路)*(物业(公司)?|邻居|房东|中介|城管|学校|老师|医院|公司|单位|老板|饭店|商家|"
    r"出租车|公交车?|司机|开发商|装修公司|居委会?|社区|村委会?|村干部|保安|楼上|楼下|隔壁)"
)
# What a place is called by those who stand in it.
_HERE = re.compile(
    r"我们?|俺们?|咱们?|你们|他们?|这|那|本|家|里|的|就|在|个|小区|村|镇|单位|公司|学校|厂|店|路上?|街上?|马路|"
    r"大街|门口|附近|旁边|楼上|楼下|楼道|隔壁|边上|外面|对面|边|上|下|口|处|地方|儿|楼|栋|院子|院|电梯|广场|"
    r"公园|车站|医院|菜?市场|超市|是|那边|这边|啊|呀|呢|吧|嘛|哦|噢|哈"
)
_WAY = re.compile(
    r"(?:就|是|在|我们?|家|住|位置|地址|地点|[:：，, ])*(?P<place>\w+?(?:[前后里外上下左右东南西北]面?|旁边?|"
    r"对面|附近|隔壁|门口|路口|[边口厂店场院园站桥楼栋馆所村]))"
    r"(?:那里|那儿|那边|这里|的?地方|啊|呀|吧|的|[。.!！ ])*"
)
_LONGEST_WAY = 24
_BUILDING = re.compile(r"(?<!\d)(\d{1,4}|[一二三四五六七八九十]{1,3})(号楼|号院|栋|幢|单元)")
# A longer text tells of more than where it is.
_DETAIL = 16
_OWN_NUMBER = re.compile(
    r"(我的?|本人|联系|电话|手机|号码|号|打|座机|微信同号)(电话|手机|方式|人|号码?|联系|这个|给?我)*"
    r"(是|为|改成|换成|留|[:：，, ])*$"
)
_OTHERS_NUMBER = re.compile(
    r"(骚扰|诈骗|推销|广告|陌生|催收|举报|投诉|对方|他|她|老板|中介|卖家|商家|店家|房东|司机|师傅|物业|客服|"
    r"骗子|被|[这一有那某]个|拨打|打了|接到|收到|有人用)[^，。；]{0,6}$"
)


def rest_of(text: str, known: Iterable[str]) -> str:
    """A text without the parts that are understood already (places, numbers)."""
    for part in sorted(known, key=len, reverse=True):
        text = text.replace(part, "，")
    return text


def announces_only(text: str) -> bool:
    """Whether a text says that there is a matter, but nothing of it (“我要投诉”)."""
    return not _plain(_ANNOUNCES.sub("", text))


def has_matter(text: str, known: Iterable[str] = ()) -> bool:
    """Whether a text says what happened: something is left without the words that only announce it,
    without what is known, and it is more than who it is with (“我要投诉物业”)."""
    left = _plain(_ANNOUNCES.sub("", rest_of(text, known)))
    return len(left) >= 2 and not _SUBJECT.fullmatch(left)


def findable(place: str) -> bool:
    """Whether a stranger could find the place: “我们小区楼下” names none."""
    return bool(_plain(_HERE.sub("", place)))


def best_place(places: Iterable[str]) -> str | None:
    """The most exact of the places in a message; None when none can be found by a stranger."""
    return max((place for place in places if findable(place)), key=len, default=None)


def whole_place(answer: str, places: Iterable[str]) -> str | None:
    """The best place in an answer to “where?”; with what is said around it when all of it is the way
    there (大桥 in “就在大桥下面那个厂后面”)."""
    named = best_place(places)
    way = _WAY.fullmatch(answer.strip()) if len(answer) <= _LONGEST_WAY else None
    return way["place"] if named and way and named in way["place"] else named


def within(place: str, text: str) -> str:
    """A place with the building that a short text adds to it (幸福里小区 + 就是2号楼底商); itself when it
    has one already or none is added."""
    added = _BUILDING.search(text) if len(text) <= _DETAIL else None
    return place if added is None or _BUILDING.search(place) else place + added[0]


def own_phones(text: str, phones: Iterable[str]) -> list[str]:
    """The numbers in a story that the resident means as their own. A number may as well be whom the
    story is about (“13800138000一直打骚扰电话”)."""
    joined = digits_joined(text)
    bare = len(re.sub(r"\D", "", joined)) * 2 > len(joined)
    found: list[str] = []
    for phone in phones:
        before = joined.partition(digits_joined(phone))[0][-14:]
        own = bare or _OWN_NUMBER.search(before)
        if own and not _OTHERS_NUMBER.search(before):
            found.append(phone)
    return found


def digits_joined(text: str) -> str:
    """A text with the blanks and dashes inside numbers gone: the same number is the same digits."""
    return re.sub(r"(?<=\d)[\s-]+(?=\d)", "", text)


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text)
