"""Drafts that were left for hours, or for people."""

from __future__ import annotations

from actions.intake import Ask, advance, begin, close
from desk.city import City
from tests.unit.actions.conftest import LAMP, Say, lamp, open_, texts


def test_a_draft_left_for_hours_is_offered_with_its_content(city: City, say: Say) -> None:
    step = advance(city, lamp(city, say), say("你好", "greet", later=3))
    waiting = open_(step, Ask.RESUME)
    assert "路灯坏了" in texts(step)
    again = advance(city, waiting, say("继续", "affirm", later=3))
    assert open_(again, Ask.PHONE).description == LAMP
    gone = advance(city, waiting, say("不用了", "deny", later=3))
    assert gone.draft is None


def test_after_people_a_draft_is_offered_too(city: City, say: Say) -> None:
    step = advance(city, lamp(city, say), say("好的谢谢", "thank"), parted=True)
    open_(step, Ask.RESUME)


def test_an_answer_hours_later_is_taken(city: City, say: Say) -> None:
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    step = advance(city, draft, say("在人民路21号", places=["人民路21号"], later=20))
    assert "路灯坏了" in texts(step), "what it belongs to is said"
    assert open_(step, Ask.PHONE).place == "人民路21号"


def test_something_new_elsewhere_is_no_answer_to_where(city: City, say: Say) -> None:
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    new = say("幸福里小区物业乱收费", "complaint", places=["幸福里小区"], later=20)
    assert open_(advance(city, draft, new), Ask.RESUME).held == new


def test_something_new_beside_an_old_draft_is_not_lost(city: City, say: Say) -> None:
    new = say("物业乱收费", "complaint", topic="0306", later=20)
    waiting = open_(advance(city, lamp(city, say), new), Ask.RESUME)
    went_on = open_(advance(city, waiting, say("继续", "affirm", later=20)), Ask.PHONE)
    assert went_on.rest == [new]
    dropped = advance(city, waiting, say("不用了", "deny", later=20)).draft
    assert dropped is not None
    assert dropped.description == "物业乱收费"
    assert dropped.place is None, "the place of the dropped one is not its place"


def test_who_ignores_the_offer_keeps_the_old_draft_for_later(city: City, say: Say) -> None:
    waiting = open_(advance(city, lamp(city, say), say("你好", "greet", later=3)), Ask.RESUME)
    step = advance(city, waiting, say("物业乱收停车费", "complaint", topic="0306", later=3))
    draft = open_(step, Ask.PLACE)
    assert draft.description == "物业乱收停车费"
    assert draft.paused is not None
    after = close(city, draft, say("提交", "affirm", later=3))
    assert open_(after, Ask.RESUME).description == LAMP
