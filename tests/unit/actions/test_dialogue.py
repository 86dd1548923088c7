"""The intake's dialogue, with messages understood by hand: what leads to what."""

from __future__ import annotations

from actions.intake import Ask, Draft, advance, begin
from actions.understanding import Point, Understanding
from desk.city import City
from tests.unit.actions.conftest import LAMP, Say, lamp, open_, texts


def test_a_yes_hands_in(city: City, say: Say) -> None:
    draft = open_(advance(city, lamp(city, say), say("跳过", "skip")), Ask.CONFIRMATION)
    step = advance(city, draft, say("确认提交", "affirm"))
    assert step.draft is None
    assert step.submit is not None
    assert step.submit.description == LAMP


def test_each_question_is_left_by_cancelling(city: City, say: Say) -> None:
    for ask in (Ask.MATTER, Ask.PLACE, Ask.ANONYMITY, Ask.PHONE, Ask.CONFIRMATION, Ask.CHANGE):
        step = advance(city, lamp(city, say).with_(ask=ask), say("算了", "cancel"))
        assert step.draft is None, ask
        assert "没有提交" in texts(step), ask


def test_a_person_is_called_at_each_question(city: City, say: Say) -> None:
    for ask in Ask:
        if ask in (Ask.WITHDRAW, Ask.SUPPLEMENT):
            continue
        draft = lamp(city, say).with_(ask=ask)
        step = advance(city, draft, say("转人工", "nlu_fallback"))
        assert step.aside is not None, ask
        assert step.aside.intent == "ask_human", ask
        assert step.draft == draft, f"{ask}: what was collected is kept"
        assert step.replies == [], f"{ask}: the question is not put to someone who waits"


def test_a_question_in_the_middle_is_an_aside(city: City, say: Say) -> None:
    draft = lamp(city, say)
    step = advance(city, draft, say("公积金怎么提取", "consultation"))
    assert step.aside is not None
    assert step.aside.intent == "consultation"
    assert len(step.replies) == 1, "the open question, once"
    assert "电话" in texts(step)
    assert open_(step, Ask.PHONE).words == draft.words


def test_how_long_is_about_this_draft(city: City, say: Say) -> None:
    for intent in ("consultation", "rate", "urge", "nlu_fallback", "ask_progress"):
        step = advance(city, lamp(city, say), say("多久能处理？", intent))
        assert step.aside is not None
        assert step.aside.intent == "consultation"


def test_the_number_of_an_office(city: City, say: Say) -> None:
    step = advance(city, lamp(city, say), say("住建局电话多少", "ask_human"))
    assert step.aside is not None


def test_a_place_is_a_place_whatever_the_model_says(city: City, say: Say) -> None:
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    for intent in ("consultation", "complaint", "nlu_fallback", "other"):
        told = say("我家在锦绣花园3期", intent, places=["锦绣花园3期"])
        assert open_(advance(city, draft, told), Ask.PHONE).place == "锦绣花园3期"


def test_danger_comes_first_and_asks_where(city: City, say: Say) -> None:
    told = say("煤气味好大怎么办", "consultation", danger="gas")
    draft = open_(begin(city, told.as_(told.urgent_request)), Ask.PLACE)
    assert draft.type == "help"
    waiting = lamp(city, say)
    step = advance(city, waiting, say("我家着火了", "incident", danger="fire", later=5))
    draft = open_(step, Ask.PLACE)
    assert draft.paused is not None


def test_danger_is_never_refused(city: City, say: Say) -> None:
    told = say("部队军官打人，我流血不止快救我", "complaint", danger="medical")
    step = begin(city, told)
    assert step.refusal is None
    open_(step, Ask.PLACE)


def test_what_the_city_does_not_accept(city: City, say: Say) -> None:
    step = begin(city, say("我要投诉法院判决不公", "complaint"))
    assert step.refusal is not None
    assert step.submit is not None
    announced = open_(begin(city, say("我要投诉", "complaint")), Ask.MATTER)
    step = advance(city, announced, say("法院判决不公", "complaint"))
    assert step.refusal is not None


def test_an_addition_does_not_get_the_whole_refused(city: City, say: Say) -> None:
    step = advance(city, lamp(city, say), say("物业说再投诉就让法院判决不公，随便告", "complaint"))
    assert step.refusal is None
    open_(step, Ask.PHONE)


def test_a_refused_matter_that_is_ours_after_all(city: City, say: Say) -> None:
    step = begin(city, say("投诉上海市浦东新区的物业乱收费", "complaint", topic="0306"))
    assert step.submit is not None
    refused = step.submit.with_(ask=Ask.REFUSED)
    told = say("说错了，是湖滨区幸福里小区", "correct", places=["湖滨区幸福里小区"])
    draft = open_(advance(city, refused, told), Ask.PHONE)
    assert draft.place == "湖滨区幸福里小区"
    step = advance(city, refused, say("谢谢", "thank"))
    assert step.draft is None
    assert step.aside is not None


