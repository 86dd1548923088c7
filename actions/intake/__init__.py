"""Writing down a matter: a pure dialogue from the first words to the confirmed summary."""

from actions.intake.dialogue import Step, advance, begin, following, offer
from actions.intake.draft import Ask, Draft

__all__ = ["Ask", "Draft", "Step", "advance", "begin", "following", "offer"]
