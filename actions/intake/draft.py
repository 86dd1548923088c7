"""A matter that is being written down: what is known, and which question is open."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from actions.understanding import Point, Understanding


class Ask(StrEnum):
    """The question that is open. The first five are the slots of the Rasa form."""

    MATTER = "matter"
    PLACE = "place"
    ANONYMITY = "anonymity"
    PHONE = "phone"
    CONFIRMATION = "confirmation"
    CHANGE = "change"  # what is to be changed in the summary
    RESUME = "resume"  # whether to go on with a draft left behind
    OFFER = "offer"  # whether an unanswered consultation becomes a ticket
    ANSWERED = "answered"  # nothing, but “登记” now means the consultation that was answered
    REPEAT = "repeat"  # whether it is added to the resident's own ticket about the same matter
    REFUSED = "refused"  # nothing, but what comes may bring the refused matter within bounds
    WITHDRAW = "withdraw"  # whether a ticket is really withdrawn
    SUPPLEMENT = "supplement"  # what is to be added to a ticket
    AMEND = "amend"  # what is right, where a ticket is wrong

    @property
    def slot(self) -> str:
        """The form's slot under which Rasa knows the question."""
        return self if self in _SLOTS else Ask.CONFIRMATION


_SLOTS = (Ask.MATTER, Ask.PLACE, Ask.ANONYMITY, Ask.PHONE, Ask.CONFIRMATION)


class Earlier(BaseModel):
    """The resident's own open ticket that the matter is likely the same as."""

    number: str
    at: str
    words: str


class Draft(BaseModel):
    """Everything known of the matter. Lives in the tracker's slot `draft`, as JSON.

    `messages`: ids of all messages that belong to it, `attached` of them pictures. `rest`: matters of the
    same resident that wait for this one. `paused`: the draft that is taken up after this one. `held`: the
    message that the open question is about, or that has to wait for its matter. `urgent`: it tells of
    danger to life. `examined`: it was held against the kinds of matters that the city does not accept,
    `compared`: against the resident's own open tickets. `earlier`: the one that was found; a draft that is
    handed in with it is added to that ticket.
    """

    type: str
    topic: str = ""
    words: list[str] = Field(default_factory=list)
    messages: list[int] = Field(default_factory=list)
    attached: int = 0
    place: str | None = None
    point: Point | None = None
    place_unknown: bool = False
    phone: str | None = None
    phone_declined: bool = False
    anonymous: bool | None = None
    urgent: bool = False
    examined: bool = False
    compared: bool = False
    earlier: Earlier | None = None
    ask: Ask = Ask.MATTER
    misses: int = 0
    matter: int = 0
    rest: list[Understanding] = Field(default_factory=list)
    held: Understanding | None = None
    paused: Draft | None = None
    touched: datetime

    @property
    def description(self) -> str:
        """The resident's words, one message a line."""
        return "\n".join(self.words)

    def with_(self, **changes: Any) -> Draft:
        """A copy with changes; drafts are never changed in place."""
        return self.model_copy(update=changes)

    def and_message(self, said: Understanding) -> Draft:
        """With one message more that belongs to it."""
        if said.message_id in self.messages:
            return self
        return self.with_(
            messages=[*self.messages, said.message_id],
            attached=self.attached + (said.kind == "image"),
        )
