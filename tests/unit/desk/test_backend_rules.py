"""Decisions about platforms: who is believed, when is tried again, what is late, what leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.city import City, Needed, Role
from desk.tickets.backends.base import CallbackRefusedError
from desk.tickets.backends.outgoing import WITHHELD, outgoing_step, outgoing_ticket
from desk.tickets.backends.sending import wait_after
from desk.tickets.backends.signing import sign, verify
from desk.tickets.backends.updates import course, is_late
from desk.tickets.datum import to_wgs84
from desk.tickets.tables import Ticket, TicketEvent

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def ticket(**more: Any) -> Ticket:
    parts: dict[str, Any] = {
        "number": "YS261125000011",
        "type": "incident",
        "topic": "030604",
        "description": "路灯坏了，电话13800138000",
        "place": "人民路12号",
        "phone": "13800138000",
        "state": "accepted",
        **more,
    }
    return Ticket(**parts)


def test_a_known_signature() -> None:
    # printf '1764043200.{}' | openssl dgst -sha256 -hmac secret
    headers = sign("secret", b"{}", datetime.fromtimestamp(1764043200, UTC))
    assert headers["X-Yingsheng-Timestamp"] == "1764043200"
    assert headers["X-Yingsheng-Signature"] == "sha256=" + EXPECTED


EXPECTED = "793e289a91ab272c3a4e1986002c74b1bd3b4021ea698737aa2239ce333fc445"


@given(st.binary(max_size=200), st.binary(max_size=200), st.text(min_size=1, max_size=30))
def test_a_signature_is_good_for_its_body_and_its_key_only(
    body: bytes, other: bytes, key: str
) -> None:
    headers = sign(key, body, NOON)
    moment, signature = headers.values()
    verify(["old", key], moment, signature, body, NOON)
    for keys, text in (
        ([key + "x"], body),
        ([key], other + b".") if other + b"." != body else ([], body),
    ):
        with pytest.raises(CallbackRefusedError):
            verify(keys, moment, signature, text, NOON)


@given(st.integers(-1000, 1000))
def test_the_window_is_five_minutes_either_way(seconds: int) -> None:
    moment, signature = sign("key", b"{}", NOON).values()
    at = NOON + timedelta(seconds=seconds)
    if abs(seconds) <= 300:
        verify(["key"], moment, signature, b"{}", at)
    else:
        with pytest.raises(CallbackRefusedError):
            verify(["key"], moment, signature, b"{}", at)


def test_the_waits_are_5_and_30_minutes_then_an_hour_each() -> None:
    minutes = [wait_after(n) / timedelta(minutes=1) for n in (1, 2, 3, 4, 50)]
    assert minutes == [5, 30, 60, 60, 60]


@pytest.mark.parametrize(
    ("sequence", "minutes", "last_sequence", "last_minutes", "late"),
    [
        (1, 0, None, None, False),
        (2, 0, 1, 5, False),  # its own count is believed, not its clock
        (1, 9, 2, 5, True),
        (2, 0, 2, 0, False),
        (None, 4, None, 5, True),
        (None, 5, None, 5, False),
        (None, 4, 3, 5, True),
        (4, 4, None, 5, True),
    ],
)
def test_what_is_late(
    sequence: int | None,
    minutes: int,
    last_sequence: int | None,
    last_minutes: int | None,
    *,
    late: bool,
) -> None:
    last_at = None if last_minutes is None else NOON + timedelta(minutes=last_minutes)
    at = NOON + timedelta(minutes=minutes)
    assert is_late(sequence, at, last_sequence, last_at) is late


def test_the_way_to_a_step_is_the_shortest(city: City) -> None:
    assert course(city.lifecycle, "acknowledged", "resolve") == ()
    assert course(city.lifecycle, "accepted", "acknowledge") == ("assign",)
    assert course(city.lifecycle, "accepted", "resolve") == ("assign", "acknowledge")
    assert course(city.lifecycle, "closed", "resolve") is None
    assert course(city.lifecycle, "accepted", "decline") is None
    assert course(city.lifecycle, "accepted", "no_such_step") is None


def test_no_way_leads_through_an_end_a_step_with_words_or_anothers_hands(city: City) -> None:
    lifecycle = city.lifecycle
    for state in lifecycle.states:
        for action, wanted in lifecycle.transitions.items():
            here = state
            for step in course(lifecycle, state, action) or ():
                transition = lifecycle.transitions[step]
                assert here in transition.sources
                assert Needed.NOTE not in transition.needs
                assert {Role.DEPARTMENT, Role.SYSTEM} & set(transition.roles)
                here = transition.to or here
                assert not lifecycle.states[here].ended
            if course(lifecycle, state, action) is not None:
                assert here in wanted.sources


@pytest.mark.parametrize("trusted", [False, True])
def test_what_leaves_of_a_plain_ticket(city: City, *, trusted: bool) -> None:
    sent = outgoing_ticket(city, ticket(), trusted=trusted)
    assert sent.phone == ("13800138000" if trusted else None)
    assert ("13800138000" in sent.description) is trusted
    assert sent.place == "人民路12号"
    assert sent.service_code == "0306"


def test_what_leaves_of_a_confidential_ticket_tells_nothing_of_whose(city: City) -> None:
    secret = ticket(
        type="violation", confidential=True, latitude=29.7, longitude=123.4, datum="wgs84"
    )
    sent = outgoing_ticket(city, secret, trusted=False)
    assert sent.description == WITHHELD
    assert (sent.place, sent.latitude, sent.longitude, sent.phone) == (None, None, None, None)
    event = TicketEvent(
        ticket_id=1, seq=2, action="supplement", to_state="accepted", actor="resident",
        role="resident", note="我是他邻居",
    )  # fmt: skip
    assert outgoing_step(city, secret, event, trusted=False, key="k").note == WITHHELD
    assert outgoing_step(city, secret, event, trusted=True, key="k").note == "我是他邻居"


def test_gcj02_is_brought_back_to_wgs84() -> None:
    # A pair that the open transformations of the field publish (Shanghai).
    north, east = to_wgs84(31.17530398364597, 121.531541859215, "gcj02")
    assert (north, east) == (
        pytest.approx(31.1774276, abs=1e-6),
        pytest.approx(121.5272106, abs=1e-6),
    )
    assert to_wgs84(31.1774276, 121.5272106, "wgs84") == (31.1774276, 121.5272106)
    assert to_wgs84(37.8, -122.4, "gcj02") == (37.8, -122.4)  # not in China
