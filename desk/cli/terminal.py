"""What every command needs: the settings, one line for what went wrong, and a world to work in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from desk.city import City, CityError
from desk.conversations import handoff
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError
from desk.knowledge import FaqError
from desk.processes.world import open_world
from desk.settings import Settings
from desk.tickets import TicketError

console = Console()

STAFF_NAME = os.environ.get("USER") or "staff"
As = Annotated[str, typer.Option("--as", help="您的名字，记在时间线上")]


def fail(message: str, code: int = 2) -> NoReturn:
    """One line on standard error, and out."""
    typer.echo(f"yingsheng: {message}", err=True)
    raise typer.Exit(code)


def local(city: City, at: datetime) -> str:
    """A moment as people of the city read it."""
    return f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}"


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


def with_world(work: Callable[[World], Awaitable[object]]) -> None:
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
