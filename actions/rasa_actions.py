"""The actions that the domain names, as rasa-sdk knows them. Each is a thin door to `respond`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.danger import look_again
from actions.intake import Draft
from actions.outcome import Outcome, Services
from actions.respond import go_on, respond
from actions.understanding import Understanding
from connectors import Outbound

DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"
FORM = "intake_form"
VALIDATE = f"validate_{FORM}"

Events = list[dict[str, Any]]


class Respond(Action):
    """Answers a message outside the form; opens the form when a question stays open.

    All actions outside the form do the same: the intent tells `respond` what to do. The domain gives
    them names of their own so that rules and stories read as what happens.
    """

    def __init__(self, name: str, services: Services) -> None:
        self._name = name
        self._services = services

    def name(self) -> str:
        """The name in the domain."""
        return self._name

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,  # noqa: ARG002 - rasa-sdk passes it by name
    ) -> Events:
        """Called by the engine."""
        said = Understanding.from_tracker(tracker.sender_id, tracker.latest_message)
        said = await look_again(self._services, said)
        if said is None:
            return []
        outcome = await respond(self._services, said)
        _utter(dispatcher, outcome.replies)
        if outcome.draft is None:
            return []
        return [ActiveLoop(FORM), *_remember(outcome, said)]


class ValidateIntakeForm(Action):
    """Decides, while the form is active, what a message is and what is asked next."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        """The name in the domain."""
        return VALIDATE

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,  # noqa: ARG002 - rasa-sdk passes it by name
    ) -> Events:
        """Called by the form for every message, and once more right after an action opened it: then
        the message is known already and nothing is said again."""
        said = Understanding.from_tracker(tracker.sender_id, tracker.latest_message)
        kept: dict[str, Any] | None = tracker.get_slot("draft")
        if kept is None:
            return [SlotSet("draft", None), SlotSet("requested_slot", None)]
        draft = Draft.model_validate(kept["draft"])
        if kept["message_id"] == said.message_id:
            return [SlotSet("draft", kept), SlotSet("requested_slot", draft.ask.slot)]
        warned = await look_again(self._services, said)
        if warned is None:
            return [SlotSet("draft", kept), SlotSet("requested_slot", draft.ask.slot)]
        outcome = await go_on(self._services, draft, warned)
        _utter(dispatcher, outcome.replies)
        return _remember(outcome, said)


def all_actions(services: Services) -> list[Action]:
    """Every action that the domain names."""
    domain = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))
    return [
        ValidateIntakeForm(services) if name == VALIDATE else Respond(name, services)
        for name in domain["actions"]
    ]


def _remember(outcome: Outcome, said: Understanding) -> Events:
    if outcome.draft is None:
        return [SlotSet("draft", None), SlotSet("requested_slot", None)]
    kept = {"message_id": said.message_id, "draft": outcome.draft.model_dump(mode="json")}
    return [SlotSet("draft", kept), SlotSet("requested_slot", outcome.draft.ask.slot)]


def _utter(dispatcher: CollectingDispatcher, replies: list[Outbound]) -> None:
    for reply in replies:
        dispatcher.utter_message(
            text=reply.text,
            buttons=[{"title": b.text, "payload": b.text} for b in reply.buttons],
        )