def test_after_an_answer_only_its_word_opens_a_ticket(city: City, say: Say) -> None:
    asked = say("居住证怎么办", "consultation")
    answered = Draft(type="consultation", ask=Ask.ANSWERED, held=asked, touched=asked.at)
    assert advance(city, answered, say("好的", "affirm")).draft is None
    assert advance(city, answered, say("谢谢", "thank")).draft is None
    draft = open_(advance(city, answered, say("登记", "affirm")), Ask.PHONE)
    assert draft.description == "居住证怎么办"
    open_(advance(city, answered, say("不是这个意思", "deny")), Ask.OFFER)
    offered = answered.with_(ask=Ask.OFFER)
    open_(advance(city, offered, say("要", "affirm")), Ask.PHONE)


def test_places_are_not_filled_with_small_talk(city: City, say: Say) -> None:
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    for text, intent in (("哈哈好的", "out_of_scope"), ("谢谢", "thank"), ("好的", "affirm")):
        step = advance(city, draft, say(text, intent))
        assert open_(step, Ask.PLACE).place is None
    vague = open_(advance(city, draft, say("就在我们小区楼下", places=["我们小区楼下"])), Ask.PLACE)
    assert vague.misses == 1


def test_the_place_is_not_insisted_on_for_ever(city: City, say: Say) -> None:
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    for _ in range(2):
        draft = open_(advance(city, draft, say("就在我们小区楼下", "inform")), Ask.PLACE)
    step = advance(city, draft, say("就在我们小区楼下", "inform"))
    assert open_(step, Ask.PHONE).place_unknown


def test_a_shared_location(city: City, say: Say) -> None:
    point = Point(latitude=31.2, longitude=121.4, label="望海路")
    shared = say("", "share_location", kind="location", point=point)
    draft = open_(begin(city, say("路灯坏了", "incident", topic="0305")), Ask.PLACE)
    moved = open_(advance(city, draft, shared), Ask.PHONE)
    assert (moved.place, moved.point) == ("望海路", point)
    kept = open_(advance(city, lamp(city, say), shared), Ask.PHONE)
    assert (kept.place, kept.point) == ("人民路21号", point)


def test_pictures_and_recordings_belong_to_the_draft(city: City, say: Say) -> None:
    picture = say("", "share_image", kind="image")
    draft = open_(advance(city, lamp(city, say), picture), Ask.PHONE)
    assert picture.message_id in draft.messages
    assert draft.attached == 1
    captioned = say("你看", "nlu_fallback", kind="image")
    draft = open_(advance(city, draft, captioned), Ask.PHONE)
    assert draft.attached == 2
    recording = say("", "share_voice", kind="voice")
    draft = open_(advance(city, draft, recording), Ask.PHONE)
    assert recording.message_id in draft.messages
    assert draft.attached == 2


def test_a_sound_is_read_as_nothing() -> None:
    heard = Understanding.from_tracker(
        "1",
        {
            "text": "嗯。",
            "intent": {"name": "affirm", "confidence": 0.9},
            "metadata": {"message_id": "5", "kind": "voice"},
        },
    )
    assert heard.intent == "share_voice"


def test_changing_asks_for_the_part_that_is_wrong(city: City, say: Say) -> None:
    draft = lamp(city, say).with_(ask=Ask.CONFIRMATION, phone="13800138000")
    open_(advance(city, draft, say("修改", "correct")), Ask.CHANGE)
    again = open_(advance(city, draft, say("地址写错了", "correct")), Ask.PLACE)
    assert again.place == "人民路21号", "kept until there is a new one"
    told = say("望海路天虹超市", places=["望海路天虹超市"])
    done = open_(advance(city, again, told), Ask.CONFIRMATION)
    assert done.place == "望海路天虹超市"
    open_(advance(city, draft, say("电话写错了", "correct")), Ask.PHONE)
    kept = draft.with_(ask=Ask.CHANGE)
    open_(advance(city, kept, say("没有了，不改了", "deny")), Ask.CONFIRMATION)


def test_words_that_cannot_be_placed_go_along(city: City, say: Say) -> None:
    draft = lamp(city, say).with_(ask=Ask.CONFIRMATION, phone_declined=True)
    step = advance(city, draft, say("时间不对，是从国庆节开始坏的", "correct"))
    assert "国庆节" in open_(step, Ask.CONFIRMATION).description


def test_what_comes_with_the_number_is_kept(city: City, say: Say) -> None:
    told = say("13800138000，白天打", phones=["13800138000"])
    draft = open_(advance(city, lamp(city, say), told), Ask.CONFIRMATION)
    assert draft.phone == "13800138000"
    assert "白天打" in draft.description


def test_impatience_urges_nothing_that_is_not_handed_in(city: City, say: Say) -> None:
    step = advance(city, lamp(city, say), say("快点处理", "urge"))
    assert step.aside is None
    assert "还没有提交" in texts(step)
    step = advance(city, lamp(city, say), say("上次那个单子催一下", "urge"))
    assert step.aside is not None
