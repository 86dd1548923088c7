"""Writing down a matter: a pure dialogue from the first words to the confirmed summary."""

from actions.intake.beginning import Step, begin, close, offer
from actions.intake.dialogue import advance
from actions.intake.draft import Ask, Draft
from actions.intake.questions import question

__all__ = ["Ask", "Draft", "Step", "advance", "begin", "close", "offer", "question"]
