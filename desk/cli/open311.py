"""`yingsheng open311-key …`: who may write through the Open311 server."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from desk.cli.terminal import console, fail, with_world
from desk.conversations.world import World
from desk.tickets.open311 import keys

open311_key = typer.Typer(no_args_is_help=True, help="Open311 接口的密钥：发放、查看、作废。")


@open311_key.command()
def add(
    name: Annotated[str, typer.Argument(help="给哪个应用")],
    *,
    publishes: Annotated[
        bool, typer.Option("--publishes", help="它已告诉用户：写的内容会公开")
    ] = False,
    per_minute: Annotated[int, typer.Option(min=1, help="每分钟最多几次")] = keys.PER_MINUTE,
) -> None:
    """发一个新密钥。只显示这一次。"""

    async def work(world: World) -> None:
        try:
            async with world.db.transaction() as session:
                key = await keys.add_key(session, name, publishes=publishes, per_minute=per_minute)
        except keys.KeyNameError as error:
            fail(str(error), 1)
        typer.echo(key)

    with_world(work)


@open311_key.command(name="list")
def list_keys() -> None:
    """发过哪些密钥。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            found = await keys.keys(session)
        table = Table("应用", "发放", "作废", "每分钟", "公开内容")
        for key in found:
            revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
            publishes = "是" if key.publishes else ""
            created = f"{key.created_at:%Y-%m-%d}"
            table.add_row(key.name, created, revoked, str(key.per_minute), publishes)
        console.print(table)

    with_world(work)


@open311_key.command()
def revoke(name: Annotated[str, typer.Argument(help="哪个应用")]) -> None:
    """作废一个密钥，立即生效。"""

    async def work(world: World) -> None:
        try:
            async with world.db.transaction() as session:
                await keys.revoke_key(session, name)
        except keys.KeyNameError as error:
            fail(str(error), 1)
        console.print(f"{name} 的密钥已作废")

    with_world(work)
