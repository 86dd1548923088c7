"""A whole engine process, over HTTP: what it lets in, and that a turn is whole or not at all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APP_PYTHON = ROOT / ".venv" / "bin" / "python"
TOKEN = "secret"
WORDS = "你好，我是住在人民路的老王"

# The embedded server belongs to the application's Python; it runs until its input is closed.
DATABASE = """
import sys
from tests.harness.clusters import embedded
from tests.harness.places import scratch
with scratch("engine") as folder, embedded(folder) as cluster:
    print(cluster.url(cluster.create()), flush=True)
    sys.stdin.read()
"""


class Actions(ThreadingHTTPServer):
    """Speaks the contract of an action server: each call is answered with its number, or fails."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.calls: list[dict[str, Any]] = []
        self.status = 200
        self.url = f"http://127.0.0.1:{self.server_port}/webhook"


class _Answer(BaseHTTPRequestHandler):
    server: Actions

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(call)
        answer = {"events": [], "responses": [{"text": f"call {len(self.server.calls)}"}]}
        body = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the calls are in `calls`."""


@dataclass
class Engine:
    """A running engine and the action server it calls."""

    url: str
    actions: Actions
    log: Path

    def get(self, path: str, token: str | None = TOKEN) -> tuple[int, Any]:
        return _ask(self.url + path, token)

    def post(self, path: str, body: Any, token: str | None = TOKEN) -> tuple[int, Any]:
        return _ask(self.url + path, token, json.dumps(body).encode())

    def turn(self, message_id: str, sender: str, **more: Any) -> tuple[int, Any]:
        body = {"sender": sender, "message_id": message_id, "text": WORDS, "intent": "greet"}
        return self.post("/webhooks/yingsheng/turn", {**body, **more})


def _ask(url: str, token: str | None, body: bytes | None = None) -> tuple[int, Any]:
    query = f"?token={token}" if token is not None else ""
    request = urllib.request.Request(  # noqa: S310 - our own engine on loopback
        url + query, data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    if not APP_PYTHON.exists():
        pytest.skip("the application's Python, which carries the database, is not set up")
    with subprocess.Popen(
        [APP_PYTHON, "-c", DATABASE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the embedded database did not start"
        yield url
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def engine(
    small_model: Path, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    actions = Actions()
    threading.Thread(target=actions.serve_forever, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "YINGSHENG_MODEL": str(small_model),
        "YINGSHENG_DATABASE_URL": database,
        "YINGSHENG_ACTIONS_URL": actions.url,
        "YINGSHENG_ENGINE_TOKEN": TOKEN,
        "YINGSHENG_ENGINE_PORT": str(port),
    }
    log = tmp_path_factory.mktemp("engine") / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.serve"],
            cwd=ROOT,
            env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
            stdout=written,
            stderr=written,
        )
    one = Engine(f"http://127.0.0.1:{port}", actions, log)
    try:
        _wait(one, process)
        yield one
    finally:
        process.terminate()
        process.wait(20)
        actions.shutdown()
        actions.server_close()


def _wait(engine: Engine, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while not _is_ready(engine):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail("the engine does not start: " + engine.log.read_text())
        time.sleep(0.1)


def _is_ready(engine: Engine) -> bool:
    try:
        return engine.get("/status")[0] == 200
    except urllib.error.URLError:
        return False


def test_the_status_names_the_model(engine: Engine, small_model: Path) -> None:
    status, answer = engine.get("/status")
    assert status == 200
    assert answer["model_file"] == small_model.name


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_nothing_is_answered_without_the_token(engine: Engine, token: str | None) -> None:
    turn = {"sender": "stranger", "message_id": "m1", "text": WORDS}
    assert engine.get("/status", token)[0] == 401
    assert engine.post("/model/parse", {"text": WORDS}, token)[0] == 401
    assert engine.post("/webhooks/yingsheng/turn", turn, token)[0] == 401


def test_a_text_is_understood_over_http(engine: Engine) -> None:
    status, answer = engine.post("/model/parse", {"text": "/thank"})
    assert status == 200
    assert answer["text"] == "/thank"
    assert answer["intent"]["name"] != "thank"


def test_a_turn_is_answered_with_what_the_action_says(engine: Engine) -> None:
    status, answer = engine.turn("m1", "answered")
    assert status == 200
    assert answer["replies"] == [{"text": f"call {len(engine.actions.calls)}"}]


def test_the_same_message_again_gets_the_recorded_replies(engine: Engine) -> None:
    first = engine.turn("m1", "repeating")
    calls = len(engine.actions.calls)
    assert engine.turn("m1", "repeating") == first
    assert len(engine.actions.calls) == calls


def test_the_same_message_id_of_another_conversation_is_another_message(engine: Engine) -> None:
    assert engine.turn("m1", "one") != engine.turn("m1", "another")


def test_metadata_and_message_id_reach_the_action(engine: Engine) -> None:
    engine.turn("m9", "with metadata", metadata={"channel": "wechat"})
    latest = engine.actions.calls[-1]["tracker"]["latest_message"]
    assert latest["metadata"] == {"channel": "wechat", "message_id": "m9"}


def test_the_domain_is_not_sent_with_every_call(engine: Engine) -> None:
    engine.turn("m1", "small")
    assert len(json.dumps(engine.actions.calls[-1].get("domain") or {})) < 100


def test_a_turn_whose_action_fails_leaves_nothing(engine: Engine) -> None:
    engine.turn("m1", "unlucky")
    engine.actions.status = 500
    try:
        assert engine.turn("m2", "unlucky")[0] == 503
    finally:
        engine.actions.status = 200
    assert engine.turn("m2", "unlucky")[0] == 200
    events = engine.actions.calls[-1]["tracker"]["events"]
    messages = [event["message_id"] for event in events if event["event"] == "user"]
    assert messages == ["m1", "m2"]


def test_a_body_that_is_no_turn_is_refused(engine: Engine) -> None:
    assert engine.post("/webhooks/yingsheng/turn", {"text": WORDS})[0] == 400


def test_an_intent_that_the_model_lacks_is_refused(engine: Engine) -> None:
    assert engine.turn("m1", "asking", intent="no_such_intent")[0] == 400


def test_the_log_names_turns_and_carries_no_words(engine: Engine) -> None:
    engine.turn("m1", "logged")
    log = engine.log.read_text()
    assert "turn m1 of logged" in log
    assert WORDS not in log
    assert TOKEN not in log
