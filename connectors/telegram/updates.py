"""From an update of the Bot API to one message. Pure; used by the webhook and by polling."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from telegram import ChatMember, ChatMemberUpdated, Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from connectors.base import Inbound, Kind, Location, MediaReference
from connectors.telegram.errors import Forbidden, Malformed

CHANNEL = "telegram"

WANTED = ("message", "my_chat_member")
"""What Telegram is asked to send (`allowed_updates`). An edit of a message that was answered
already is not a new message, and this channel has no buttons that call back."""

# The payload of a deep link: https://core.telegram.org/bots/features#deep-linking
_START = re.compile(r"/start(@\w+)?( [A-Za-z0-9_-]{1,64})?", re.ASCII)


_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def verify_secret(given: str | None, secret: str) -> None:
    """Compares the header X-Telegram-Bot-Api-Secret-Token with the account's secret, in a time
    that tells nothing. Raises Forbidden, always when no secret is set.
    """
    if not secret or not hmac.compare_digest((given or "").encode(), secret.encode()):
        raise Forbidden("wrong secret token")


def parse_update(data: bytes | Mapping[str, Any], now: datetime) -> Inbound | None:
    """What a resident did; None for all that is acknowledged and otherwise ignored: groups and
    channels, edits, polls, bots, service messages, kinds of update that do not exist yet.

    `external_id` is the update_id, so that an update delivered again is the same message. Raises
    Malformed for what is no update.
    """
    try:
        # The library's parser takes what it is given; wrong types come out as these errors.
        content: Any = json.loads(data) if isinstance(data, bytes) else data
        update_id, message = content["update_id"], content.get("message")
        if type(update_id) is not int:
            raise Malformed("no update_id")
        if change := content.get("my_chat_member"):
            return _departure(update_id, ChatMemberUpdated.de_json(change), now)
        return _message(update_id, _read(message), now) if message else None
    except _UNREADABLE as fault:
        raise Malformed(f"not an update: {type(fault).__name__}") from None


def _read(message: Any) -> Message:
    """The message as the library knows it. One with content from after its time is kept as one
    with none: left unacknowledged, it would come back for ever (RasaHQ/rasa#5654).
    """
    try:
        return Message.de_json(message)
    except _UNREADABLE:
        return Message.de_json(
            {key: message[key] for key in ("message_id", "date", "chat", "from")}
        )


def _departure(update_id: int, change: ChatMemberUpdated, now: datetime) -> Inbound | None:
    # Coming back needs no news: the resident writes, or presses start.
    blocked = change.new_chat_member.status == ChatMember.BANNED
    if change.chat.type != ChatType.PRIVATE or not blocked:
        return None
    at = min(change.date, now)
    return Inbound(CHANNEL, str(int(change.chat.id)), str(update_id), Kind.UNFOLLOW, at)


def _message(update_id: int, message: Message, now: datetime) -> Inbound | None:
    sender = message.from_user
    if message.chat.type != ChatType.PRIVATE or sender is None or sender.is_bot:
        return None
    if filters.StatusUpdate.ALL.check_update(Update(update_id, message=message)):
        return None
    kind, media, location = _content(message)
    return Inbound(
        channel=CHANNEL,
        user=str(int(message.chat.id)),
        external_id=str(update_id),
        kind=kind,
        at=min(message.date, now),
        text="" if kind is Kind.FOLLOW else message.text or message.caption or "",
        location=location,
        media=media,
    )


def _content(message: Message) -> tuple[Kind, MediaReference | None, Location | None]:
    if message.text is not None:
        return (Kind.FOLLOW if _START.fullmatch(message.text) else Kind.TEXT), None, None
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Kind.IMAGE, MediaReference(largest.file_id, "image/jpeg"), None
    if (file := message.document) and (file.mime_type or "").startswith("image/"):
        return Kind.IMAGE, MediaReference(file.file_id, file.mime_type or ""), None
    if voice := message.voice:
        # The Bot API recognises no speech: the text stays empty.
        return Kind.VOICE, MediaReference(voice.file_id, voice.mime_type or "audio/ogg"), None
    if point := message.location:
        venue = message.venue
        label = f"{venue.title} {venue.address}".strip() if venue else ""
        place = Location(float(point.latitude), float(point.longitude), label)
        return Kind.LOCATION, None, place
    return Kind.UNSUPPORTED, None, None
