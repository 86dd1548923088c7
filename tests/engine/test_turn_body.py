"""What the application asks of the engine, checked before anything is run."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channel import BadTurn, Turn, read_turn
from bot.dialogue_store import Dialogue

BODY: dict[str, Any] = {"sender": "7", "message_id": "m1", "text": "你好", "intent": None}
INTENTS = ["greet", "share_image"]


def test_a_turn_is_read() -> None:
    assert read_turn({**BODY, "metadata": {"a": 1}}, INTENTS) == Turn(
        "7", "m1", "你好", None, {"a": 1}
    )


def test_a_message_without_text_is_a_turn() -> None:
    turn = read_turn({"sender": "7", "message_id": "m1", "intent": "share_image"}, INTENTS)
    assert (turn.text, turn.intent) == ("", "share_image")


@pytest.mark.parametrize(
    "change",
    [
        {"sender": ""},
        {"sender": 7},
        {"message_id": None},
        {"message_id": "m" * 256},
        {"text": ["你好"]},
        {"intent": "no_such_intent"},
        {"metadata": "text"},
    ],
    ids=str,
)
def test_a_body_that_is_no_turn_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadTurn):
        read_turn({**BODY, **change}, INTENTS)


@pytest.mark.parametrize("body", [None, [], "turn"])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(BadTurn):
        read_turn(body, INTENTS)


def test_an_answered_message_has_its_recorded_replies() -> None:
    turns = [{"message_id": "m1", "replies": [{"text": "您好"}]}]
    dialogue = Dialogue(DialogueStateTracker("7", []), 1, turns)
    assert dialogue.replies_to("m1") == [{"text": "您好"}]


def test_a_message_answered_with_silence_is_answered() -> None:
    dialogue = Dialogue(DialogueStateTracker("7", []), 1, [{"message_id": "m1", "replies": []}])
    assert dialogue.replies_to("m1") == []


def test_a_new_message_has_no_replies_yet() -> None:
    assert Dialogue(DialogueStateTracker("7", []), 0, []).replies_to("m1") is None
