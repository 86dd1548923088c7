"""Where conversations stand: one row each, read at the start of a turn and written at its end.

Rasa's own SQL store reads and writes event by event, several statements a turn, and when the database
fails its wrapper goes on in memory. Here a turn is kept whole or not at all: the row carries a version,
and a write that does not find the version it started from is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.database import Database
from bot.history import shorten

Reply = dict[str, Any]

#: How many answered messages of a conversation are remembered, to answer a repeated one alike. A channel
#: repeats a message within seconds, a job within minutes; residents do not write faster than that.
REMEMBERED_TURNS = 20

_SCHEMA = """
SELECT pg_advisory_xact_lock(hashtext('yingsheng engine schema'));
CREATE SCHEMA IF NOT EXISTS engine;
CREATE TABLE IF NOT EXISTS engine.dialogues (
    sender text PRIMARY KEY,
    version bigint NOT NULL,
    events text NOT NULL,
    turns text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE engine.dialogues IS
    'One row a conversation: its recent events and answered messages, as JSON. Owned by the engine.';
"""
_EXISTS = "SELECT to_regclass('engine.dialogues') IS NOT NULL"
_READ = "SELECT version, events, turns FROM engine.dialogues WHERE sender = %s"
_INSERT = """
INSERT INTO engine.dialogues (sender, version, events, turns) VALUES (%s, 1, %s, %s)
ON CONFLICT (sender) DO NOTHING
"""
_UPDATE = """
UPDATE engine.dialogues SET version = version + 1, events = %s, turns = %s, updated_at = now()
WHERE sender = %s AND version = %s
"""
_KEYS = "SELECT sender FROM engine.dialogues"


class DialogueChanged(Exception):
    """Another engine wrote this conversation in the meantime; nothing was written."""


@dataclass(frozen=True)
class Dialogue:
    """A conversation as it was read: `version` 0 means that it is new."""

    tracker: DialogueStateTracker
    version: int
    turns: list[dict[str, Any]]

    def replies_to(self, message_id: str) -> list[Reply] | None:
        """What this message was answered, if it was."""
        for turn in self.turns:
            if turn["message_id"] == message_id:
                return turn["replies"]
        return None


class DialogueStore(TrackerStore):
    """The tracker store of the engine; see the module."""

    def __init__(self, database: Database, domain: Domain | None = None) -> None:
        super().__init__(domain)
        self._database = database

    def prepare(self) -> None:
        """Make schema and table where they are missing.

        Raises:
            bot.database.DatabaseUnavailable: no database answers.

        """
        _, rows = self._database.run_blocking(_EXISTS)
        if not rows[0][0]:
            self._database.run_blocking(_SCHEMA)

    async def load(self, sender: str) -> Dialogue:
        """Read a conversation; a new one has an empty tracker."""
        _, rows = await self._database.run(_READ, (sender,))
        if not rows:
            return Dialogue(DialogueStateTracker(sender, self.domain.slots), 0, [])
        version, events, turns = rows[0]
        tracker = DialogueStateTracker.from_dict(sender, json.loads(events), self.domain.slots)
        return Dialogue(tracker, version, json.loads(turns))

    async def save_turn(self, dialogue: Dialogue, message_id: str, replies: list[Reply]) -> None:
        """Write the conversation with the turn that `message_id` began, in one statement.

        Raises:
            DialogueChanged: someone else wrote it since it was read.

        """
        turns = [*dialogue.turns, {"message_id": message_id, "replies": replies}]
        await self._write(dialogue.tracker, dialogue.version, turns[-REMEMBERED_TURNS:])

    async def _write(
        self, tracker: DialogueStateTracker, version: int, turns: list[dict[str, Any]]
    ) -> None:
        events = json.dumps(shorten([event.as_dict() for event in tracker.events]))
        remembered = json.dumps(turns)
        if version:
            parameters = (events, remembered, tracker.sender_id, version)
            count, _ = await self._database.run(_UPDATE, parameters)
        else:
            count, _ = await self._database.run(_INSERT, (tracker.sender_id, events, remembered))
        if count != 1:
            raise DialogueChanged(tracker.sender_id)

    # What Rasa's own HTTP API asks of a tracker store:

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a conversation, or None."""
        dialogue = await self.load(sender_id)
        return dialogue.tracker if dialogue.version else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write a tracker that Rasa's own API changed, over whatever is stored."""
        dialogue = await self.load(tracker.sender_id)
        await self._write(tracker, dialogue.version, dialogue.turns)

    async def keys(self) -> Iterable[str]:
        """Ids of all conversations."""
        _, rows = await self._database.run(_KEYS)
        return [row[0] for row in rows]
