"""The second look at danger to life: what the model senses and no pattern of the city knew."""

from __future__ import annotations

from actions.outcome import Services
from actions.understanding import Understanding
from desk.city import danger_of
from desk.conversations.beforehand import warn
from desk.conversations.tables import Message


async def look_again(services: Services, said: Understanding) -> Understanding | None:
    """The message with what is known of danger in it. Who is warned only now is warned as by the
    patterns; None when a person goes on from here."""
    if said.danger or not said.sensed:
        return said
    danger = danger_of(services.world.city, said.sensed)
    async with services.world.db.single() as session:
        message = await session.get_one(Message, said.message_id)
    await warn(services.world.db, services.world.city, message, danger)
    return None if danger.then == "human" else said.in_danger(danger.code)
