"""Whatever is written, and whatever the model makes of it: nothing raises, nothing is lost, nobody is
met with silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.intake import Ask, Draft, Step, advance, begin, close
from actions.understanding import Point, Understanding
from desk.city import City, load_city
from desk.settings import ROOT
from tests.unit.actions.conftest import NOON

CITY: City = load_city(ROOT / "cities" / "demo")
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
INTENTS: list[str] = [*DOMAIN["intents"], "nlu_fallback"]
LINES = (
    "好的",
    "谢谢",
    "再见",
    "不对",
    "算了",
    "跳过",
    "没有",
    "继续",
    "不用了",
    "登记",
    "匿名",
    "实名",
    "人工",
    "修改",
    "嗯。",
    "1",
    "/",
    "{0}",
    "确认提交",
    "人民路21号门口井盖没了",
    "不对，是21号",
    "是21号不是12号",
    "不是南门是北门",
    "电话错了是13900139000",
    "电话别留了",
    "不是投诉，是举报",
    "内容改成灯坏了",
    "另外我要投诉8路公交车甩站",
    "还有二单元的灯也不亮",
    "多久能处理？",
    "住建局电话多少",
    "为什么要留电话",
    "我要投诉物业",
    "就在我们小区楼下",
    "138001380",
    "13800138000",
    "法院判决不公",
    "😡👨‍👩‍👧𠮷",
)
PLACES = ("人民路21号", "翠湖公园南门", "我们小区", "人民路")


def messages() -> st.SearchStrategy[Understanding]:
    """Anything that a resident may write and a model may make of it."""
    return st.builds(
        Understanding,
        conversation_id=st.just(1),
        message_id=st.integers(1, 10_000),
        at=st.integers(0, 40).map(lambda hours: NOON + timedelta(hours=hours)),
        text=st.one_of(st.sampled_from(LINES), st.text(max_size=40)),
        kind=st.sampled_from(("text", "text", "text", "image", "voice", "location")),
        intent=st.sampled_from(INTENTS),
        guesses=st.lists(st.sampled_from(INTENTS), max_size=3),
        topic=st.sampled_from(("", "0305", "0306", "0402", "0502", "9999")),
        places=st.lists(st.sampled_from(PLACES), max_size=2),
        phones=st.lists(st.sampled_from(("13900139000", "0999-7654321")), max_size=2),
        numbers=st.lists(st.just("YS261125000017"), max_size=1),
        point=st.one_of(st.none(), st.just(Point(latitude=31.2, longitude=121.4, label="望海路"))),
        danger=st.sampled_from((None, None, None, "fire")),
    )


def drafts(step: Step) -> Iterator[Draft]:
    """Every draft that a step keeps: the open one, what waits behind it, what is handed in."""
    for kept in (step.draft, step.submit):
        behind = kept
        while behind is not None:
            yield behind
            behind = behind.paused


@settings(max_examples=400, deadline=None)
@given(st.lists(messages(), min_size=2, max_size=8))
def test_a_conversation(said: list[Understanding]) -> None:
    step = begin(CITY, said[0], said[1:2])
    for message in said[2:]:
        draft = step.draft
        if draft is None:
            return
        before = draft.model_copy(deep=True)
        step = advance(CITY, draft, message)
        assert draft == before, "drafts are never changed in place"
        assert step.replies or step.aside or step.submit, "silence"
        assert len({reply.text for reply in step.replies}) == len(step.replies), "said twice"
        assert all(reply.text.strip() for reply in step.replies)
        given_up = step.draft is None or "没有提交" in "".join(r.text for r in step.replies)
        dropped = "不提交了" in "".join(r.text for r in step.replies)
        if not (given_up or dropped or step.aside):
            kept = {message_id for found in drafts(step) for message_id in found.messages}
            assert set(draft.messages) <= kept, "a message of the draft was lost"
        if step.draft is not None:
            stored = step.draft.model_dump(mode="json")
            assert Draft.model_validate(stored) == step.draft, "it survives the tracker"
        if step.submit is not None:
            assert step.submit.description.strip(), "no ticket without words"
            assert not (step.submit.anonymous and step.submit.phone)
            close(CITY, step.submit, message)


@settings(max_examples=200, deadline=None)
@given(messages(), st.sampled_from(tuple(Ask)))
def test_at_any_question(said: Understanding, ask: Ask) -> None:
    draft = Draft(
        type="incident",
        topic="0305",
        words=["路灯坏了"],
        messages=[0],
        place="人民路12号",
        phone="13800138000",
        ask=ask,
        held=said.model_copy(update={"text": "居住证怎么办", "intent": "consultation"}),
        touched=NOON,
    )
    step = advance(CITY, draft, said)
    assert step.replies or step.aside or step.submit
