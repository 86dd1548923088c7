"""Promises of the page that its files can be asked about: size, policy, old phones, contrast."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.webchat import PAGE

FILES = sorted(PAGE.parent.iterdir())
SCRIPTS = [file for file in FILES if file.suffix == ".js"]
# What Chrome 60 and its WebView do not know (ES2018 and later).
TOO_NEW = (
    r"\?\.|\?\?|catch \{|\.\.\.\w|\.at\(|\.flat|replaceAll|new AbortController|async \*|await \("
)
STYLES_TOO_NEW = r"(?<!-)\bgap:|\binset:|clamp\(|:is\(|:where\(|@layer|aspect-ratio"


def test_light_enough_for_a_bad_network() -> None:
    assert sum(file.stat().st_size for file in FILES) < 40_000


def test_page_runs_under_a_strict_policy() -> None:
    html = PAGE.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', html)
    local = [one for one in loaded if not one.startswith("tel:")]
    assert local
    assert all((PAGE.parent / one.removeprefix("/chat/")).is_file() for one in local)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_text_is_never_markup(script: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script.read_text()
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_old_phones_can_run_it(script: Path) -> None:
    assert not re.search(TOO_NEW, script.read_text())


def test_old_phones_can_show_it() -> None:
    assert not re.search(STYLES_TOO_NEW, (PAGE.parent / "chat.css").read_text())


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Text colour on what it stands, as chat.css combines them.
PAIRS = (
    ("ink", "paper"), ("ink", "ground"), ("faint", "paper"), ("faint", "ground"), ("faint", "line"),
    ("accent", "paper"), ("accent", "soft"), ("alarm", "alarm-soft"),
)  # fmt: skip


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), [*PAIRS, ("#fff", "fill")])
def test_contrast(theme: int, text: str, ground: str) -> None:  # WCAG 2.1, 1.4.3
    css = (PAGE.parent / "chat.css").read_text()
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))
    light, dark = sorted((luminance(colours.get(c, c)) for c in (text, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
