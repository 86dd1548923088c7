"""`python -m bot.serve`: load one model and answer turns until told to stop.

The HTTP server is Rasa's own (`rasa.server.create_app`: `/status`, `/model/parse`, the conversation
API) behind a token on loopback, with our channel, processor, tracker store and action endpoint.
Settings: `bot.settings`. Exit code 2 and one line on standard error when it cannot start.
"""

from __future__ import annotations

import logging
import socket
import sys
import tarfile

from bot import light_imports
from bot.quiet import keep_quiet, log_to_stderr
from bot.settings import HOST, Settings, SettingsError, read_settings

logger = logging.getLogger("yingsheng.engine")


class CannotStart(Exception):
    """The engine cannot start; the message is one line that says what to do."""


def main() -> int:
    """Start the engine and run it; give the exit code."""
    log_to_stderr()
    try:
        settings = read_settings()
        _serve(settings)
    except (SettingsError, CannotStart) as error:
        print(f"engine: {error}", file=sys.stderr)
        return 2
    return 0


def _serve(settings: Settings) -> None:
    if not settings.model.exists():
        raise CannotStart(f"no model at {settings.model}; run `make train`")
    listener = _listen(settings.port)
    keep_quiet()
    light_imports.stand_in(
        light_imports.LEARNERS, light_imports.OUTSIDE_SERVICES, light_imports.TRAINING_ONLY
    )
    from bot.database import DatabaseUnavailable
    from bot.engine import build_app

    try:
        app = build_app(settings)
    except DatabaseUnavailable:
        raise CannotStart(
            "the database does not answer; check YINGSHENG_DATABASE_URL and that PostgreSQL runs"
        ) from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CannotStart(
            f"{settings.model} is no model archive ({type(error).__name__}); run `make train`"
        ) from None
    app.run(sock=listener, access_log=False, motd=False, debug=False, workers=1)


def _listen(port: int) -> socket.socket:
    """Take the port first: a second engine must fail at once, not after loading a model."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        raise CannotStart(
            f"port {port} is taken; stop what uses it or set YINGSHENG_ENGINE_PORT"
        ) from None
    return listener


if __name__ == "__main__":
    sys.exit(main())
