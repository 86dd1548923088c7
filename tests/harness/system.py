"""The whole system as `make run` starts it, seen from outside."""

from __future__ import annotations

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
from tests.harness.http import HTTP
from tests.harness.places import clean_environment, free_port

COMMAND = Path(sys.executable).with_name("yingsheng")
# How the supervisor's children are recognised among the processes.
CHILDREN = {
    "web": "desk.cli web",
    "worker": "desk.cli worker",
    "engine": "bot.serve",
    "database": "bin/postgres",
}


@dataclass
class System:
    """The system in a folder of its own. `settings` are the `YINGSHENG_*` variables it runs with."""

    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it wrote to standard output and error so far."""
        return (self.folder / "system.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> subprocess.Popen[bytes]:
        """`yingsheng run`, which is not ready yet."""
        with (self.folder / "system.log").open("ab") as out:
            self.process = subprocess.Popen(
                [COMMAND, "run"],
                env={**clean_environment(), **self.settings},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        return self.process

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 40) -> int:
        """Stops it as Ctrl-C does; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

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

    def change(self, sql: str, *values: object) -> None:
        """A change made straight in the database, as time or an administrator would."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql.encode(), values)

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
        assert self.process is not None
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

    def pause(self, name: str) -> None:
        """Holds a child still until `resume`: it is there and does not answer."""
        process = self.child(name)
        assert process is not None
        for one in (process, *process.children(recursive=True)):
            one.suspend()

    def resume(self, name: str) -> None:
        """Lets it go on."""
        process = self.child(name)
        assert process is not None
        for one in (process, *process.children(recursive=True)):
            one.resume()

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Returns when the database and the engine answer."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the system ended:\n{self.log[-3000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the system is not ready:\n{self.log[-3000:]}")
            time.sleep(0.1)

    def ready(self) -> bool:
        """Whether the database and the engine answer."""
        try:
            return HTTP.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def configured(folder: Path, model: Path, extra: Mapping[str, str] | None = None) -> System:
    """A system that is not started, on ports of its own."""
    return System(
        folder,
        {
            "YINGSHENG_DATA_DIR": str(folder),
            "YINGSHENG_MODEL": str(model),
            "YINGSHENG_HOST": "127.0.0.1",
            "YINGSHENG_PORT": str(free_port()),
            "YINGSHENG_ENGINE_PORT": str(free_port()),
            "YINGSHENG_ACTIONS_PORT": str(free_port()),
            **(extra or {}),
        },
    )


@contextmanager
def system(folder: Path, model: Path, extra: Mapping[str, str] | None = None) -> Generator[System]:
    """A running system, stopped at the end."""
    running = configured(folder, model, extra)
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@dataclass
class WebResident:
    """A resident at the web chat, over HTTP."""

    system: System
    token: str = ""
    seen: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.token:
            answer = HTTP.post(f"{self.system.url}/channels/webchat/sessions")
            assert answer.status_code == 201
            self.token = answer.json()["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, text: str, client_id: str | None = None) -> httpx.Response:
        """Sends a text without waiting for the answer."""
        body = {"text": text, "client_id": client_id or str(uuid.uuid4())}
        url = f"{self.system.url}/channels/webchat/messages"
        return HTTP.post(url, headers=self.headers, json=body, timeout=20)

    def read(self, wait: float = 0) -> list[dict[str, Any]]:
        """What is new."""
        url = f"{self.system.url}/channels/webchat/messages"
        answer = HTTP.get(
            url, headers=self.headers, params={"after": self.seen, "wait": wait}, timeout=wait + 20
        )
        answer.raise_for_status()
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
