"""The `yingsheng` command: run the system, its parts, and the staff's work at a terminal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table

from connectors.telegram import SetupError, set_webhook
from desk.city import CityError, Role
from desk.conversations import handoff
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError
from desk.database.migrate import migrate
from desk.knowledge import FaqError
from desk.processes import doctor as doctor_room
from desk.processes import supervisor, web
from desk.processes.logs import set_up_logging
from desk.processes.world import database_url, open_world, telegram_account
from desk.settings import ROOT, Settings
from desk.tickets import Actor, TicketError, act, parse_ticket_number, timeline

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="应声：居民的话变成工单，进展回到聊天。"
)
conversation = typer.Typer(no_args_is_help=True, help="人工接待：看、接、回、结束。")
app.add_typer(conversation, name="conversation")
console = Console()

STAFF_NAME = os.environ.get("USER") or "staff"
As = Annotated[str, typer.Option("--as", help="您的名字，记在时间线上")]


def fail(message: str, code: int = 2) -> NoReturn:
    """One line on standard error, and out."""
    typer.echo(f"yingsheng: {message}", err=True)
    raise typer.Exit(code)


def read_settings() -> Settings:
    """The settings, or exit code 2 naming the variable that is wrong."""
    try:
        settings = Settings()
        settings.token()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        fail(f"YINGSHENG_{name}: {first['msg']}")
    except (OSError, ValueError) as error:
        fail(f"YINGSHENG_DATA_DIR: {error}")
    return settings


@app.command()
def run() -> None:
    """启动整个系统（数据库、引擎、网页），Ctrl-C 停止。"""
    set_up_logging()
    try:
        supervisor.Supervisor(read_settings()).run()
    except supervisor.StartError as error:
        fail(str(error))


@app.command(name="web")
def web_command() -> None:
    """只启动网页、渠道回调和工作进程（数据库和引擎在别处）。"""
    _serve(web.serve_web)


@app.command()
def worker() -> None:
    """只启动工作进程。"""
    _serve(web.serve_worker)


def _serve(main: Callable[[Settings], Awaitable[None]]) -> None:
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


@app.command()
def engine() -> None:
    """只启动引擎。"""
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


@app.command()
def train() -> None:
    """训练模型；数据没变就不重训。"""
    settings = read_settings()
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    result = subprocess.run(  # noqa: S603 - our own program
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
        check=False,
    )
    raise typer.Exit(result.returncode)


@app.command()
def doctor() -> None:
    """检查：哪些渠道开着、还缺什么、数据库和引擎是否正常。"""
    findings = asyncio.run(doctor_room.examine(read_settings()))
    table = Table("项目", "状态", Column("说明", overflow="fold"))
    for finding in findings:
        table.add_row(finding.what, finding.state, finding.advice)
    console.print(table)
    raise typer.Exit(0 if all(f.well or not f.needed for f in findings) else 1)


@app.command()
def ticket(
    number: Annotated[str, typer.Argument(help="工单编号，如 YS261125000017")],
    action: Annotated[
        str, typer.Argument(help="动作，如 assign、start、resolve；show 查看")
    ] = "show",
    note: Annotated[str, typer.Option(help="说明，居民可能看到")] = "",
    role: Annotated[Role, typer.Option(help="以什么角色")] = Role.SUPERVISOR,
    name: As = STAFF_NAME,
) -> None:
    """查看或办理一张工单。"""
    parsed = parse_ticket_number(number)
    if parsed is None:
        fail(f"{number} 不是工单编号：应是YS加12位数字，末位是校验位")

    async def work(world: World) -> None:
        if action != "show":
            await act(world.db, world.city, parsed, action, Actor(name, role), note=note)
        await _show(world, parsed)

    _with_world(work)


async def _show(world: World, number: str) -> None:
    from sqlmodel import select  # noqa: PLC0415

    from desk.tickets.tables import Ticket  # noqa: PLC0415

    async with world.db.transaction() as session:
        found = (await session.exec(select(Ticket).where(Ticket.number == number))).first()
        if found is None:
            raise TicketError(f"没有编号为 {number} 的工单")
        steps = await timeline(session, found)
    say = world.city.say
    hidden = "保密" if found.confidential else ""
    console.print(
        f"{number} {say(f'type.{found.type}')} {world.city.lifecycle.states[found.state].label} {hidden}"
    )
    console.print(found.description, markup=False, highlight=False)
    if found.place:
        console.print(f"地点：{found.place}", markup=False)
    table = Table("时间", "动作", "状态", "谁", "说明")
    for step in steps:
        table.add_row(
            f"{step.at:%Y-%m-%d %H:%M}Z",
            step.action,
            world.city.lifecycle.states[step.to_state].label,
            f"{step.actor}（{step.role}）",
            step.note,
        )
    console.print(table)


@app.command(name="telegram-webhook")
def telegram_webhook() -> None:
    """告诉 Telegram 把消息送到本系统（YINGSHENG_PUBLIC_URL）。"""
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


@conversation.command(name="list")
def list_conversations() -> None:
    """等人工的、人工接待中的、有警报的对话。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            rows = await handoff.waiting(session)
        table = Table("对话", "状态", "谁在接待", "排队自", "警报")
        for row in rows:
            since = f"{row.queued_at:%Y-%m-%d %H:%M}Z" if row.queued_at else ""
            table.add_row(
                str(row.conversation_id), row.mode, row.owner or "", since, "、".join(row.alerts)
            )
        console.print(table)

    _with_world(work)


@conversation.command()
def show(conversation_id: int) -> None:
    """一个对话的最近内容。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            for message in await handoff.transcript(session, conversation_id):
                said = message.text or f"[{message.kind}]"
                line = f"{message.at:%m-%d %H:%M}Z {message.author}: {said}"
                console.print(line, markup=False, highlight=False)

    _with_world(work)


@conversation.command()
def take(conversation_id: int, name: As = STAFF_NAME) -> None:
    """接下一个对话。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            await handoff.take(session, conversation_id, name)

    _with_world(work)


@conversation.command()
def reply(conversation_id: int, text: str, name: As = STAFF_NAME) -> None:
    """回复居民（同时接下这个对话）。"""
    _with_world(lambda world: handoff.staff_reply(world.db, conversation_id, name, text))


@conversation.command()
def close(conversation_id: int, name: As = STAFF_NAME) -> None:
    """结束人工接待，交还机器人。"""
    _with_world(lambda world: handoff.close(world.db, world.city, conversation_id, name))


def _with_world(work: Callable[[World], Awaitable[object]]) -> None:
    """Does something with the database; says in one line what did not work."""
    settings = read_settings()

    async def start() -> None:
        async with open_world(settings) as world:
            await work(world)

    try:
        asyncio.run(start())
    except TicketError as error:
        fail(str(error), 1)
    except handoff.TakenError as error:
        fail(f"这个对话由 {error.owner} 接待", 1)
    except handoff.UnknownConversationError:
        fail("没有这个对话", 1)
    except (DatabaseUnavailableError, CityError, FaqError) as error:
        fail(str(error))


if __name__ == "__main__":
    sys.exit(app())
