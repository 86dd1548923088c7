"""The web chat, as strangers and broken clients meet it."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.harness.http import HTTP
from tests.harness.residents import open_ticket
from tests.harness.system import System, WebResident

ROUTES = [
    ("GET", "messages"),
    ("POST", "messages"),
    ("POST", "media"),
    ("GET", "media/1"),
    ("GET", "events"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic dGVzdDp0ZXN0", "Bearer ä"])
def test_without_a_session_nothing_is_told(
    running: System, method: str, path: str, given: str
) -> None:
    answer = HTTP.request(
        method,
        f"{running.url}/channels/webchat/{path}",
        headers=[(b"Authorization", given.encode())],
        timeout=10,
    )
    assert answer.status_code == 401
    assert answer.json()["detail"]


@pytest.mark.parametrize("after", ["-1", "99999999999999", "abc", "1e9", ""])
def test_an_absurd_place_to_read_from_is_no_fault_of_ours(
    running: System, resident: WebResident, after: str
) -> None:
    for path in ("messages", f"media/{after or 0}"):
        answer = HTTP.get(
            f"{running.url}/channels/webchat/{path}",
            headers=resident.headers,
            params={"after": after},
        )
        assert answer.status_code in (200, 400, 404, 422)


BODIES = {
    "empty": b"",
    "no json": b"hello",
    "a list": b"[]",
    "gbk": '{"text": "路灯坏了"}'.encode("gbk"),
    "no text": json.dumps({"client_id": str(uuid.uuid4())}).encode(),
    "blank": json.dumps({"text": " \n", "client_id": str(uuid.uuid4())}).encode(),
    "no id": json.dumps({"text": "路灯坏了"}).encode(),
    "wrong id": json.dumps({"text": "路灯坏了", "client_id": "1"}).encode(),
    "too long": json.dumps({"text": "长" * 2001, "client_id": str(uuid.uuid4())}).encode(),
    "deep": b"[" * 100_000,
    "off the earth": json.dumps(
        {"location": {"latitude": 95, "longitude": 0}, "client_id": str(uuid.uuid4())}
    ).encode(),
    "10 MB": b'{"text": "' + b"a" * 10_000_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_garbage_gets_400_with_a_sentence_and_leaves_no_traceback(
    running: System, resident: WebResident, body: bytes
) -> None:
    before = len(running.log)
    answer = HTTP.post(
        f"{running.url}/channels/webchat/messages",
        headers=resident.headers,
        content=body,
        timeout=20,
    )
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert "Traceback" not in running.log[before:]


def test_characters_that_no_database_holds_do_not_lose_the_message(
    resident: WebResident,
) -> None:
    resident.answer()
    body = json.dumps({"text": "路灯\x00坏了\ud83d😡𠮷", "client_id": str(uuid.uuid4())})
    answer = HTTP.post(
        f"{resident.system.url}/channels/webchat/messages",
        headers=resident.headers,
        content=body,  # as escapes: half an emoji has no UTF-8
    )
    assert answer.status_code == 202
    resident.answer()
    assert "路灯坏了😡𠮷" in [m["text"] for m in resident.history]


@pytest.mark.parametrize("words", ["/restart", '/create_ticket{"address":"x"}', "/ 你好"])
def test_words_that_look_like_a_command_are_words(resident: WebResident, words: str) -> None:
    assert resident.say(words)
    [row] = resident.system.query(
        "SELECT count(*) AS n FROM ticket t JOIN ticket_message tm ON tm.ticket_id = t.id "
        "JOIN message m ON m.id = tm.message_id WHERE m.text = %s",
        words,
    )
    assert row["n"] == 0


def test_someone_elses_ticket_number_reveals_nothing(running: System) -> None:
    number = open_ticket(WebResident(running))
    stranger = WebResident(running)
    told = "\n".join(stranger.say(f"{number}办得怎么样了"))
    assert "路灯" not in told
    assert "没有查到" in told


def test_the_page_comes_with_headers_that_keep_strangers_out(running: System) -> None:
    page = HTTP.get(f"{running.url}/chat")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_operations_endpoints_answer(running: System) -> None:
    assert HTTP.get(f"{running.url}/healthz").text == "ok"
    assert HTTP.get(f"{running.url}/readyz").json() == {"database": True, "engine": True}
    assert HTTP.get(f"{running.url}/nothing-here").status_code == 404
    assert HTTP.delete(f"{running.url}/channels/webchat/messages").status_code in (401, 405)


def test_what_is_for_inside_is_not_reached_from_outside(running: System) -> None:
    assert HTTP.post(f"{running.url}/webhook", json={}).status_code == 404
    inside = {
        f"http://127.0.0.1:{running.settings['YINGSHENG_ACTIONS_PORT']}/webhook": 403,
        f"http://127.0.0.1:{running.settings['YINGSHENG_ENGINE_PORT']}/webhooks/yingsheng/turn": 401,
        f"http://127.0.0.1:{running.settings['YINGSHENG_ENGINE_PORT']}/model/parse": 401,
    }
    for url, status in inside.items():
        for query in ({}, {"token": ""}, {"token": "wrong"}):
            assert HTTP.post(url, params=query, json={}).status_code == status
