"""A matter begins, with messages understood by hand: what is asked first."""

from __future__ import annotations

from actions.intake import Ask, advance, begin
from desk.city import City
from tests.unit.actions.conftest import LAMP, Say, open_


def test_only_what_is_missing_is_asked(city: City, say: Say) -> None:
    told = say(
        f"{LAMP}，我电话13800138000",
        "incident",
        topic="0305",
        places=["人民路21号"],
        phones=["13800138000"],
    )
    open_(begin(city, told), Ask.CONFIRMATION)
    open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    open_(begin(city, say("我要投诉", "complaint")), Ask.MATTER)
    open_(begin(city, say("举报黑作坊", "violation", places=["豆腐巷14号"])), Ask.ANONYMITY)
    open_(begin(city, say("建议多放几个长椅", "suggestion", topic="0305")), Ask.PHONE)


def test_what_asks_for_nothing_is_no_matter_until_it_is_told(city: City, say: Say) -> None:
    draft = open_(begin(city, say("低价出售旧家具，有意者联系", "other")), Ask.MATTER)
    told = say("楼下烧烤摊占道，烟全飘我家", "complaint", topic="0307", places=["锦绣花园8幢"])
    draft = open_(advance(city, draft, told), Ask.PHONE)
    assert draft.type == "complaint"
    assert len(draft.words) == 2
    story = "我家在河边住了三十年，从前水清得能淘米，现在夏天不敢开窗，去年到今年换了三拨人来看过"
    open_(begin(city, say(story, "other")), Ask.PHONE)
    open_(begin(city, say("有东西在响", "other", places=["锦绣花园8幢"])), Ask.PHONE)


def test_the_type_is_what_is_said_once_something_is(city: City, say: Say) -> None:
    draft = begin(city, say("锦绣花园8幢的事", "other", places=["锦绣花园8幢"])).draft
    assert draft is not None
    draft = advance(city, draft, say("楼上天天半夜蹦迪", "complaint", topic="0402")).draft
    assert draft is not None
    assert draft.type == "complaint"
    later = advance(city, draft, say("建议装个隔音的", "suggestion", topic="0402")).draft
    assert later is not None
    assert later.type == "complaint"
