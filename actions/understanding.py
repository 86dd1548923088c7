"""What the engine understood of a message, as a value."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from desk.tickets import parse_ticket_number

REQUESTS = (
    "consultation",
    "complaint",
    "violation",
    "incident",
    "help",
    "suggestion",
    "praise",
    "other",
)
# Below this the topic of a message is no more than a guess, and nobody is shown one.
SURE_OF_TOPIC = 0.3
# From here on people are warned of a danger that no pattern of the city knew.
SURE_OF_DANGER = 0.25
# What the model holds less likely than this is not even guessed.
GUESSED = 0.1
# Intents that an unclear first message is often taken for although no question is open.
_ANSWERS = ("inform", "correct")
_CHINESE = re.compile("[\u3400-\u9fff]")
_BARE_TICKET_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
# As the database keeps a phone number.
_PHONE_FORM = re.compile(r"\+?\d[\d-]{5,17}\d")
# A recording in which nothing was recognised but a sound (CowAgent#1540: “嗯。”).
_MUMBLED = re.compile(r"[嗯啊哦额呃唔喂哎\W]*")


class Point(BaseModel):
    """A shared location, in the datum the platform uses."""

    latitude: float
    longitude: float
    label: str = ""
    system: str = "wgs84"


class Understanding(BaseModel):
    """One message, or one of several matters in it. `guesses`: intents, the likeliest first. `danger`:
    what the city's patterns found; `sensed`: what the model is sure of."""

    conversation_id: int
    message_id: int
    at: datetime
    text: str
    kind: str = "text"
    intent: str
    guesses: list[str] = Field(default_factory=list)
    topic: str = ""
    places: list[str] = Field(default_factory=list)
    phones: list[str] = Field(default_factory=list)
    numbers: list[str] = Field(default_factory=list)
    point: Point | None = None
    danger: str | None = None
    sensed: str | None = None
    matters: list[Understanding] = Field(default_factory=list)

    @property
    def is_request(self) -> bool:
        """Whether the message brings a matter of its own."""
        return self.intent in REQUESTS

    @property
    def likely_request(self) -> str | None:
        """The request that an unclear message is likeliest to be; None when it is no request. Where the
        model refuses a text of another language or code, its guesses mean nothing."""
        if self.intent == "nlu_fallback" and not _CHINESE.search(self.text):
            return None
        for guess in (self.intent, *self.guesses):
            if guess in REQUESTS:
                return guess
            if guess not in (*_ANSWERS, "nlu_fallback"):
                return None
        return None

    @property
    def urgent_request(self) -> str:
        """What a message that tells of danger is taken down as, whatever else it is: someone needs
        help, and a person must learn where."""
        return self.intent if self.is_request and self.intent != "consultation" else "help"

    @property
    def known(self) -> list[str]:
        """The parts of the text that are understood by themselves."""
        return [*self.places, *self.phones, *self.numbers]

    def in_danger(self, danger: str) -> Understanding:
        """The same message, in which somebody is in danger."""
        matters = [part.in_danger(danger) for part in self.matters]
        return self.model_copy(update={"danger": danger, "matters": matters})

    def as_(self, intent: str) -> Understanding:
        """The same message, meant as something else."""
        return self.model_copy(update={"intent": intent})

    @classmethod
    def from_tracker(cls, sender: str, latest: dict[str, Any]) -> Understanding:
        """Reads the tracker's `latest_message` as the engine posts it (parse data and metadata)."""
        metadata = latest.get("metadata") or {}
        whole = cls._read(latest, int(sender), metadata)
        matters = [cls._read(part, int(sender), metadata) for part in latest.get("matters") or []]
        return whole.model_copy(update={"matters": matters})

    @classmethod
    def _read(
        cls, parse: dict[str, Any], conversation_id: int, metadata: dict[str, Any]
    ) -> Understanding:
        text = parse.get("text") or ""
        kind = metadata.get("kind") or "text"
        intent = (parse.get("intent") or {}).get("name") or "nlu_fallback"
        topic = parse.get("topic") or {}
        danger = parse.get("danger") or {}
        values: dict[str, list[str]] = {}
        for entity in parse.get("entities") or []:
            found = values.setdefault(entity["entity"], [])
            if entity["value"] not in found:
                found.append(entity["value"])
        at = metadata.get("at")
        return cls(
            conversation_id=conversation_id,
            message_id=int(metadata["message_id"]),
            at=datetime.fromisoformat(at) if at else datetime.now(UTC),
            text=text,
            kind=kind,
            intent="share_voice" if kind == "voice" and _MUMBLED.fullmatch(text) else intent,
            guesses=[
                guess["name"]
                for guess in parse.get("intent_ranking") or []
                if guess["name"] != "nlu_fallback" and guess["confidence"] >= GUESSED
            ],
            topic=topic.get("code") or "" if topic.get("confidence", 0.0) >= SURE_OF_TOPIC else "",
            places=values.get("place", []),
            phones=[phone for value in values.get("phone", []) if (phone := _phone(value))],
            numbers=values.get("ticket_number", [])
            or [n for n in _BARE_TICKET_NUMBER.findall(text) if parse_ticket_number(n)],
            point=metadata.get("location"),
            danger=metadata.get("danger"),
            sensed=danger.get("code") if danger.get("confidence", 0.0) >= SURE_OF_DANGER else None,
        )


def _phone(value: str) -> str | None:
    """A phone number as a ticket keeps it; None when it cannot be one."""
    plain = re.sub(r"[^\d+-]", "", value)
    return plain if _PHONE_FORM.fullmatch(plain) else None
