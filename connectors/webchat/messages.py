"""From what the page posts to one message, with a sentence for the resident when it will not do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from connectors.base import Inbound, Kind, Location

CHANNEL = "webchat"

LONGEST_TEXT = 2000
"""Characters of one message. The page counts the same way and says so before sending."""

LARGEST_PICTURE = 8 * 1024 * 1024
"""Bytes of one picture. The page sends about 300 kB; only other clients come near the limit."""

_PICTURE_STARTS = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (8, b"WEBP"),
}


class Malformed(Exception):
    """Not a message: answer 400 with `detail`, a Chinese sentence that repeats nothing sent."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class _Point(BaseModel):
    """What browsers give: degrees in WGS84 and, in metres, how far off they may be."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, strict=True)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, strict=True)]
    accuracy: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 0


_UUID: TypeAdapter[UUID] = TypeAdapter(UUID)


def parse_message(data: bytes | Mapping[str, object], session: str, now: datetime) -> Inbound:
    """The words or the location in `{text | location, client_id}`, as JSON or already decoded.

    `session` names whose chat it is (never its token). The client_id is a UUID that the page made:
    the same one from the same session is the same message. Raises Malformed.
    """
    message = _json_object(data) if isinstance(data, bytes) else data
    external_id = _external_id(message.get("client_id"), session)
    point, text = message.get("location"), message.get("text")
    if point is not None:
        place = _point(point)
        return Inbound(
            CHANNEL,
            session,
            external_id,
            Kind.LOCATION,
            now,
            location=Location(place.latitude, place.longitude),
        )
    if not isinstance(text, str) or not text.strip():
        raise Malformed("消息内容为空，请写下您要说的事。")
    if len(text) > LONGEST_TEXT:
        raise Malformed(f"一条消息最多{LONGEST_TEXT}字，请分几次发送。")
    return Inbound(CHANNEL, session, external_id, Kind.TEXT, now, text=text)


def parse_media(
    content_type: str, content: bytes, client_id: object, session: str, now: datetime
) -> Inbound:
    """The message that a posted picture is: a JPEG, PNG or WebP of at most
    :data:`LARGEST_PICTURE` bytes whose first bytes are what `content_type` says. The picture itself
    stays with the caller. Raises Malformed; see :func:`parse_message` for the rest.
    """
    external_id = _external_id(client_id, session)
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _PICTURE_STARTS:
        raise Malformed("只能发送 JPG、PNG 或 WebP 图片。")
    if len(content) > LARGEST_PICTURE:
        raise Malformed(f"图片不能超过{LARGEST_PICTURE // 1024**2}MB，请换一张小一些的。")
    offset, start = _PICTURE_STARTS[kind]
    if not content.startswith(start, offset):
        raise Malformed("这张图片打不开，请换一张。")
    return Inbound(CHANNEL, session, external_id, Kind.IMAGE, now)


def _external_id(client_id: object, session: str) -> str:
    # With the session in front, nobody can take up another resident's id.
    try:
        return f"{session}:{_UUID.validate_python(client_id)}"
    except ValidationError:
        raise Malformed("消息缺少有效的编号，请刷新页面后重试。") from None


def _json_object(data: bytes) -> Mapping[str, object]:
    try:
        message: object = json.loads(data)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Malformed("消息格式不正确，请刷新页面后重试。")
    return message


def _point(value: object) -> _Point:
    try:
        return _Point.model_validate(value)
    except ValidationError:
        raise Malformed("位置信息不完整，请重新发送位置，或直接写出地点。") from None
