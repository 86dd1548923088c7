"""The commands of the engine say in one line what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings

ROOT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "YINGSHENG_MODEL": "/nowhere/model.tar.gz",
    "YINGSHENG_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "YINGSHENG_ACTIONS_URL": "http://127.0.0.1:1/webhook",
    "YINGSHENG_ENGINE_TOKEN": "secret",
}


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({key: value for key, value in COMPLETE.items() if key != name})


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="YINGSHENG_ENGINE_PORT"):
        read_settings({**COMPLETE, "YINGSHENG_ENGINE_PORT": "eighty"})


def test_a_missing_model_ends_the_engine_with_one_line_and_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.serve"],
        cwd=ROOT,
        env={**os.environ, **COMPLETE, "PYTHONPATH": str(ROOT), "YINGSHENG_ENGINE_PORT": "5999"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "make train" in done.stderr
    assert "Traceback" not in done.stderr
