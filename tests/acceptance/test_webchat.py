"""The web chat, as the page and as strangers meet it."""

from __future__ import annotations

import io
import json
import threading
import time
import uuid

import httpx
import pytest
from PIL import Image

from tests.harness.http import HTTP
from tests.harness.residents import LAMP, open_ticket, ticket_number
from tests.harness.system import System, WebResident


def picture(form: str = "JPEG", *, located: bool = False) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    if located:
        exif.get_ifd(0x8825)[2] = (22.0, 48.0, 36.0)
    Image.new("RGB", (60, 40), "orange").save(out, form, exif=exif)
    return out.getvalue()


def upload(
    resident: WebResident,
    content: bytes,
    content_type: str = "image/jpeg",
    client_id: str | None = None,
) -> httpx.Response:
    return HTTP.post(
        f"{resident.system.url}/channels/webchat/media",
        params={"client_id": client_id or str(uuid.uuid4())},
        content=content,
        headers={**resident.headers, "Content-Type": content_type},
        timeout=20,
    )


def test_the_first_thing_read_is_that_this_is_a_bot_and_what_is_kept(
    resident: WebResident,
) -> None:
    [told] = resident.answer()
    assert "机器人" in told
    notice = HTTP.get(f"{resident.system.url}/channels/webchat/notice").json()
    assert "个人信息" in notice["title"]
    assert len(notice["paragraphs"]) >= 3


def test_a_message_sent_twice_by_a_bad_network_is_one_message(resident: WebResident) -> None:
    resident.answer()
    client_id = str(uuid.uuid4())
    ids = [resident.post(LAMP, client_id).json()["id"] for _ in range(3)]
    assert len(set(ids)) == 1
    assert len(resident.answer()) >= 1
    time.sleep(0.5)
    resident.read()
    mine = [m for m in resident.history if m["author"] == "resident"]
    assert [(m["text"], m["client_id"]) for m in mine] == [(LAMP, client_id)]


def test_another_resident_cannot_take_up_ones_message_id(running: System) -> None:
    one, other = WebResident(running), WebResident(running)
    client_id = str(uuid.uuid4())
    one.post("路灯坏了", client_id)
    assert other.post("水管爆了", client_id).status_code == 202
    other.answer()
    texts = [m["text"] for m in other.history]
    assert "水管爆了" in texts
    assert "路灯坏了" not in texts


def test_confirming_twice_makes_one_ticket(resident: WebResident) -> None:
    number = open_ticket(resident)
    again = "\n".join(resident.say("确认提交"))
    assert number in again
    [row] = resident.system.query(
        "SELECT count(*) AS n FROM ticket WHERE resident_id = "
        "(SELECT resident_id FROM ticket WHERE number = %s)",
        number,
    )
    assert row["n"] == 1


def test_a_picture_is_seen_by_its_owner_alone_and_tells_nothing_but_itself(
    running: System, resident: WebResident
) -> None:
    resident.say(LAMP)
    sent = upload(resident, picture(located=True))
    assert sent.status_code == 202
    told = "\n".join(resident.answer())
    assert "图片" in told
    [mine] = [m for m in resident.history if m["kind"] == "image"]
    url = f"{running.url}{mine['media_url']}"
    seen = HTTP.get(url, headers=resident.headers)
    assert seen.status_code == 200
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert not Image.open(io.BytesIO(seen.content)).getexif()
    stranger = WebResident(running)
    assert HTTP.get(url, headers=stranger.headers).status_code == 404
    assert HTTP.get(url).status_code == 401


def test_a_picture_sent_twice_is_one_picture(resident: WebResident) -> None:
    resident.say(LAMP)
    client_id = str(uuid.uuid4())
    ids = {upload(resident, picture(), client_id=client_id).json()["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (picture("GIF"), "image/gif"),
        (picture(), "image/png"),
        (b"<svg/>", "image/svg+xml"),
        (b"\xff\xd8\xff and nothing else", "image/jpeg"),
        (b"", "image/jpeg"),
        (b"\xff\xd8\xff" + b"a" * (8 * 1024 * 1024), "image/jpeg"),
    ],
    ids=["gif", "wrong type", "svg", "broken", "empty", "over 8 MB"],
)
def test_what_is_no_picture_is_refused_with_a_sentence_and_leaves_no_message(
    resident: WebResident, content: bytes, content_type: str
) -> None:
    refused = upload(resident, content, content_type)
    assert refused.status_code == 400
    assert refused.json()["detail"]
    resident.read()
    assert [m for m in resident.history if m["author"] == "resident"] == []


