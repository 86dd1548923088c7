"""Messages in parts that fit, choices as keys, and the limits of speed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from connectors.base import Button, Outbound, Outcome
from connectors.telegram import parts
from connectors.telegram.faults import receipt_for
from connectors.telegram.outgoing import TEXT_UNITS, keyboard
from connectors.telegram.pace import Pace


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_short_text_stays_whole() -> None:
    assert parts(Outbound(" 您好 ")) == [Outbound("您好")]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty_is_nothing_to_send(text: str) -> None:  # field book 38
    assert parts(Outbound(text)) == []


def test_choices_alone_get_a_text() -> None:
    assert parts(Outbound("", (Button("是"),))) == [Outbound("请选择：", (Button("是"),))]


def test_long_text_is_cut_at_a_sentence_and_the_last_part_has_the_choices() -> None:
    sentence = "建设路的路灯不亮已经三天了。"
    message = Outbound(sentence * 700, (Button("好"),))
    found = parts(message)
    assert len(found) == 3
    assert all(part.text.endswith("。") for part in found)
    assert "".join(part.text for part in found) == message.text
    assert [part.buttons for part in found] == [(), (), (Button("好"),)]


def test_emoji_count_twice_and_are_never_cut() -> None:
    family = "👨‍👩‍👧"
    found = parts(Outbound(family * 1500))
    assert all(units(part.text) <= TEXT_UNITS for part in found)
    assert all(len(part.text) % len(family) == 0 for part in found)


def test_numbers_and_links_are_not_cut() -> None:
    line = "编号 YS261125000017，见 https://city.gov.cn/t/YS261125000017 。"
    found = parts(Outbound(line * 300))
    assert sum(part.text.count("YS261125000017") for part in found) == 600
    assert all("https://city.gov.cn/t/YS261125000017 。" in part.text for part in found)


RUNS = st.tuples(st.text("字a。\n 😡\u0301\u200d", min_size=1), st.integers(1, 3000))


@given(st.lists(RUNS, max_size=4))
def test_any_text_fits_and_nothing_but_space_is_lost(runs: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in runs)[:20_000]
    found = parts(Outbound(text))
    assert all(0 < units(part.text) <= TEXT_UNITS for part in found)
    assert "".join("".join(part.text.split()) for part in found) == "".join(text.split())


def test_a_character_longer_than_a_message_ends() -> None:
    found = parts(Outbound("a" + "\u0301" * 10_000))
    assert all(units(part.text) <= TEXT_UNITS for part in found)


def test_choices_are_keys_that_write_their_text() -> None:  # field book 39
    keys = keyboard((Button("居" * 60), Button("不用")))
    assert isinstance(keys, ReplyKeyboardMarkup)
    assert [row[0].text for row in keys.keyboard] == ["居" * 60, "不用"]
    assert isinstance(keyboard(()), ReplyKeyboardRemove)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (RetryAfter(35), Outcome.RETRY),
        (Forbidden("Forbidden: bot was blocked by the user"), Outcome.UNREACHABLE),
        (BadRequest("Chat not found"), Outcome.UNREACHABLE),
        (BadRequest("PEER_ID_INVALID"), Outcome.UNREACHABLE),
        (BadRequest("Message is too long"), Outcome.FAILED),
        (ChatMigrated(-1001), Outcome.UNREACHABLE),
        (InvalidToken(), Outcome.FAILED),
        (TimedOut(), Outcome.RETRY),
        (NetworkError("Bad Gateway"), Outcome.RETRY),
        (TelegramError("Invalid server response"), Outcome.RETRY),
    ],
)
def test_what_a_refusal_means(fault: TelegramError, outcome: Outcome) -> None:
    assert receipt_for(fault).outcome is outcome


def test_retry_after_is_honoured_and_no_reason_tells_the_token() -> None:
    assert receipt_for(RetryAfter(35)).retry_after == 35
    url = "httpx.ConnectError: https://api.telegram.org/bot1:tok/sendMessage"
    assert "tok" not in receipt_for(NetworkError(url)).reason


def test_at_most_thirty_a_second_and_one_a_second_to_a_chat() -> None:  # field book 40
    pace, now, times = Pace(), 100.0, dict[int, float]()
    for chat in range(5000):
        now += pace.take(str(chat), now)
        times[chat] = now
    moments = sorted(times.values())
    assert all(b - a >= 1 / 30 - 1e-9 for a, b in pairwise(moments))
    assert moments[-1] - moments[0] == pytest.approx(5000 / 30, rel=0.01)
    first = pace.take("a", now)
    assert pace.take("a", now + first) == pytest.approx(1.0)


def test_after_a_refusal_nothing_goes() -> None:
    pace = Pace()
    pace.hold(35, now=10)
    assert pace.wait("any", now=10) == 35
    assert pace.wait("any", now=45) == 0
