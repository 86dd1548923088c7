"""What a resident reads: one plain text, with choices as lines under it."""

from __future__ import annotations

import regex

from connectors.base import Outbound
from connectors.wechat.split import split_text

# Not allowed in XML 1.0, escaped or not (w3.org/TR/xml, Char); lone surrogates are not even UTF-8.
_NOT_XML = regex.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(message: Outbound) -> str:
    """The message as WeChat can show it. Text messages have no buttons, so that each choice
    becomes a line 回复【…】; characters that XML forbids are left out.
    """
    choices = (f"回复【{button.text}】" for button in message.buttons)
    text = "\n".join(line for line in (message.text, *choices) if line)
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def parts(message: Outbound) -> list[str]:
    """The texts to store and deliver for one message, in order, each within the platform's
    limit; none for an empty message.
    """
    return split_text(render(message))
