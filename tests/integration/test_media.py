"""Pictures and recordings are kept clean, once, and never at the price of the message."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from connectors import Kind, Media, MediaError, MediaReference
from connectors.wechat import WeChat
from desk.city import City
from desk.conversations.media import MAX_PIXELS, UnusableMediaError, fetch, keep
from desk.conversations.receive import receive
from desk.conversations.world import World
from desk.database import Database
from tests.harness.letters import let_time_pass, letter, put, rows, work_off, world_of
from tests.standins.wechat import MEDIA_PATH, WeChatControl, wechat_api
from tests.standins.wechat_setting import RESIDENT, SharedToken, account

GPS = 0x8825


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), **more: object) -> bytes:
    out = io.BytesIO()
    mode = "RGB" if form == "JPEG" else "RGBA"
    Image.new(mode, size, "orange").save(out, form, **more)
    return out.getvalue()


def located_picture(orientation: int = 6) -> bytes:
    """A photo as a phone takes it: turned, and telling where."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS)[2] = (22.0, 48.0, 36.0)
    exif.get_ifd(GPS)[1] = "N"
    return picture(exif=exif)


def files(folder: Path) -> dict[str, bytes]:
    """What is in the media folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def kept(folder: Path, content: bytes) -> Image.Image:
    file = await keep(folder, "m1", Media(content, "image/jpeg"))
    stored = files(folder)[file.name]
    assert len(stored) == file.size
    return Image.open(io.BytesIO(stored))


async def test_what_a_photo_tells_beside_its_picture_does_not_stay(tmp_path: Path) -> None:
    photo = located_picture()
    assert Image.open(io.BytesIO(photo)).getexif().get_ifd(GPS)
    clean = await kept(tmp_path, photo)
    assert not clean.getexif()
    assert "exif" not in clean.info
    assert b"PhoneMaker" not in b"".join(files(tmp_path).values())


async def test_a_photo_taken_upright_is_kept_upright(tmp_path: Path) -> None:
    assert (await kept(tmp_path, located_picture())).size == (20, 40)


@pytest.mark.parametrize(
    ("form", "becomes"), [("JPEG", "JPEG"), ("WEBP", "JPEG"), ("PNG", "PNG"), ("GIF", "PNG")]
)
async def test_every_usual_picture_is_kept_as_one_that_everyone_can_open(
    tmp_path: Path, form: str, becomes: str
) -> None:
    clean = await kept(tmp_path, picture(form))
    clean.load()
    assert clean.format == becomes
    assert clean.size == (40, 20)


async def test_of_a_moving_picture_the_first_one_is_kept(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    clean = await kept(tmp_path, out.getvalue())
    assert clean.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


async def test_a_huge_photo_is_made_smaller(tmp_path: Path) -> None:
    clean = await kept(tmp_path, picture(size=(6000, 100)))
    assert clean.size[0] == 4096


def bomb(side: int) -> bytes:
    """A small file that would unpack to side × side pixels."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"MZ\x90\x00" * 50,
        "路灯坏了".encode(),
        picture()[:200],
        picture("PNG")[:60],
        bomb(8_000),
        bomb(20_000),
    ],
    ids=["empty", "stub", "svg", "pdf", "exe", "text", "half jpeg", "half png", "bomb", "big bomb"],
)
async def test_what_is_no_picture_is_refused_and_nothing_of_it_stays(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(UnusableMediaError):
        await keep(tmp_path, "m1", Media(content, "image/png"))
    assert files(tmp_path) == {}


def test_a_bomb_is_larger_than_any_photo() -> None:
    assert 8_000 * 8_000 > MAX_PIXELS > 50_000_000


async def test_while_a_picture_is_decoded_everything_else_goes_on(tmp_path: Path) -> None:
    noise = Image.effect_noise((4000, 4000), 60).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG")
    working = asyncio.create_task(keep(tmp_path, "m1", Media(out.getvalue(), "image/jpeg")))
    turns = 0
    while not working.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 10


@pytest.mark.parametrize(
    ("content_type", "ending"),
    [("audio/amr", ".amr"), ("audio/ogg; codecs=opus", ".ogg"), ("audio/speex", ".speex")],
)
async def test_a_recording_is_kept_as_it_came(
    tmp_path: Path, content_type: str, ending: str
) -> None:
    file = await keep(tmp_path, "m1", Media(b"#!AMR\nsound", content_type))
    assert file.name.endswith(ending)
    assert files(tmp_path) == {file.name: b"#!AMR\nsound"}


async def test_files_have_names_of_our_own_that_nobody_can_guess(tmp_path: Path) -> None:
    content = Media(picture(), "image/jpeg")
    one = await keep(tmp_path, "../../m1", content)
    other = await keep(tmp_path, "m2", content)
    again = await keep(tmp_path, "../../m1", content)
    assert one.name == again.name != other.name
    assert set(files(tmp_path)) == {one.name, other.name}


async def test_a_picture_of_the_page_is_stored_with_its_message_once(
    db: Database, tmp_path: Path
) -> None:
    upload = await keep(tmp_path, "page:1", Media(picture(), "image/jpeg"))
    sent = letter(kind=Kind.IMAGE, external_id="page:1")
    for _ in range(3):
        await receive(db, sent, upload=upload)
    [row] = await rows(db, "SELECT path, size, content_type, fetched_at FROM media")
    assert (row["path"], row["size"]) == (upload.name, upload.size)
    assert row["content_type"] == "image/jpeg"
    assert row["fetched_at"] is not None


@pytest.fixture
def api() -> Iterator[WeChatControl]:
    with wechat_api() as running:
        running.did(RESIDENT)
        yield running


@pytest.fixture
async def world(
    db: Database, city: City, api: WeChatControl, tmp_path: Path
) -> AsyncIterator[World]:
    channel = WeChat(account(api), SharedToken())
    yield world_of(db, city, channels={"wechat": channel}, media_dir=tmp_path)
    await channel.aclose()


async def sent_picture(db: Database, reference: str = "picture-1", kind: Kind = Kind.IMAGE) -> int:
    sent = await put(
        db, "", channel="wechat", user=RESIDENT, kind=kind, media=MediaReference(reference)
    )
    await rows(db, "DELETE FROM procrastinate_jobs WHERE task_name = 'turn'")
    return sent.message_id


async def test_a_picture_on_the_platform_is_fetched(
    world: World, api: WeChatControl, tmp_path: Path
) -> None:
    api.media("picture-1", located_picture(), "image/jpeg")
    await sent_picture(world.db)
    await work_off(world)
    [row] = await rows(world.db, "SELECT path, reason, content_type FROM media")
    assert row["reason"] == ""
    assert not Image.open(io.BytesIO(files(tmp_path)[row["path"]])).getexif()


async def test_a_fault_that_passes_is_waited_out(world: World, api: WeChatControl) -> None:
    api.media("picture-1", picture(), "image/jpeg")
    api.fault(MEDIA_PATH, times=2, errcode=-1)
    await sent_picture(world.db)
    for _ in range(3):
        await work_off(world)
        await let_time_pass(world.db)
    [row] = await rows(world.db, "SELECT path, reason FROM media")
    assert row["path"]
    assert row["reason"] == ""


async def test_a_picture_that_is_gone_leaves_its_reason(world: World, api: WeChatControl) -> None:
    await sent_picture(world.db, "picture-gone")
    await work_off(world)
    [row] = await rows(world.db, "SELECT path, reason, fetched_at FROM media")
    assert row["path"] == ""
    assert "40007" in row["reason"]
    assert row["fetched_at"] is not None


async def test_a_file_that_is_no_picture_leaves_its_reason(
    world: World, api: WeChatControl, tmp_path: Path
) -> None:
    api.media("picture-1", b"MZ\x90\x00", "image/jpeg")
    await sent_picture(world.db)
    await work_off(world)
    [row] = await rows(world.db, "SELECT path, reason FROM media")
    assert row["path"] == ""
    assert row["reason"]
    assert files(tmp_path) == {}


async def test_after_many_tries_the_reason_is_recorded(world: World, api: WeChatControl) -> None:
    api.fault(MEDIA_PATH, errcode=-1)
    message_id = await sent_picture(world.db)
    with pytest.raises(MediaError):
        await fetch(world.db, world.channels, world.media_dir, message_id, last_try=False)
    await fetch(world.db, world.channels, world.media_dir, message_id, last_try=True)
    [row] = await rows(world.db, "SELECT path, reason FROM media")
    assert row["path"] == ""
    assert "系统繁忙" in row["reason"]


async def test_a_file_that_is_there_is_not_fetched_again(world: World, api: WeChatControl) -> None:
    api.media("picture-1", picture(), "image/jpeg")
    message_id = await sent_picture(world.db)
    for _ in range(3):
        await fetch(world.db, world.channels, world.media_dir, message_id, last_try=False)
    assert api.calls()[MEDIA_PATH] == 1
