"""Several matters of one resident, one after the other."""

from __future__ import annotations

from actions.intake import Ask, advance, begin, close
from desk.city import City
from tests.unit.actions.conftest import Say, lamp, open_, texts


def test_two_matters_one_after_the_other(city: City, say: Say) -> None:
    first = say("人民路21号路灯坏了", "incident", topic="0305", places=["人民路21号"])
    second = first.model_copy(
        update={"text": "8路公交车甩站", "intent": "complaint", "topic": "0502", "places": []}
    )
    step = begin(city, first, [second])
    assert "2件事" in texts(step)
    draft = open_(step, Ask.PHONE)
    told = say("13800138000", phones=["13800138000"])
    draft = open_(advance(city, draft, told), Ask.CONFIRMATION)
    step = advance(city, draft, say("提交", "affirm"))
    assert step.submit is not None
    assert step.submit.description == "人民路21号路灯坏了"
    assert step.submit.matter == 0
    step = close(city, step.submit, say("提交", "affirm"))
    draft = open_(step, Ask.CONFIRMATION)
    assert "8路公交车甩站" in texts(step)
    assert (draft.type, draft.matter, draft.phone) == ("complaint", 1, "13800138000")
    assert draft.description == "8路公交车甩站"
    step = advance(city, draft, say("提交", "affirm"))
    assert step.submit is not None
    assert close(city, step.submit, say("提交", "affirm")).draft is None


def test_several_matters_told_to_the_question_what(city: City, say: Say) -> None:
    draft = open_(begin(city, say("我要反映问题", "other")), Ask.MATTER)
    whole = say("路灯坏了，另外8路公交车甩站", "incident")
    parts = [
        whole.model_copy(update={"text": "路灯坏了", "topic": "0305"}),
        whole.model_copy(update={"text": "另外8路公交车甩站", "intent": "complaint"}),
    ]
    step = advance(city, draft, whole.model_copy(update={"matters": parts}))
    draft = open_(step, Ask.PLACE)
    assert draft.words == ["路灯坏了"]
    assert [part.text for part in draft.rest] == ["另外8路公交车甩站"]


def test_one_breath_one_place(city: City, say: Say) -> None:
    first = say("人民路21号路灯坏了", "incident", topic="0305", places=["人民路21号"])
    same_message = first.model_copy(update={"text": "井盖也没了", "places": []})
    draft = open_(begin(city, first, [same_message]), Ask.PHONE).with_(phone_declined=True)
    opened = close(city, draft, say("提交", "affirm")).draft
    assert opened is not None
    assert opened.place == "人民路21号"
    later = say("另外井盖没了", "incident", topic="0305")
    opened = close(city, draft.with_(rest=[later]), say("提交", "affirm")).draft
    assert opened is not None
    assert opened.place is None
    assert opened.ask is Ask.PLACE


def test_another_matter_in_the_middle_waits(city: City, say: Say) -> None:
    told = say("另外我要投诉8路公交车甩站", "complaint", topic="0502")
    step = advance(city, lamp(city, say), told)
    draft = open_(step, Ask.PHONE)
    assert draft.rest == [told]
    assert "8路" not in draft.description


def test_more_of_the_same_is_no_other_matter(city: City, say: Say) -> None:
    told = say("还有二单元的灯也不亮", "incident", topic="0305")
    draft = open_(advance(city, lamp(city, say), told), Ask.PHONE)
    assert draft.rest == []
    assert "二单元" in draft.description


def test_the_refused_second_matter_leaves_the_first(city: City, say: Say) -> None:
    told = say("另外我要举报部队军官打人", "violation")
    step = advance(city, lamp(city, say), told)
    assert step.aside is not None
    assert open_(step, Ask.PHONE).rest == []
