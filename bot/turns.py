"""One turn: a message is understood, the rules choose actions, actions answer.

`TurnProcessor` is Rasa's `MessageProcessor` with four things changed: text is always text (a leading
“/” is not a command), an action that fails fails the turn, the graph is run by `bot.graph_runner`, and
message text never reaches a log.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator, TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue_store import Dialogue, Reply
from bot.graph_runner import load_graph
from bot.understanding import Understanding

logger = logging.getLogger("yingsheng.engine")


class TurnProcessor(MessageProcessor):
    """See the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.understanding = Understanding(self.graph_runner, self.model_metadata)

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        """As in Rasa, but run by our runner, and a path is an archive's."""
        return Path(model_path).name, *load_graph(Path(model_path))

    async def run_turn(
        self, dialogue: Dialogue, message: UserMessage, intent: str | None
    ) -> list[Reply]:
        """Run the turn that `message` begins on the dialogue's tracker; give the bot's replies.

        Nothing is stored here. `intent`, when given, is what the resident did instead of writing (sent a
        picture, ...); the text beside it, if any, is still read for places and numbers.
        """
        tracker = dialogue.tracker
        tracker.model_id = self.model_metadata.model_id
        tracker.assistant_id = self.model_metadata.assistant_id
        before = len(tracker.events)
        await self._update_tracker_session(tracker, message.output_channel, message.metadata)
        parsed = await self.parse_message(message, tracker)
        if intent is not None:
            parsed["intent"] = {"name": intent, "confidence": 1.0}
            parsed["matters"] = []
        tracker.update(
            UserUttered(
                message.text,
                parsed["intent"],
                parsed["entities"],
                parsed,
                input_channel=message.input_channel,
                message_id=message.message_id,
                metadata=message.metadata,
            ),
            self.domain,
        )
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        new_events = list(tracker.events)[before:]
        return [_reply(event) for event in new_events if isinstance(event, BotUttered)]

    async def parse_message(
        self,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,  # noqa: FBT001, FBT002
    ) -> dict[str, Any]:
        """Understand a message: what `bot.nlu` finds, and nothing of what Rasa reads into “/…”."""
        return self.understanding.parse(message.text or "")

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """As in Rasa, but an exception of the action is not swallowed."""
        try:
            temporary_tracker = tracker.copy()
            temporary_tracker.update_with_events(prediction.events, self.domain)
            events = await action.run(output_channel, nlg, temporary_tracker, self.domain)
        except ActionExecutionRejection:
            tracker.update(
                ActionExecutionRejected(
                    action.name(), prediction.policy_name, prediction.max_confidence
                )
            )
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        return self.should_predict_another_action(action.name())


class TurnAgent(Agent):
    """Rasa's agent with our processor, and a tracker store that may fail loudly."""

    processor: TurnProcessor | None

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        """Load a model archive."""
        self.processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        if isinstance(self.nlg, TemplatedNaturalLanguageGenerator):
            self.nlg.responses = self.domain.responses

    @staticmethod
    def _create_tracker_store(
        store: TrackerStore | None,
        domain: Domain,  # noqa: ARG004
    ) -> TrackerStore:
        """Without Rasa's wrapper, which answers a database failure by forgetting the conversation."""
        assert store is not None
        return store


def _reply(event: Event) -> Reply:
    """What a channel shows of a bot's utterance."""
    assert isinstance(event, BotUttered)
    data = {key: value for key, value in event.data.items() if value}
    reply: Reply = {"text": event.text or ""}
    for key in ("buttons", "custom", "image", "attachment"):
        if key in data:
            reply[key] = data[key]
    return reply
