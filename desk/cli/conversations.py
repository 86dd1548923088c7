"""`yingsheng conversation …`: what people do with conversations, at a terminal."""

from __future__ import annotations

import typer
from rich.table import Table

from desk.cli.terminal import STAFF_NAME, As, console, local, with_world
from desk.conversations import handoff
from desk.conversations.world import World

conversation = typer.Typer(no_args_is_help=True, help="人工接待：看、接、回、结束。")


@conversation.command(name="list")
def list_conversations() -> None:
    """等人工的、人工接待中的、有警报的对话。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            rows = await handoff.waiting(session)
        table = Table("对话", "状态", "谁在接待", "排队自", "警报")
        for row in rows:
            since = local(world.city, row.queued_at) if row.queued_at else ""
            table.add_row(
                str(row.conversation_id), row.mode, row.owner or "", since, "、".join(row.alerts)
            )
        console.print(table)

    with_world(work)


@conversation.command()
def show(conversation_id: int) -> None:
    """一个对话的最近内容。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            for message in await handoff.transcript(session, conversation_id):
                said = message.text or f"[{message.kind}]"
                line = f"{message.at:%m-%d %H:%M}Z {message.author}: {said}"
                console.print(line, markup=False, highlight=False)

    with_world(work)


@conversation.command()
def take(conversation_id: int, name: As = STAFF_NAME) -> None:
    """接下一个对话。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            await handoff.take(session, conversation_id, name)

    with_world(work)


@conversation.command()
def reply(conversation_id: int, text: str, name: As = STAFF_NAME) -> None:
    """回复居民（同时接下这个对话）。"""
    with_world(lambda world: handoff.staff_reply(world.db, conversation_id, name, text))


@conversation.command()
def close(conversation_id: int, name: As = STAFF_NAME) -> None:
    """结束人工接待，交还机器人。"""
    with_world(lambda world: handoff.close(world.db, world.city, conversation_id, name))
