"""What is logged of a fault: where and which, and nothing of what a resident wrote."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from desk.conversations.handoff import TakenError
from desk.processes.logs import QuietFormatter, report_unheard

PLANTED = "301室13800138000"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the desk's loggers write."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(QuietFormatter("%(name)s %(message)s"))
    logger = logging.getLogger("desk")
    logger.addHandler(handler)
    logger.propagate = False
    yield out
    logger.propagate = True
    logger.removeHandler(handler)


def logged(out: io.StringIO, error: BaseException) -> str:
    logging.getLogger("desk.test").error("message 7 failed", exc_info=error)
    return out.getvalue()


class Strict(BaseModel):
    number: int


def raised(kind: str) -> BaseException:
    try:
        if kind == "parser":
            Strict.model_validate({"number": PLANTED})
        try:
            raise KeyError(PLANTED)
        except KeyError as cause:
            raise ValueError(PLANTED) from cause
    except ValueError as error:  # pydantic's error is one
        return error


@pytest.mark.parametrize("kind", ["parser", "chain"])
def test_an_exceptions_text_stays_out_and_its_place_is_told(out: io.StringIO, kind: str) -> None:
    text = logged(out, raised(kind))
    assert PLANTED not in text
    assert "message 7 failed" in text
    assert "Error" in text
    assert "test_logging.py" in text
    if kind == "chain":
        assert text.index("KeyError") < text.index("ValueError")


def test_our_own_exceptions_say_what_is_wrong(out: io.StringIO) -> None:
    assert "with 小王" in logged(out, TakenError("小王"))


def test_a_task_that_nobody_waited_for_is_reported_without_its_text(
    out: io.StringIO,
) -> None:
    async def fail() -> None:
        raise ValueError(PLANTED)

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(report_unheard)
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())
    assert "ValueError" in out.getvalue()
    assert PLANTED not in out.getvalue()


def test_what_libraries_tell_of_urls_and_bodies_is_not_logged() -> None:
    program = """
import logging
from desk.processes.logs import set_up_logging
set_up_logging()
for name in ("httpx", "telegram.ext", "procrastinate.worker", "uvicorn.access", "desk.x"):
    logging.getLogger(name).info("told by %s", name)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert [line.split()[-1] for line in done.stderr.splitlines()] == ["desk.x"]
