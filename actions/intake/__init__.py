"""Writing down a matter: a pure dialogue from the first words to the confirmed summary."""

from actions.intake.beginning import Step, begin, close, more, offer
from actions.intake.dialogue import REST, advance
from actions.intake.draft import Ask, Draft
from actions.intake.questions import question

__all__ = ["REST", "Ask", "Draft", "Step", "advance", "begin", "close", "more", "offer", "question"]
