"""What the engine understood of a message, as a value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

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


class Point(BaseModel):
    """A shared location, in the datum the platform uses."""

    latitude: float
    longitude: float
    label: str = ""
    system: str = "wgs84"


class Understanding(BaseModel):
    """One message, or one of several matters in it."""

    conversation_id: int
    message_id: int
    at: datetime
    text: str
    kind: str = "text"
    intent: str
    confidence: float = 1.0
    topic: str = ""
    places: list[str] = Field(default_factory=list)
    phones: list[str] = Field(default_factory=list)
    numbers: list[str] = Field(default_factory=list)
    point: Point | None = None
    danger: str | None = None
    matters: list[Understanding] = Field(default_factory=list)

    @property
    def is_request(self) -> bool:
        """Whether the message brings a matter of its own."""
        return self.intent in REQUESTS

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
        intent = parse.get("intent") or {}
        topic = parse.get("topic") or {}
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
            text=parse.get("text") or "",
            kind=metadata.get("kind") or "text",
            intent=intent.get("name") or "nlu_fallback",
            confidence=float(intent.get("confidence") or 0.0),
            topic=topic.get("code") or "",
            places=values.get("place", []),
            phones=values.get("phone", []),
            numbers=values.get("ticket_number", []),
            point=metadata.get("location"),
            danger=metadata.get("danger"),
        )
