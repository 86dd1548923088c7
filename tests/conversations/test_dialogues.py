"""Golden dialogues: the resident's lines, and what must be true after them.

`dialogues/*.yml` are lists of

- name: what it is about
  turns:
  - say: 我要投诉            # or: location: [纬度, 经度, 名称] · image: true · voice: "" · hours_later: 3
    has: [发生了什么]        # each must occur in the replies
    lacks: [在哪里]          # none may occur
    replies: 1               # how many messages came (the first one's notice is not counted)
    silent: true             # nothing came
  tickets:                   # the resident's tickets at the end, oldest first; [] for none
  - {type: complaint, place: 人民路21号, has: [油烟], phone: "13800138000", confidential: false}
  mode: bot                  # who answers at the end
  alerts: [danger]           # kinds of alerts raised
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import Kind
from desk.conversations.tables import Message
from desk.conversations.world import World
from tests.harness.desk import Talk

FOLDER = Path(__file__).parent / "dialogues"
FILES = sorted(FOLDER.glob("*.yml"))
DIALOGUES: list[dict[str, Any]] = [
    {**dialogue, "file": path.stem}
    for path in FILES
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def test_there_are_enough() -> None:
    assert len(DIALOGUES) >= 40
    assert len({d["name"] for d in DIALOGUES}) == len(DIALOGUES)


async def said(talk: Talk, turn: dict[str, Any]) -> list[Message]:
    if "location" in turn:
        latitude, longitude, *label = turn["location"]
        return await talk.share(latitude, longitude, *label)
    if turn.get("image"):
        return await talk.send(kind=Kind.IMAGE)
    if "voice" in turn:
        return await talk.send(kind=Kind.VOICE, text=turn["voice"])
    if turn.get("unsupported"):
        return await talk.send(kind=Kind.UNSUPPORTED)
    return await talk.say(turn["say"])


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: f"{d['file']}: {d['name']}")
async def test_dialogue(world: World, dialogue: dict[str, Any]) -> None:
    talk = Talk(world)
    later = [turn.get("hours_later", 0) for turn in dialogue["turns"]]
    talk.earlier = timedelta(hours=sum(later))
    told: list[str] = []
    for number, turn in enumerate(dialogue["turns"]):
        talk.earlier -= timedelta(hours=turn.get("hours_later", 0))
        replies = [m.text for m in await said(talk, turn)]
        if number == 0 and not turn.get("silent"):
            assert "机器人" in replies[0], "the first reply says that it is a bot"
            if len(replies) > 1:
                replies = replies[1:]
        text = "\n".join(replies)
        line = turn.get("say") or str(turn)
        told.append(f"> {line}\n{text}")
        story = "\n".join(told)
        for wanted in turn.get("has", []):
            assert wanted in text, f"“{wanted}” is missing\n{story}"
        for unwanted in turn.get("lacks", []):
            assert unwanted not in text, f"“{unwanted}” must not be said\n{story}"
        if "replies" in turn:
            assert len(replies) == turn["replies"], story
        if turn.get("silent"):
            assert not replies, story
    await check_end(talk, dialogue, "\n".join(told))


async def check_end(talk: Talk, dialogue: dict[str, Any], story: str) -> None:
    if "tickets" in dialogue:
        tickets = await talk.tickets()
        assert len(tickets) == len(dialogue["tickets"]), f"{len(tickets)} tickets\n{story}"
        for ticket, wanted in zip(tickets, dialogue["tickets"], strict=True):
            for part in wanted.get("has", []):
                assert part in ticket.description, story
            for name in wanted.keys() - {"has"}:
                assert getattr(ticket, name) == wanted[name], f"{name} of the ticket\n{story}"
    if "mode" in dialogue:
        assert await talk.mode() == dialogue["mode"], story
    if "alerts" in dialogue:
        assert sorted(set(await talk.alerts())) == sorted(dialogue["alerts"]), story
