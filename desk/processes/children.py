"""Child processes: started, watched, started again when they end, stopped in order."""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
# Seconds before a child that keeps ending is started again.
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY = 30.0


class CannotStartError(Exception):
    """A child says that it cannot start (exit code 2); it has said why on standard error."""


def die_with_parent() -> None:
    """To be run in a child before its program starts: should we be killed, Linux ends it too, so
    that nothing is left holding the ports."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


@dataclass
class Child:
    """One process that is to run all the time."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    _starts: int = 0
    _started: float = 0.0
    _deaths: int = 0
    _not_before: float = field(default=0.0)

    def watch(self) -> None:
        """Starts the child when it does not run. Raises CannotStartError when it refuses the first
        time; later that passes, as when it finds no database while that starts again."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.process = None
            if code == 2 and self._starts == 1:
                raise CannotStartError(self.name)
            lived = time.monotonic() - self._started
            self._deaths = 0 if lived > _STEADY else self._deaths + 1
            pause = _PAUSES[min(self._deaths, len(_PAUSES) - 1)]
            self._not_before = time.monotonic() + pause
            log.warning("%s ended with %s; it starts again in %s s", self.name, code, pause)
        if time.monotonic() >= self._not_before:
            self._starts += 1
            self._started = time.monotonic()
            self.process = self.start()

    def stop(self) -> None:
        """Asks the child to end, and ends it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            log.warning("%s does not stop; it is killed", self.name)
            self.process.kill()
            self.process.wait()
