"""Logs carry no words of residents, whoever logs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "我住在人民路，电话13800138000"

PREPARE = (
    "import logging, sys, warnings\n"
    "from bot.quiet import keep_quiet, log_to_stderr\n"
    "log_to_stderr(); keep_quiet()\n"
    "import structlog\n"
)


def output(script: str) -> str:
    """What a process that keeps quiet writes, on either stream."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + script, SECRET],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("logging.getLogger('rasa.core.processor').error(sys.argv[1])", id="rasa"),
        pytest.param("logging.getLogger('sanic.error').error(sys.argv[1])", id="server"),
        pytest.param("structlog.get_logger().error('parsed', text=sys.argv[1])", id="structlog"),
        pytest.param("warnings.warn(sys.argv[1])", id="warning"),
    ],
)
def test_what_libraries_say_is_not_written(script: str) -> None:
    assert SECRET not in output(script)


def test_what_the_engine_says_is_written() -> None:
    assert "turn 7" in output("logging.getLogger('yingsheng.engine').info('turn %d', 7)")
