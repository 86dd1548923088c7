"""Ticket numbers, as the city gives them and as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tickets.number import (
    JOINED_MOST,
    PER_DAY,
    joined_number,
    parse_ticket_number,
    ticket_number,
)

DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
NUMBERS = st.builds(ticket_number, DAYS, st.integers(1, PER_DAY))


@given(DAYS, st.integers(1, PER_DAY))
def test_a_number_is_ys_and_twelve_digits_that_begin_with_the_day(day: date, running: int) -> None:
    number = ticket_number(day, running)
    assert number[:2] == "YS"
    assert number[2:].isdigit()
    assert len(number) == 14
    assert number[2:8] == f"{day:%y%m%d}"
    assert number[8:13] == f"{running:05d}"


@given(DAYS, st.integers(1, PER_DAY), st.integers(1, PER_DAY))
def test_two_tickets_of_a_day_have_different_numbers(day: date, one: int, other: int) -> None:
    assert (ticket_number(day, one) == ticket_number(day, other)) == (one == other)


@given(NUMBERS, st.integers(0, 11), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number: str, place: int, off: int) -> None:
    digits = number[2:]
    wrong = str((int(digits[place]) + off) % 10)
    assert parse_ticket_number(f"YS{digits[:place]}{wrong}{digits[place + 1 :]}") is None


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    swaps = found = 0
    for running in range(1, PER_DAY, 97):
        digits = ticket_number(date(2026, 11, 25), running)[2:]
        for at in range(11):
            if digits[at] != digits[at + 1]:
                swaps += 1
                swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
                found += parse_ticket_number(swapped) is None
    assert found / swaps > 0.97


@given(NUMBERS, st.sampled_from(["{}", " {} ", "\t{}\n", "\u3000{}"]))
def test_how_a_person_writes_it_does_not_matter(number: str, around: str) -> None:
    digits = number[2:]
    for written in (number, number.lower(), f"Ys{digits}", f"yS {digits}", digits, f"ys　{digits}"):
        assert parse_ticket_number(around.format(written)) == number


@given(NUMBERS)
def test_full_width_letters_and_digits_of_an_input_method_are_the_same_number(number: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    assert parse_ticket_number(wide) == number


@pytest.mark.parametrize(
    "written", ["", "YS", "YS26112500001", "YS2611250000170", "XX261125000017", "一二三", "YS-1"]
)
def test_what_cannot_be_a_number_is_none(written: str) -> None:
    assert parse_ticket_number(written) is None


@given(st.text())
def test_nothing_that_is_typed_breaks_it(written: str) -> None:
    number = parse_ticket_number(written)
    assert number is None or parse_ticket_number(number) == number


def test_after_the_last_number_of_a_day_there_is_none() -> None:
    ticket_number(date(2026, 11, 25), PER_DAY)
    for beyond in (0, PER_DAY + 1):
        with pytest.raises(ValueError, match="at most"):
            ticket_number(date(2026, 11, 25), beyond)


@given(NUMBERS, st.integers(1, JOINED_MOST))
def test_a_ticket_opened_into_another_carries_its_number(main: str, place: int) -> None:
    number = joined_number(main, place)
    assert number == f"{main}-{place}"
    written = (number, number.lower(), number[2:], f"{main} - {place}", f"{main}－{place}")
    for how in (*written, f"{main}之{place}"):
        assert parse_ticket_number(how) == number


@given(NUMBERS)
def test_nothing_is_opened_into_what_was_opened_into_another(main: str) -> None:
    for refused, place in ((joined_number(main, 1), 1), (main, 0), (main, JOINED_MOST + 1)):
        with pytest.raises(ValueError, match="opened into"):
            joined_number(refused, place)
    for written in (f"{main}-0", f"{main}-01", f"{main}-12345", f"{main}-", f"{main}-1-1"):
        assert parse_ticket_number(written) is None
