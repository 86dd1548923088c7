"""The bot's settings, as @BotFather gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# https://core.telegram.org/bots/api#setwebhook, secret_token
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    """One bot. `secret` is what Telegram repeats in a header of every webhook call; empty when the
    bot is polled. `api_url` is another server that speaks the Bot API.

    Raises ValueError for a secret that Telegram would refuse. Secrets stay out of `repr`.
    """

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    api_url: str = "https://api.telegram.org"

    def __post_init__(self) -> None:
        if self.secret and not _SECRET.fullmatch(self.secret):
            raise ValueError("the Telegram secret must be 1 to 256 of A-Z, a-z, 0-9, _ and -")
