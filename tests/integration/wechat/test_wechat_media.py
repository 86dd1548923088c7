"""Files of residents, and what must never be taken for one."""

from __future__ import annotations

import pytest

from connectors.base import MediaError, MediaReference
from connectors.wechat import WeChat
from connectors.wechat.api import LARGEST_FILE
from tests.standins.wechat import MEDIA_PATH, WeChatControl
from tests.standins.wechat_rules import Json

PICTURE = b"\xff\xd8\xff\xe0 a picture"


async def test_a_file_is_fetched_with_its_type(api: WeChatControl, wechat: WeChat) -> None:
    api.media("a&b=1 图", PICTURE, "image/JPEG; charset=x")
    media = await wechat.fetch(MediaReference("a&b=1 图"))
    assert (media.content, media.content_type) == (PICTURE, "image/jpeg")
    api.revoke()
    assert (await wechat.fetch(MediaReference("a&b=1 图"))).content == PICTURE


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', "image/jpeg"),
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', "text/plain"),
        (b'{"video_url":"http://example.com/v.mp4"}', "application/json"),
        (b"<html>", "text/html"),
        (b"", "image/jpeg"),
        (b"x" * (LARGEST_FILE + 1), "image/jpeg"),
    ],
    ids=["error as a picture", "error", "video link", "page", "empty", "too large"],
)
async def test_what_is_no_file_is_never_taken_for_one(
    api: WeChatControl, wechat: WeChat, content: bytes, content_type: str
) -> None:
    api.media("file", content, content_type)
    with pytest.raises(MediaError) as error:
        await wechat.fetch(MediaReference("file"))
    assert not error.value.passing


@pytest.mark.parametrize(
    ("fault", "passing"),
    [
        ({"status": 503}, True),
        ({"errcode": -1}, True),
        ({"errcode": 40001}, True),
        ({"errcode": 40007}, False),
        ({"errcode": 48001}, False),
    ],
    ids=str,
)
async def test_a_fault_of_a_download_tells_whether_it_passes(
    api: WeChatControl, wechat: WeChat, fault: Json, *, passing: bool
) -> None:
    api.fault(MEDIA_PATH, **fault)
    with pytest.raises(MediaError) as error:
        await wechat.fetch(MediaReference("picture"))
    assert error.value.passing is passing
    assert api.calls()[MEDIA_PATH] <= 2
