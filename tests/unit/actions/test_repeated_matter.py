"""The answer to “add it to your earlier ticket?”: only a yes adds to it."""

from __future__ import annotations

import pytest

from actions.intake import Ask, Draft, advance
from actions.intake.draft import Earlier
from desk.city import City
from tests.unit.actions.conftest import NOON, Say

EARLIER = Earlier(number="YS260302000019", at="03月01日", words="井盖不见了")


@pytest.fixture
def asked() -> Draft:
    return Draft(
        type="incident",
        topic="0306",
        words=["人民路21号门口的井盖不见了"],
        messages=[1],
        place="人民路21号",
        ask=Ask.REPEAT,
        compared=True,
        earlier=EARLIER,
        touched=NOON,
    )


@pytest.mark.parametrize(
    "text", ["补充到那一件", "好的", "要", "是同一件事", "加到那一件里吧", "补充进去"]
)
def test_a_yes_hands_it_in_for_the_earlier_ticket(
    city: City, asked: Draft, say: Say, text: str
) -> None:
    step = advance(city, asked, say(text, "nlu_fallback"))
    assert step.submit is not None
    assert step.submit.earlier == EARLIER


@pytest.mark.parametrize(
    "text", ["另外登记", "不用", "不是同一件", "两码事", "单独登记", "不要补充", "不是"]
)
def test_a_no_goes_on_with_a_ticket_of_its_own(
    city: City, asked: Draft, say: Say, text: str
) -> None:
    step = advance(city, asked, say(text, "nlu_fallback"))
    assert step.submit is None
    assert step.draft is not None
    assert (step.draft.ask, step.draft.earlier) == (Ask.PHONE, None)


def test_what_answers_the_next_question_is_taken_for_it(city: City, asked: Draft, say: Say) -> None:
    step = advance(city, asked, say("13800138000", phones=["13800138000"]))
    assert step.draft is not None
    assert (step.draft.ask, step.draft.phone) == (Ask.CONFIRMATION, "13800138000")
    assert step.draft.earlier is None


def test_giving_up_and_calling_a_person_still_work(city: City, asked: Draft, say: Say) -> None:
    assert advance(city, asked, say("算了", "cancel")).draft is None
    person = advance(city, asked, say("转人工", "ask_human"))
    assert person.aside is not None
    assert person.draft == asked


def test_after_hours_it_is_offered_as_any_draft(city: City, asked: Draft, say: Say) -> None:
    step = advance(city, asked, say("你好", "greet", later=5))
    assert step.draft is not None
    assert step.draft.ask is Ask.RESUME
    taken_up = advance(city, step.draft, say("继续", "affirm", later=5))
    assert taken_up.submit is None
    assert taken_up.draft is not None
    assert taken_up.draft.ask is Ask.PHONE
