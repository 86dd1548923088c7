"""The whole system as `make run` starts it, seen from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row

from desk.database.embedded import EmbeddedDatabase
from desk.settings import ROOT
from tests.harness.places import clean_environment, free_port

COMMAND = Path(sys.executable).with_name("yingsheng")
# How the supervisor's children are recognised among the processes.
CHILDREN = {"web": "desk.cli", "engine": "bot.serve", "database": "bin/postgres"}


@dataclass
class System:
    """A started system. `settings` are the `YINGSHENG_*` variables it was started with."""

    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['YINGSHENG_PORT']}"

    @property
    def database_url(self) -> str:
        return self.settings.get("YINGSHENG_DATABASE_URL") or EmbeddedDatabase(self.folder).url

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows straight from the database."""
        with (
            psycopg.connect(self.database_url) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(sql.encode(), values).fetchall()

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `yingsheng` command on this system."""
        return subprocess.run(
            [COMMAND, *arguments],
            env={**clean_environment(), **self.settings},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def child(self, name: str) -> psutil.Process | None:
        """One of the supervisor's children, if it runs."""
        for process in psutil.Process(self.process.pid).children():
            try:
                if CHILDREN[name] in " ".join(process.cmdline()):
                    return process
            except psutil.Error:
                continue
        return None

    def kill(self, name: str) -> None:
        """Kill -9, with all that belongs to it; the supervisor starts it again."""
        process = self.child(name)
        assert process is not None, f"{name} does not run"
        for victim in (process, *process.children(recursive=True)):
            try:
                victim.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Returns when the database and the engine answer."""
        deadline = time.monotonic() + seconds
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"the system ended:\n{self.log.read_text()[-3000:]}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"the system is not ready:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)


@contextmanager
def system(folder: Path, model: Path, extra: Mapping[str, str] | None = None) -> Generator[System]:
    """Starts `yingsheng run` in a folder of its own and stops it as Ctrl-C does."""
    settings = {
        "YINGSHENG_DATA_DIR": str(folder),
        "YINGSHENG_MODEL": str(model),
        "YINGSHENG_HOST": "127.0.0.1",
        "YINGSHENG_PORT": str(free_port()),
        "YINGSHENG_ENGINE_PORT": str(free_port()),
        "YINGSHENG_ACTIONS_PORT": str(free_port()),
        **(extra or {}),
    }
    log = folder / "system.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, "run"],
            env={**clean_environment(), **settings},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = System(folder, settings, process, log)
    try:
        running.wait_until_ready()
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()


@dataclass
class WebResident:
    """A resident at the web chat, over HTTP."""

    system: System
    token: str = ""
    seen: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.token:
            answer = httpx.post(f"{self.system.url}/channels/webchat/sessions")
            assert answer.status_code == 201
            self.token = answer.json()["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, text: str, client_id: str | None = None) -> httpx.Response:
        """Sends a text without waiting for the answer."""
        body = {"text": text, "client_id": client_id or str(uuid.uuid4())}
        url = f"{self.system.url}/channels/webchat/messages"
        return httpx.post(url, headers=self.headers, json=body, timeout=20)

    def read(self, wait: float = 0) -> list[dict[str, Any]]:
        """What is new."""
        url = f"{self.system.url}/channels/webchat/messages"
        answer = httpx.get(
            url, headers=self.headers, params={"after": self.seen, "wait": wait}, timeout=wait + 20
        )
        assert answer.status_code == 200, answer.text
        new: list[dict[str, Any]] = answer.json()["messages"]
        if new:
            self.seen = new[-1]["id"]
            self.history += new
        return new

    def answer(self, seconds: float = 30) -> list[str]:
        """The texts that come from the other side; waits for the first."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            new = [m["text"] for m in self.read(wait=5) if m["author"] != "resident"]
            if new:
                return new
        raise AssertionError(f"no answer within {seconds} s")

    def say(self, text: str) -> list[str]:
        """Sends a text; the texts that answer it."""
        self.read()
        answer = self.post(text)
        assert answer.status_code == 202, answer.text
        return self.answer()
