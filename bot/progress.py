"""How far a long command is, on standard error."""

from __future__ import annotations

import sys

_STEPS = 40


def show_progress(command: str, done: int, total: int, note: str = "") -> None:
    """Say that `done` of `total` are done. A terminal sees a moving bar; a log file a line for each tenth."""
    moving = sys.stderr.isatty()
    if not moving and 10 * done // total == 10 * (done - 1) // total:
        return
    filled = _STEPS * done // total
    bar = "#" * filled + "." * (_STEPS - filled)
    begin, end = ("\r\x1b[K", "\n" if done == total else "") if moving else ("", "\n")
    print(f"{begin}{command}: {bar} {done}/{total} {note}", end=end, file=sys.stderr, flush=True)
