"""Playing a golden dialogue: what each turn of the data does, and what it is checked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors import Kind
from desk.conversations import handoff
from desk.conversations.tables import Conversation, Message
from desk.database import now
from desk.tickets import Actor, act
from desk.tickets.reviews.silence import end_unanswered
from tests.harness.desk import Talk

# What staff write when a dialogue does not care.
NOTE = "已安排人员到场处理完毕"
# A variable of the wording that was not filled in.
_VARIABLE = re.compile(r"\{[a-z_]+\}")


@dataclass
class Played:
    """A dialogue under way: the talk, what was said so far, and another resident's ticket number."""

    talk: Talk
    other: str
    story: list[str] = field(default_factory=list)

    async def turn(self, turn: dict[str, Any]) -> list[Message]:
        """Does what the turn says; the replies of the bot."""
        talk = self.talk
        talk.earlier -= timedelta(hours=turn.get("hours_later", 0))
        if "location" in turn:
            latitude, longitude, *label = turn["location"]
            return await talk.share(latitude, longitude, *label)
        if turn.get("image"):
            return await talk.send(kind=Kind.IMAGE, text=turn.get("say", ""))
        if "voice" in turn:
            return await talk.send(kind=Kind.VOICE, text=turn["voice"])
        if turn.get("unsupported"):
            return await talk.send(kind=Kind.UNSUPPORTED)
        if "link" in turn:
            return await talk.send(kind=Kind.LINK, text=turn["link"])
        if "say" in turn:
            return await talk.say(await self.filled(str(turn["say"])))
        await self._staff(turn)
        return []

    async def _staff(self, turn: dict[str, Any]) -> None:
        """What is done at the desk: a message, the end of it, nobody there, or steps of a ticket."""
        talk = self.talk
        world = talk.world
        if "staff" in turn:
            await handoff.staff_reply(world.db, talk.conversation_id, "坐席01", turn["staff"])
        if turn.get("staff_closes"):
            await handoff.close(world.db, world.city, talk.conversation_id, "坐席01")
        if turn.get("nobody_comes"):
            async with world.db.transaction() as session:
                conversation = await session.get_one(Conversation, talk.conversation_id)
                since = conversation.queued_at
            assert since is not None
            await handoff.queue_timeout(
                world.db, world.city, talk.conversation_id, since.isoformat()
            )
        if "days_pass" in turn:
            later = now() + timedelta(days=turn["days_pass"])
            await end_unanswered(world.db, world.city, later)
        for action in turn.get("steps", []):
            [*_, ticket] = await talk.tickets()
            role = world.city.lifecycle.transitions[action].roles[0]
            await act(world.db, world.city, ticket.number, action, Actor("坐席01", role), note=NOTE)

    async def filled(self, text: str) -> str:
        """A text with {number} (the resident's newest ticket) and {other} (someone else's)."""
        tickets = await self.talk.tickets() if "{number}" in text else []
        number = tickets[-1].number if tickets else ""
        return text.replace("{number}", number).replace("{other}", self.other)

    async def check(self, turn: dict[str, Any], replies: list[Message]) -> None:
        """Holds the replies against what the turn expects."""
        text = "\n".join(message.text for message in replies)
        self.story.append(f"> {turn.get('say') or turn}\n{text}")
        story = "\n".join(self.story)
        if turn.get("silent"):
            assert not replies, story
            return
        assert replies, f"silence\n{story}"
        assert len({message.text for message in replies}) == len(replies), f"said twice\n{story}"
        assert not _VARIABLE.search(text), story
        for wanted in [await self.filled(part) for part in turn.get("has", [])]:
            assert wanted in text, f"“{wanted}” is missing\n{story}"
        for unwanted in [await self.filled(part) for part in turn.get("lacks", [])]:
            assert unwanted not in text, f"“{unwanted}” must not be said\n{story}"
        for once in turn.get("once", []):
            assert text.count(once) == 1, f"“{once}” {text.count(once)} times\n{story}"
        order = [text.find(part) for part in turn.get("order", [])]
        assert -1 not in order, f"not all of {turn.get('order')}\n{story}"
        assert order == sorted(order), f"not in the order {turn.get('order')}\n{story}"
        if "replies" in turn:
            assert len(replies) == turn["replies"], story
        if "buttons" in turn:
            offered = [b for m in replies for b in m.payload.get("buttons", [])]
            assert offered == turn["buttons"], f"{offered}\n{story}"

    async def check_end(self, dialogue: dict[str, Any]) -> None:
        """Holds tickets, mode and alerts against what the dialogue expects."""
        story = "\n".join(self.story)
        if "tickets" in dialogue:
            tickets = await self.talk.tickets()
            wanted = dialogue["tickets"]
            assert len(tickets) == len(wanted), f"{len(tickets)} tickets\n{story}"
            for ticket, expected in zip(tickets, wanted, strict=True):
                for part in expected.get("has", []):
                    assert part in ticket.description, f"{ticket.description}\n{story}"
                for part in expected.get("lacks", []):
                    assert part not in ticket.description, f"{ticket.description}\n{story}"
                if "steps" in expected:
                    made = [step.action for step in await self.talk.steps(ticket)]
                    assert made == expected["steps"], f"{made}\n{story}"
                if "place" in expected:
                    # Where a place ends (人民路21号门口) is no matter of the dialogue.
                    place = ticket.place or ""
                    assert expected["place"] in place, f"{place}\n{story}"
                    assert bool(place) == bool(expected["place"]), f"{place}\n{story}"
                for name in expected.keys() - {"has", "lacks", "steps", "place"}:
                    found = getattr(ticket, name)
                    assert found == expected[name], f"{name} of the ticket is {found}\n{story}"
        if "mode" in dialogue:
            assert await self.talk.mode() == dialogue["mode"], story
        if "alerts" in dialogue:
            alerts = sorted(set(await self.talk.alerts()))
            assert alerts == sorted(dialogue["alerts"]), f"{alerts}\n{story}"
