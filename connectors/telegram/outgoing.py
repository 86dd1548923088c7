"""How a message looks on Telegram: plain text in parts that fit, choices as a keyboard."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import regex
from telegram import ReplyKeyboardMarkup, ReplyKeyboardRemove

from connectors.base import Button, Outbound

TEXT_UNITS = 4096
"""The longest text, in UTF-16 units: https://core.telegram.org/bots/api#sendmessage says
characters, and counts an emoji as two."""

_CHARACTER = regex.compile(r"\X")
# Where to cut, best first: after a paragraph, a sentence, a clause or word. None of these is inside
# a link or a ticket number.
_PAUSES = (
    regex.compile(r"\n+"),
    regex.compile(r"[。！？；…]+[”’」』）】》]*"),
    regex.compile(r"[，、：\s]+"),
)

_CHOOSE = "请选择："


def parts(message: Outbound) -> list[Outbound]:
    """The messages to send for one, in order, each within :data:`TEXT_UNITS`; the last carries the
    buttons. None for an empty message, which Telegram would refuse again and again.
    """
    text = message.text.strip() or (_CHOOSE if message.buttons else "")
    texts = [body for part in _cut(text) if (body := part.strip())]
    last = len(texts) - 1
    return [Outbound(one, message.buttons if n == last else ()) for n, one in enumerate(texts)]


def keyboard(buttons: tuple[Button, ...]) -> ReplyKeyboardMarkup | ReplyKeyboardRemove:
    """The choices as keys that write their text for the resident: what comes back is an ordinary
    message, without callback data and its limit of 64 bytes. Without choices, the keys of an
    earlier message go away.
    """
    if not buttons:
        return ReplyKeyboardRemove()
    rows = [[button.text] for button in buttons]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)


def _cut(text: str) -> Iterator[str]:
    sizes = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
    start = 0
    while sizes[-1] - sizes[start] > TEXT_UNITS:
        reach = start
        for match in _CHARACTER.finditer(text, start):
            if sizes[match.end()] - sizes[start] > TEXT_UNITS:
                break
            reach = match.end()
        if reach == start:  # one character as readers see it that is longer than a message
            reach = bisect_right(sizes, sizes[start] + TEXT_UNITS) - 1
        cut = _best(text, start, reach)
        yield text[start:cut]
        start = cut
    yield text[start:]


def _best(text: str, start: int, reach: int) -> int:
    """The last pause in the later half of a part; its end when there is none."""
    for pause in _PAUSES:
        ends = [match.end() for match in pause.finditer(text, (start + reach) // 2, reach)]
        if ends:
            return ends[-1]
    return reach
