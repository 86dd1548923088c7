"""A Telegram bot: updates in, by webhook or polling; plain messages with reply keyboards out.

What residents write leaves the country: the channel is off unless a city turns it on. Only private
chats are served. Incoming (pure): :func:`verify_secret`, then :func:`parse_update`; or
:func:`poll`. Outgoing: :class:`TelegramChannel`, with texts cut by :func:`parts`.
"""

from connectors.telegram.account import TelegramAccount
from connectors.telegram.client import TelegramChannel, set_webhook
from connectors.telegram.errors import Forbidden, Malformed, SetupError
from connectors.telegram.outgoing import parts
from connectors.telegram.polling import poll
from connectors.telegram.updates import CHANNEL, parse_update, verify_secret

__all__ = [
    "CHANNEL",
    "Forbidden",
    "Malformed",
    "SetupError",
    "TelegramAccount",
    "TelegramChannel",
    "parse_update",
    "parts",
    "poll",
    "set_webhook",
    "verify_secret",
]
