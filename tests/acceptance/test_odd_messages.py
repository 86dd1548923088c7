"""Whatever a resident types, at whichever question: an answer comes, and no turn fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.residents import LAMP
from tests.harness.system import System, WebResident

ODD = [
    "1",
    "嗯",
    "。",
    "？？？",
    "…",
    "😡",
    "👨‍👩‍👧👨‍👩‍👧",
    "\u200b\u200d",
    "\u202e倒过来",
    "NULL",
    "'; DROP TABLE ticket; --",
    "<script>alert(1)</script>",
    '{"intent": "affirm"}',
    "/restart",
    "{number} %s {{x}} \\n",
    "https://example.com/" + "a" * 300,
    "长" * 2000,
    "a" * 2000,
    "路灯坏了。" * 400,
    "1" * 2000,
    "电话12345",
    "电话是 0757 2233 1234 转 801",
    "+86 138-0013-8000",
    "１３８００１３８０００",
    "110",
    "YS261125000017",
    "YS" + "9" * 40,
    "\n\n\n",
    "a\tb\rc",
    "Hello, the street lamp is broken",
    "投訴噪音",
    "gjj怎么提取",
    "𠮷野家䶮街",
    "٣٤٥",
    "－1",
    "1e999",
    "不",
    "人民路人民路人民路人民路" * 20,
]


def fresh(system: System) -> WebResident:
    return WebResident(system)


def asked_for_a_place(system: System) -> WebResident:
    resident = WebResident(system)
    resident.say("路灯坏了")
    return resident


def asked_for_a_phone(system: System) -> WebResident:
    resident = WebResident(system)
    resident.say(LAMP)
    return resident


def at_the_summary(system: System) -> WebResident:
    resident = asked_for_a_phone(system)
    resident.say("跳过")
    return resident


@pytest.mark.parametrize("state", [fresh, asked_for_a_place, asked_for_a_phone, at_the_summary])
def test_every_message_gets_an_answer(
    running: System, state: Callable[[System], WebResident]
) -> None:
    talks = {words: state(running) for words in ODD}
    for words, resident in talks.items():
        answer = resident.post(words)
        if not words.strip():
            assert answer.status_code == 400
            continue
        assert answer.status_code == 202
        assert resident.answer(), f"{words!r} got no answer"
    failed = running.query(
        "SELECT m.text FROM alert a JOIN message m ON m.id = a.message_id "
        "WHERE a.kind = 'turn_failed'"
    )
    assert failed == []


def test_after_any_odd_message_the_ticket_can_still_be_finished(running: System) -> None:
    for words in ODD[:12]:
        resident = at_the_summary(running)
        resident.say(words)
        told = "\n".join(resident.say("确认提交"))
        if "YS" not in told:  # the words opened another question, or were taken for an answer to it
            told += "\n".join(resident.say("确认提交"))
        assert "YS" in told or "人工" in told or "取消" in told, f"{words!r}: {told}"
