"""Actions for `benchmarks/engine.py`: an intake like the real one, without a desk behind it.

Run by rasa-sdk's own server in the engine's environment: `python -m rasa_sdk --actions …`.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]

#: The questions of the form, in order, with the slot that each fills.
QUESTIONS = (
    ("place", "在什么地方？"),
    ("phone", "请留电话，也可以跳过。"),
    ("confirmation", "确认提交吗？"),
)


class StartIntake(Action):
    """Opens the form and asks the first question."""

    def name(self) -> str:
        return "action_start_intake"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:  # noqa: ARG002
        dispatcher.utter_message(text="收到。" + QUESTIONS[0][1])
        matter = tracker.latest_message.get("text")
        return [
            ActiveLoop("intake_form"),
            SlotSet("matter", matter),
            SlotSet("draft", {"text": matter}),
            SlotSet("requested_slot", "place"),
        ]


class ValidateIntakeForm(Action):
    """Takes any answer to the open question, asks the next, ends the form after the last."""

    def name(self) -> str:
        return "validate_intake_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:  # noqa: ARG002
        names = [name for name, _ in QUESTIONS]
        asked = tracker.get_slot("requested_slot")
        answer = SlotSet(asked, tracker.latest_message.get("text"))
        following = names.index(asked) + 1
        if following < len(QUESTIONS):
            name, question = QUESTIONS[following]
            dispatcher.utter_message(text=question, buttons=[{"title": "跳过", "payload": "跳过"}])
            return [answer, SlotSet("requested_slot", name)]
        dispatcher.utter_message(text="已受理。")
        emptied = [SlotSet(name, None) for name in ("draft", "matter", *names)]
        return [*emptied, SlotSet("requested_slot", None)]


def _answering(action_name: str) -> type:
    class Answer(Action):
        """Answers with a sentence."""

        def name(self) -> str:
            return action_name

        def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:  # noqa: ARG002
            dispatcher.utter_message(text="好的。")
            return []

    return Answer


#: rasa-sdk finds actions by their classes, so each of the domain's other actions gets one.
_OTHERS = [
    _answering(f"action_{name}")
    for name in (
        "answer", "smalltalk", "context", "progress", "urge", "supplement", "withdraw", "rate",
        "handoff", "my_data", "receive", "clarify",
    )
]  # fmt: skip
