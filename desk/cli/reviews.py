"""`yingsheng review`: writing down what a resident said when asked (回访)."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.city import Role
from desk.cli.terminal import STAFF_NAME, As, console, fail, with_world
from desk.conversations.world import World
from desk.tickets import Actor, parse_ticket_number
from desk.tickets.reviews.answer import Answer, Follows
from desk.tickets.reviews.giving import described, give_review

_FOLLOWS = {
    Follows.NOTHING: "",
    Follows.REDO: "已退回承办单位重办。",
    Follows.PERSON: "重办后仍不满意，不再自动重办，请班长过问。",
}


def review(
    number: Annotated[str, typer.Argument(help="工单编号，如 YS261125000017")],
    *,
    satisfaction: Annotated[
        int | None,
        typer.Option(min=1, max=5, help="5 非常满意、4 满意、3 基本满意、2 不满意、1 非常不满意"),
    ] = None,
    solved: Annotated[bool | None, typer.Option("--solved/--unsolved", help="解决了没有")] = None,
    contacted: Annotated[
        bool | None, typer.Option("--contacted/--not-contacted", help="承办单位联系过居民没有")
    ] = None,
    comment: Annotated[str, typer.Option(help="居民的原话")] = "",
    name: As = STAFF_NAME,
) -> None:
    """记下回访结果；居民没接听的不要记，到期自动算“未评价”。"""
    parsed = parse_ticket_number(number)
    if parsed is None:
        fail(f"{number} 不是工单编号：应是YS加12位数字，末位是校验位")
    answer = Answer(contacted, solved, satisfaction, comment)
    if answer == Answer():
        fail("什么都没有记：请写 --satisfaction、--solved、--contacted 或者 --comment")

    async def work(world: World) -> None:
        reviewed = await give_review(
            world.db, world.city, parsed, answer, Actor(name, Role.AGENT), source="staff"
        )
        console.print(f"{parsed} {described(reviewed.answer)} {_FOLLOWS[reviewed.follows]}")

    with_world(work)
