"""The platform's message kinds and events as :class:`Inbound`.

Sources: developers.weixin.qq.com, 接收普通消息 and 接收事件推送. wechatpy reads the XML; whatever
it trips over becomes Malformed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from xml.parsers.expat import ExpatError

import regex
from wechatpy.messages import BaseMessage
from wechatpy.parser import parse_message

from connectors.base import Inbound, Kind, Location, MediaReference
from connectors.wechat.errors import Malformed

CHANNEL = "wechat"

# What the platform sends as the text in place of a sticker and other things it does not pass on.
_NOT_PASSED_ON = "【收到不支持的消息类型，暂无法显示】"
# Sounds that speech recognition makes of a breath or a pause. Words that answer, 对, 好 or 是, are
# not among them.
_FILLER = regex.compile(r"[嗯啊哦呃额唔哎诶喂呀嘿哈呣哼\p{P}\p{Z}\s]*")
_RECORDINGS = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}
_LONGEST_OPENID = 128


@dataclass(frozen=True, slots=True)
class Message:
    """What the XML said: the resident, the account written to, and what it means for the desk."""

    user: str
    official_id: str
    inbound: Inbound | None


def parse(xml: bytes) -> Message:
    """Reads a verified message. Raises Malformed for anything but a well-formed one in UTF-8."""
    try:
        # wechatpy hands entity declarations to xmltodict, which refuses them (ValueError).
        message: BaseMessage | None = parse_message(xml)
    except (ExpatError, ValueError, KeyError, TypeError, AttributeError):
        # Not XML, not UTF-8, no <xml>, no MsgType, elements where text belongs.
        raise Malformed("not a message") from None
    if message is None:
        raise Malformed("empty body")
    user = _text(message, "source")
    if not 0 < len(user) <= _LONGEST_OPENID:
        raise Malformed("no FromUserName")
    return Message(user, _text(message, "target"), _inbound(message, user))


def heard(recognition: str) -> str:
    """The words of a recording, or "" when recognition gave none worth acting on."""
    return "" if _FILLER.fullmatch(recognition) else recognition


def _inbound(message: BaseMessage, user: str) -> Inbound | None:
    if message.type == "event":
        return _event(message, user)
    number = _number(message, "id")
    if number == 0:
        # Ordinary messages carry a MsgId; what has none is an event unknown to wechatpy.
        if message.type != "unknown":
            raise Malformed("no MsgId")
        return None
    at = _time(message)
    text, location, media = "", None, None
    match message.type:
        case "text":
            text = _text(message, "content")
            kind = Kind.UNSUPPORTED if text == _NOT_PASSED_ON else Kind.TEXT
            text = "" if kind is Kind.UNSUPPORTED else text
        case "image":
            kind, media = Kind.IMAGE, MediaReference(_media_id(message))
        case "voice":
            kind, text = Kind.VOICE, heard(_text(message, "recognition"))
            recording = _RECORDINGS.get(_text(message, "format").lower(), "")
            media = MediaReference(_media_id(message), recording)
        case "location":
            kind, location = Kind.LOCATION, _location(message)
        case "link":
            kind = Kind.LINK
            told = (_text(message, field) for field in ("title", "description", "url"))
            text = "\n".join(line for line in told if line)
        case _:
            kind = Kind.UNSUPPORTED
    return Inbound(CHANNEL, user, str(number), kind, at, text, location, media)


def _event(message: BaseMessage, user: str) -> Inbound | None:
    key = _text(message, "key") or _text(message, "scene_id")
    text = ""
    match message.event:
        case "subscribe" | "subscribe_scan" | "subscribe_scan_product" | "scan":
            # Scanning the account's code again opens the chat, as following does.
            kind = Kind.FOLLOW
        case "unsubscribe":
            kind = Kind.UNFOLLOW
        case "click" if key:
            # A menu key is plain words: the resident says them by choosing.
            kind, text = Kind.TEXT, key
        case _:
            return None
    at = _time(message)
    # Events have no MsgId, and two can share a second.
    parts = [user, str(int(at.timestamp())), str(message.event), *([key] if key else [])]
    return Inbound(CHANNEL, user, ":".join(parts), kind, at, text)


def _location(message: BaseMessage) -> Location:
    try:
        latitude = float(_text(message, "location_x"))
        longitude = float(_text(message, "location_y"))
    except ValueError:
        raise Malformed("a location without coordinates") from None
    on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    if not (isfinite(latitude) and isfinite(longitude) and on_earth):
        raise Malformed("a location off the earth")
    return Location(latitude, longitude, _text(message, "label"), system="gcj02")


def _media_id(message: BaseMessage) -> str:
    media_id = _text(message, "media_id")
    if not media_id:
        raise Malformed("no MediaId")
    return media_id


def _time(message: BaseMessage) -> datetime:
    try:
        return datetime.fromtimestamp(_number(message, "time"), UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed("no CreateTime") from None


def _text(message: BaseMessage, field: str) -> str:
    """A field's text; "" when the message has no such element, or it is empty."""
    value: object = getattr(message, field, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{field} is not text")
    return value


def _number(message: BaseMessage, field: str) -> int:
    try:
        return int(getattr(message, field))
    except (ValueError, TypeError):
        raise Malformed(f"{field} is not a number") from None
