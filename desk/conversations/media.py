"""Pictures and recordings: fetched from the platform, checked, and kept under names of our own."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from connectors import Channel, MediaError, MediaReference
from connectors import Media as Fetched
from desk.conversations.tables import Conversation, Media, Message
from desk.database import Database, now
from desk.residents.tables import Resident

log = logging.getLogger(__name__)

# A phone's picture has 12 to 50 million pixels; more is no photo but an attack on the decoder.
MAX_PIXELS = 60_000_000
_SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
_AUDIO = {"audio/amr": ".amr", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a"}


class UnusableMediaError(Exception):
    """The file is not what it claims to be, or nothing we keep."""


async def fetch(
    db: Database,
    channels: Mapping[str, Channel],
    folder: Path,
    message_id: int,
    *,
    last_try: bool,
) -> None:
    """Downloads the file of a message and stores it. A fault that passes raises MediaError for the
    queue to try again; another one is recorded with its reason."""
    async with db.transaction() as session:
        media = (await session.exec(select(Media).where(Media.message_id == message_id))).one()
        message = await session.get_one(Message, message_id)
        conversation = await session.get_one(Conversation, message.conversation_id)
        resident = await session.get_one(Resident, conversation.resident_id)
    if media.path or media.reason:
        return
    try:
        if (channel := channels.get(resident.channel)) is None:
            raise MediaError("the channel is off", passing=False)
        fetched = await channel.fetch(MediaReference(media.reference, media.content_type))
        path, content_type, size = keep(folder, message_id, fetched)
    except MediaError as error:
        if error.passing and not last_try:
            raise
        path, content_type, size, reason = "", "", 0, str(error)
    except UnusableMediaError as error:
        path, content_type, size, reason = "", "", 0, str(error)
    else:
        reason = ""
    if reason:
        log.warning("the media of message %s was not kept: %s", message_id, reason)
    async with db.transaction() as session:
        row = await session.get_one(Media, media.id)
        row.path, row.content_type, row.size, row.reason = path, content_type, size, reason
        row.fetched_at = now()


async def keep_upload(db: Database, folder: Path, message_id: int, uploaded: Fetched) -> None:
    """Stores a file that came together with its message; sent again, it is kept once."""
    try:
        path, content_type, size = keep(folder, message_id, uploaded)
        reason = ""
    except UnusableMediaError as error:
        path, content_type, size, reason = "", "", 0, str(error)
    async with db.transaction() as session:
        await session.exec(
            insert(Media)
            .values(
                message_id=message_id,
                reference="",
                path=path,
                content_type=content_type,
                size=size,
                reason=reason,
                fetched_at=now(),
            )
            .on_conflict_do_nothing(index_elements=["message_id"])
        )


def keep(folder: Path, message_id: int, fetched: Fetched) -> tuple[str, str, int]:
    """Writes a file below `folder`: (name, content type, bytes written).

    A picture is decoded and written again: what is hidden in it (GPS position, other formats) does
    not stay. Raises UnusableMediaError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if suffix := _AUDIO.get(fetched.content_type.partition(";")[0].strip().lower()):
        content, content_type = fetched.content, fetched.content_type
    else:
        content, suffix, content_type = _clean_picture(fetched.content)
    name = f"{message_id}{suffix}"
    (folder / name).write_bytes(content)
    return name, content_type, len(content)


def _clean_picture(content: bytes) -> tuple[bytes, str, str]:
    try:
        with Image.open(io.BytesIO(content), formats=list(_SUFFIX)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnusableMediaError("the picture has too many pixels")
            upright = ImageOps.exif_transpose(picture)
            kind = "PNG" if picture.format in ("PNG", "GIF") else "JPEG"
            clean = upright.convert("RGBA" if kind == "PNG" else "RGB")
            clean.info.clear()
            out = io.BytesIO()
            clean.save(out, kind, quality=88)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnusableMediaError("not a picture we can read") from error
    return out.getvalue(), _SUFFIX[kind], f"image/{kind.lower()}"
