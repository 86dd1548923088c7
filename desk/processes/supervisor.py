"""`make run`: database, engine and web on one machine, in the foreground."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from string import Formatter
from types import FrameType

import httpx
import psycopg

from desk.city import CityError, load_city
from desk.database import DatabaseUnavailableError
from desk.database.embedded import EmbeddedDatabase, EmbeddedDatabaseError
from desk.database.migrate import migrate
from desk.knowledge import FaqError, load_faq
from desk.processes.channels import telegram_account, wechat_account
from desk.processes.children import CannotStartError, Child, die_with_parent
from desk.processes.world import FAQ_DIR, backend_of, database_url
from desk.settings import ROOT, Settings

log = logging.getLogger(__name__)

ENGINE_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"


# Names that every sentence may use (`City.say`).
CITY_VARIABLES = {"city", "hotline", "hotline_number", "bot", "nickname"}


class StartError(Exception):
    """The system cannot start; the message is one line that says what to do."""


def find_model(settings: Settings) -> Path:
    """The model that is named, or the newest that was trained. Raises StartError."""
    if settings.model is not None:
        if not settings.model.exists():
            raise StartError(f"there is no model at {settings.model} (YINGSHENG_MODEL)")
        return settings.model
    found = sorted(settings.model_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise StartError(f"no model in {settings.model_dir}: run `make train`")
    return found[-1]


def check_city(settings: Settings) -> None:
    """Reads all that the city is made of. Raises StartError."""
    try:
        city = load_city(settings.city_dir)
        model = load_city(ROOT / "cities" / "demo")
        load_faq(FAQ_DIR)
    except (CityError, FaqError) as error:
        raise StartError(f"the city's data is broken: {error}") from error
    for key, text in model.wording.items():
        # The demo city's wording is what the program says: each sentence, with its variables.
        if _variables(city.wording.get(key, "")) != _variables(text):
            raise StartError(
                f"the city's data is broken: {settings.city}/wording.yml: {key}: is missing or has "
                f"other variables than {sorted(_variables(text))}"
            )


def _variables(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name} - CITY_VARIABLES


def check_channels(settings: Settings) -> None:
    """Raises StartError for credentials that no platform could have given."""
    try:
        wechat_account(settings)
        telegram_account(settings)
        backend_of(settings)
    except ValueError as error:
        raise StartError(f"{error}; `yingsheng doctor` says what each channel needs") from error


def check_port(host: str, port: int, variable: str) -> None:
    """Raises StartError when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise StartError(
                f"port {port} cannot be used: {error}. Stop what uses it, or set {variable}"
            ) from error


def engine_environment(settings: Settings, model: Path) -> dict[str, str]:
    """What the engine needs to know; no credential of any channel is among it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YINGSHENG_")}
    token = settings.token()
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "YINGSHENG_MODEL": str(model),
        "YINGSHENG_DATABASE_URL": database_url(settings),
        "YINGSHENG_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook?token={token}",
        "YINGSHENG_ENGINE_TOKEN": token,
        "YINGSHENG_ENGINE_PORT": str(settings.engine_port),
    }


def start_engine(settings: Settings) -> subprocess.Popen[bytes]:
    """The engine, in its own Python. Raises StartError when it is not set up."""
    if not ENGINE_PYTHON.exists():
        raise StartError("the engine's Python environment is missing: run `make setup`")
    return subprocess.Popen(  # noqa: S603 - our own program
        [ENGINE_PYTHON, "-m", "bot.serve"],
        cwd=ROOT,
        env=engine_environment(settings, find_model(settings)),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
    )


class Supervisor:
    """Starts everything in order, keeps it running, stops it in the opposite order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: list[Child] = []
        self._told = False

    def run(self) -> None:
        """Until SIGINT or SIGTERM. Raises StartError."""
        settings = self._settings
        check_city(settings)
        check_channels(settings)
        find_model(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with (settings.data_dir / "lock").open("w") as lock:
            self._only_one(lock.fileno())
            check_port(settings.host, settings.port, "YINGSHENG_PORT")
            check_port("127.0.0.1", settings.engine_port, "YINGSHENG_ENGINE_PORT")
            check_port("127.0.0.1", settings.actions_port, "YINGSHENG_ACTIONS_PORT")
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._stop_signal)
            try:
                self._start()
                self._keep()
            except CannotStartError as error:
                raise StartError(f"{error} could not start; its reason is above") from error
            finally:
                for child in reversed(self._children):
                    child.stop()
                log.info("stopped")

    def _only_one(self, fd: int) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"Yingsheng already runs on {self._settings.data_dir}; stop it, or set "
                "YINGSHENG_DATA_DIR"
            ) from error
        os.set_inheritable(fd, False)  # noqa: FBT003

    def _start(self) -> None:
        settings = self._settings
        if settings.database_url is None:
            database = EmbeddedDatabase(settings.data_dir)
            try:
                database.prepare()
            except EmbeddedDatabaseError as error:
                raise StartError(str(error)) from error
            # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
            self._children.append(
                Child("database", lambda: database.start(before=die_with_parent), signal.SIGINT)
            )
            self._watch()
        self._wait_for_database()
        try:
            migrate(database_url(settings))
        except DatabaseUnavailableError as error:
            raise StartError(str(error)) from error
        self._children.append(Child("engine", lambda: start_engine(settings)))
        # Two processes for two cores: one answers the platforms, the other does the turns.
        for name in ("web", "worker"):
            self._children.append(Child(name, partial(self._start_own, name)))
        self._watch()

    def _start_own(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "desk.cli", name],
            cwd=ROOT,
            env={**os.environ, "YINGSHENG_WEB_JOBS": "0"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
        )

    def _keep(self) -> None:
        announced = False
        while not self._told:
            self._watch()
            if not announced and self._ready():
                announced = True
                port = self._settings.port
                log.info("ready: open http://localhost:%s/chat", port)
            time.sleep(0.2)

    def _watch(self) -> None:
        for child in self._children:
            child.watch()

    def _ready(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self._settings.port}/readyz"
            return httpx.get(url, timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    def _wait_for_database(self) -> None:
        url = database_url(self._settings)
        deadline = time.monotonic() + (30 if self._settings.database_url is None else 5)
        while True:
            try:
                psycopg.connect(url, connect_timeout=3).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise StartError(
                        "the database does not answer: check YINGSHENG_DATABASE_URL and that the "
                        "server runs"
                        if self._settings.database_url
                        else f"the embedded database does not start; see its log in "
                        f"{self._settings.data_dir}"
                    ) from error
                time.sleep(0.1)
            else:
                return

    def _stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True
