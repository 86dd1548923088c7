"""When the next message may go, so that Telegram need not say "too many requests"."""

from __future__ import annotations

from dataclasses import dataclass, field

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
_EVERY_SECONDS = 1 / 30
_CHAT_SECONDS = 1.0
_MANY_CHATS = 10_000


@dataclass(slots=True)
class Pace:
    """At most 30 messages a second in all, and one a second to each chat.

    Times are seconds of any clock that only goes forward. After a refusal (429) everything waits,
    as the limiter of python-telegram-bot does: Telegram does not say which limit was hit.
    """

    _free: float = 0.0
    _chats: dict[str, float] = field(default_factory=dict[str, float])

    def wait(self, chat: str, now: float) -> float:
        """Seconds until a message to `chat` may go; 0 when it may go now."""
        return max(0.0, self._free - now, self._chats.get(chat, 0.0) - now)

    def take(self, chat: str, now: float) -> float:
        """Keeps the next free moment for a message to `chat`; gives the seconds until then."""
        wait = self.wait(chat, now)
        self._free = max(self._free, now + wait) + _EVERY_SECONDS
        if len(self._chats) > _MANY_CHATS:
            self._chats = {one: free for one, free in self._chats.items() if free > now}
        self._chats[chat] = now + wait + _CHAT_SECONDS
        return wait

    def hold(self, seconds: float, now: float) -> None:
        """Nothing goes for so many seconds."""
        self._free = max(self._free, now + seconds)
