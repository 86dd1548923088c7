"""Everything that the bot says is in the city's wording, and the domain's actions are all served."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
import yaml

from actions.outcome import Services
from actions.rasa_actions import all_actions
from desk.city import City
from desk.settings import ROOT

SOURCES = [*(ROOT / "actions").rglob("*.py"), *(ROOT / "desk").rglob("*.py")]
_KEY = re.compile(
    r"""(?:say|_say|_missed)\(\s*(?:services, |city, draft, city\.say\()?\s*"([a-z_.]+)\""""
)
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
# What the program fills in; {city} and the like are always known.
KNOWN = {
    "due",
    "number", "words", "count", "place", "topic", "type", "phone", "name", "answer", "source",
    "updated", "status", "note", "at", "what", "days", "city", "hotline", "hotline_number", "bot",
    "nickname",
}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: cast("Path", path).name)
def test_every_key_has_its_words(city: City, path: Path) -> None:
    for key in _KEY.findall(path.read_text(encoding="utf-8")):
        assert key in city.wording, f"{path.name}: {key}"


def test_keys_that_are_put_together(city: City) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    requests = domain["intents"][:8]
    for key in (
        *(f"ask.matter.{name}" for name in requests),
        *(f"type.{name}" for name in requests),
        *(f"midway.{name}" for name in ("greet", "thank", "goodbye", "out_of_scope")),
        *(f"process.{name}" for name in ("who", "free", "contact")),
        *(f"attached.share_{kind}" for kind in ("image", "location", "link", "voice")),
    ):
        assert key in city.wording, key


def test_no_unknown_variable(city: City) -> None:
    for key, text in city.wording.items():
        unknown = set(_VARIABLE.findall(text)) - KNOWN
        assert not unknown, f"{key}: {unknown}"


def test_the_tone(city: City) -> None:
    """您, no blame, short enough for a small screen."""
    for key, text in city.wording.items():
        assert "你" not in text.replace("您", ""), key
        assert len(text) <= 220, key


def test_every_action_of_the_domain_is_served() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    served = {action.name() for action in all_actions(cast("Services", None))}
    assert served == set(domain["actions"])
