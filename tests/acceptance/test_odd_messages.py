"""Whatever a resident types, at whichever question: an answer comes, and no turn fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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


def asked_for_a_phone(system: System) -> WebResident:
    resident = WebResident(system)
    resident.say(LAMP)
    return resident


def at_the_summary(system: System) -> WebResident:
    resident = asked_for_a_phone(system)
    resident.say("跳过")
    return resident


@pytest.mark.parametrize("state", [fresh, asked_for_a_phone, at_the_summary])
def test_every_message_gets_an_answer(
    running: System, state: Callable[[System], WebResident]
) -> None:
    def answered(words: str) -> str | None:
        resident = state(running)
        resident.read()
        answer = resident.post(words)
        assert answer.status_code == (202 if words.strip() else 400)
        return words if answer.status_code == 202 and not resident.answer(20) else None

    with ThreadPoolExecutor(6) as residents:
        assert not any(residents.map(answered, ODD))
    failed = running.query(
        "SELECT m.text FROM alert a JOIN message m ON m.id = a.message_id "
        "WHERE a.kind = 'turn_failed'"
    )
    assert failed == []
