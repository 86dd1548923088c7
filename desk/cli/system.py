"""`yingsheng run` and what else starts, checks or sets up the system.

Each command imports what it needs itself: every `yingsheng` command loads this file, and the rooms
of a running system take seconds to load.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
import uvloop
from rich.table import Column, Table

from desk.cli.terminal import console, fail, read_settings
from desk.database import DatabaseUnavailableError
from desk.processes.logs import set_up_logging
from desk.processes.world import database_url
from desk.settings import ROOT, Settings

log = logging.getLogger(__name__)


def run() -> None:
    """启动整个系统（数据库、引擎、网页），Ctrl-C 停止。"""
    from desk.processes import supervisor

    set_up_logging()
    try:
        supervisor.Supervisor(read_settings()).run()
    except supervisor.StartError as error:
        fail(str(error))


def web_command() -> None:
    """只启动网页、渠道回调和工作进程（数据库和引擎在别处）。"""
    from desk.processes.web import serve_web

    _serve(serve_web)


def worker() -> None:
    """只启动工作进程。"""
    from desk.processes.web import serve_worker

    _serve(serve_worker)


def _serve(main: Callable[[Settings], Awaitable[None]]) -> None:
    from desk.database.migrate import migrate
    from desk.processes import supervisor

    set_up_logging()
    settings = read_settings()

    async def start() -> None:
        await main(settings)

    try:
        supervisor.check_city(settings)
        supervisor.check_channels(settings)
        migrate(database_url(settings))
        uvloop.run(start())
    except (supervisor.StartError, DatabaseUnavailableError) as error:
        fail(str(error))
    except Exception:
        # Not as Python prints it: an exception's text may hold what a resident wrote.
        log.exception("the process ends; its supervisor starts it again")
        raise typer.Exit(1) from None


def engine() -> None:
    """只启动引擎。"""
    from desk.processes import supervisor

    settings = read_settings()
    try:
        process = supervisor.start_engine(settings)
    except supervisor.StartError as error:
        fail(str(error))
    try:
        raise typer.Exit(process.wait())
    except KeyboardInterrupt:
        process.terminate()
        raise typer.Exit(process.wait()) from None


def train() -> None:
    """训练模型；数据没变就不重训。"""
    from desk.processes import supervisor

    settings = read_settings()
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    if not supervisor.ENGINE_PYTHON.exists():
        fail("the engine's Python environment is missing: run `make setup`")
    trained = subprocess.run(  # noqa: S603 - our own program
        [
            supervisor.ENGINE_PYTHON,
            "-m",
            "bot.train",
            "--out",
            settings.model_dir,
            "--city",
            settings.city,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    if trained.returncode == 0:
        # `run` takes the newest: an archive that was there already is the wanted one again.
        Path(trained.stdout.split()[-1]).touch()
    raise typer.Exit(trained.returncode)


def doctor() -> None:
    """检查：哪些渠道开着、还缺什么、数据库和引擎是否正常。"""
    from desk.processes.doctor import examine

    findings = asyncio.run(examine(read_settings()))
    table = Table("项目", "状态", Column("说明", overflow="fold"))
    for finding in findings:
        table.add_row(finding.what, finding.state, finding.advice)
    console.print(table)
    raise typer.Exit(0 if all(f.well or not f.needed for f in findings) else 1)


def telegram_webhook() -> None:
    """告诉 Telegram 把消息送到本系统（YINGSHENG_PUBLIC_URL）。"""
    from connectors.telegram import SetupError, set_webhook
    from desk.processes.channels import telegram_account

    settings = read_settings()
    account = telegram_account(settings)
    if account is None or settings.telegram_mode != "webhook":
        fail("需要 YINGSHENG_TELEGRAM_MODE=webhook 和 YINGSHENG_TELEGRAM_TOKEN")
    if not settings.public_url.startswith("https://"):
        fail("需要 YINGSHENG_PUBLIC_URL=https://…（居民访问的地址）")
    url = f"{settings.public_url.rstrip('/')}/channels/telegram"
    try:
        asyncio.run(set_webhook(account, url))
    except SetupError as error:
        fail(str(error), 1)
    console.print(f"已设置：{url}")
