"""Golden dialogues: the resident's lines, and what must be true after them.

`dialogues/*.yml` are lists of

- name: what it is about
  turns:
  - say: 我要投诉            # or: location: [纬度, 经度, 名称] · image: true · voice: "" · link: 文字
                            #     · unsupported: true; with hours_later: 3
    has: [发生了什么]        # each must occur in the replies; {number} is the newest ticket's
    lacks: [在哪里]          # none may occur; {other} is the number of someone else's ticket
    once: [在哪里]           # occurs exactly once
    order: [119, 在哪里]     # occur in this order
    buttons: [跳过]          # the choices offered, all of them
    replies: 1               # how many messages came (the first one's notice is not counted)
    silent: true             # nothing came
  - staff: 您好              # a member of staff writes; staff_closes: true; nobody_comes: true
  - steps: [assign, resolve] # the newest ticket goes through these steps of the lifecycle
  - days_pass: 6             # what nobody answered by then is ended
  tickets:                   # the resident's tickets at the end, oldest first; [] for none;
                             # place: what the place must contain, "" for none
  - {type: complaint, place: 人民路21号, has: [油烟], phone: "13800138000", confidential: false,
     steps: [open, urge]}
  mode: bot                  # who answers at the end
  alerts: [danger]           # kinds of alerts raised

Besides, nothing a resident writes is met with silence, and no turn says the same thing twice.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.conversations.world import World
from tests.conversations.play import Played
from tests.harness.desk import Talk

FOLDER = Path(__file__).parent / "dialogues"
DIALOGUES: list[dict[str, Any]] = [
    {**dialogue, "file": path.stem}
    for path in sorted(FOLDER.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def test_there_are_enough() -> None:
    assert len(DIALOGUES) >= 55
    assert len({d["name"] for d in DIALOGUES}) == len(DIALOGUES)


@pytest.fixture(scope="session")
async def other(world: World) -> str:
    """The number of a ticket that belongs to someone else."""
    talk = Talk(world)
    for line in ("我要举报", "春晖苑5栋一楼私自群租，住了二十多人", "匿名", "跳过", "确认提交"):
        await talk.say(line)
    [ticket] = await talk.tickets()
    return ticket.number


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: f"{d['file']}: {d['name']}")
async def test_dialogue(world: World, other: str, dialogue: dict[str, Any]) -> None:
    talk = Talk(world)
    talk.earlier = timedelta(hours=sum(turn.get("hours_later", 0) for turn in dialogue["turns"]))
    played = Played(talk, other)
    for number, turn in enumerate(dialogue["turns"]):
        replies = await played.turn(turn)
        if number == 0:
            notices = [reply for reply in replies if reply.text == world.city.say("first_contact")]
            assert "机器人" in notices[0].text, "at first contact: that it is a bot, what is kept"
            replies = [reply for reply in replies if reply not in notices]
        if not turn.keys() & {"staff", "staff_closes", "nobody_comes", "steps", "days_pass"}:
            await played.check(turn, replies)
    await played.check_end(dialogue)
