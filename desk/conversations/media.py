"""Pictures and recordings: fetched from the platform, checked, and kept under names of our own."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlmodel import select

from connectors import Channel, MediaError, MediaReference
from connectors import Media as Fetched
from desk.conversations.tables import Conversation, Media, Message
from desk.database import Database, now
from desk.residents.tables import Resident

log = logging.getLogger(__name__)

# A phone's picture has 12 to 50 million pixels; more is no photo but an attack on the decoder.
MAX_PIXELS = 60_000_000
Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is decoded
# What is needed to read a house number on a photo; larger ones are made smaller.
LONGEST_SIDE = 4096
_SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
_AUDIO = {
    "audio/amr": ".amr",
    "audio/speex": ".speex",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
}
# Decoding takes a second and a few hundred megabytes: one at a time, beside the event loop.
_decoder = ThreadPoolExecutor(1, thread_name_prefix="pictures")


class UnusableMediaError(Exception):
    """The file is not what it claims to be, or nothing we keep."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the media folder: its name there, its type, its bytes."""

    name: str
    content_type: str
    size: int


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
    kept, reason = Kept("", "", 0), ""
    try:
        if (channel := channels.get(resident.channel)) is None:
            raise MediaError("the channel is off", passing=False)
        fetched = await channel.fetch(MediaReference(media.reference, media.content_type))
        kept = await keep(folder, f"message:{message_id}", fetched)
    except MediaError as error:
        if error.passing and not last_try:
            raise
        reason = str(error)
    except UnusableMediaError as error:
        reason = str(error)
    if reason:
        log.warning("the media of message %s was not kept: %s", message_id, reason)
    async with db.transaction() as session:
        row = await session.get_one(Media, media.id)
        row.path, row.content_type, row.size = kept.name, kept.content_type, kept.size
        row.reason, row.fetched_at = reason, now()


async def keep(folder: Path, owner: str, fetched: Fetched) -> Kept:
    """Writes a file into `folder`. The same file of the same `owner` is written once.

    A picture is decoded and written again: what is hidden in it (GPS position, other formats) does
    not stay. Raises UnusableMediaError.
    """
    return await asyncio.get_running_loop().run_in_executor(_decoder, _keep, folder, owner, fetched)


def _keep(folder: Path, owner: str, fetched: Fetched) -> Kept:
    if suffix := _AUDIO.get(fetched.content_type.partition(";")[0].strip().lower()):
        content, content_type = fetched.content, fetched.content_type
    else:
        content, suffix, content_type = _clean_picture(fetched.content)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = hashlib.sha256(owner.encode() + b"\0" + content).hexdigest()[:32] + suffix
    (folder / name).write_bytes(content)
    return Kept(name, content_type, len(content))


def _clean_picture(content: bytes) -> tuple[bytes, str, str]:
    try:
        with Image.open(io.BytesIO(content), formats=list(_SUFFIX)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnusableMediaError("the picture has too many pixels")
            kind = "PNG" if picture.format in ("PNG", "GIF") else "JPEG"
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            clean = upright.convert("RGBA" if kind == "PNG" else "RGB")
            clean.info.clear()
            out = io.BytesIO()
            clean.save(out, kind, quality=88)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnusableMediaError("not a picture we can read") from error
    return out.getvalue(), _SUFFIX[kind], f"image/{kind.lower()}"