def test_a_shared_location_is_the_place_of_the_ticket(
    running: System, resident: WebResident
) -> None:
    resident.say("路灯坏了")
    answer = HTTP.post(
        f"{running.url}/channels/webchat/messages",
        headers=resident.headers,
        json={
            "location": {"latitude": 22.81, "longitude": 113.29, "accuracy": 12},
            "client_id": str(uuid.uuid4()),
        },
    )
    assert answer.status_code == 202
    assert "电话" in "\n".join(resident.answer())
    resident.say("跳过")
    number = ticket_number(resident.say("确认提交"))
    [row] = running.query("SELECT latitude, longitude, datum FROM ticket WHERE number = %s", number)
    assert row == {"latitude": 22.81, "longitude": 113.29, "datum": "wgs84"}


def test_a_waiting_page_has_the_news_at_once(running: System, resident: WebResident) -> None:
    number = open_ticket(resident)
    resident.read()
    news: list[tuple[float, list[str]]] = []

    def wait() -> None:
        new = resident.read(wait=20)
        news.append((time.monotonic(), [m["text"] for m in new]))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert running.cli("ticket", number, "assign").returncode == 0
    told = time.monotonic()
    waiting.join(20)
    arrived, texts = news[0]
    assert number in texts[0]
    assert arrived - told < 5  # of the twenty seconds it would have waited


def test_a_page_that_waits_in_vain_is_let_go_in_time(resident: WebResident) -> None:
    resident.answer()
    began = time.monotonic()
    assert resident.read(wait=1.5) == []
    assert 1.3 < time.monotonic() - began < 10


def test_events_are_the_same_messages_as_a_stream_and_can_be_taken_up_again(
    running: System, resident: WebResident
) -> None:
    resident.answer()
    resident.post("你好")
    resident.answer()

    def first(count: int, **more: str) -> list[dict[str, object]]:
        url = f"{running.url}/channels/webchat/events"
        found: list[dict[str, object]] = []
        headers = {**resident.headers, **more}
        with HTTP.stream("GET", url, headers=headers, timeout=10) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    found.append(json.loads(line[6:]))
                if len(found) == count:
                    break
        return found

    history = [{"id": m["id"], "text": m["text"]} for m in resident.history]
    streamed = first(len(history))
    assert [{"id": m["id"], "text": m["text"]} for m in streamed] == history
    assert first(1, **{"Last-Event-ID": str(history[0]["id"])})[0]["id"] == history[1]["id"]


def test_staff_at_a_terminal_are_told_in_a_line_what_cannot_be_done(running: System) -> None:
    number = open_ticket(WebResident(running))
    refused = running.cli("ticket", number, "resolve", "--note", "好了")
    assert refused.returncode == 1
    assert "班长不能办结" in refused.stderr
    assert "Traceback" not in refused.stderr
    unknown = running.cli("ticket", "YS200101000014", "assign")
    assert unknown.returncode == 1
    assert "没有编号" in unknown.stderr
    nonsense = running.cli("ticket", "hello", "assign")
    assert nonsense.returncode == 2
    assert "不是工单编号" in nonsense.stderr


def test_a_person_takes_over_replies_and_gives_back(running: System, resident: WebResident) -> None:
    told = "\n".join(resident.say("转人工"))
    assert "人工" in told
    listed = running.cli("conversation", "list")
    assert "queued" in listed.stdout
    [row] = running.query(
        "SELECT id FROM conversation WHERE mode = 'queued' ORDER BY id DESC LIMIT 1"
    )
    conversation = str(row["id"])
    assert (
        running.cli(
            "conversation", "reply", conversation, "您好，我是小王", "--as", "小王"
        ).returncode
        == 0
    )
    assert resident.answer() == ["您好，我是小王"]
    taken = running.cli("conversation", "take", conversation, "--as", "小李")
    assert taken.returncode == 1
    assert "小王" in taken.stderr
    resident.post("还有一件事")
    time.sleep(1)
    assert [m for m in resident.read() if m["author"] == "bot"] == []
    for _ in range(2):
        running.cli("conversation", "close", conversation, "--as", "小王")
    assert len(resident.answer()) == 1
    assert resident.say("你好")
