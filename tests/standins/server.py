"""Runs an ASGI app on a loopback port of its own, in a thread."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

TLS = ssl.create_default_context()
"""For clients of stand-ins. Made once: it reads every root certificate, which a client of its own
would do again."""


@contextmanager
def serve(app: ASGIApp) -> Generator[str]:
    """Gives its address, e.g. http://127.0.0.1:40123. It answers from the start: connections wait
    in the listening socket until the app is up.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        # A stand-in that is told to be slow must not hold up the end of its test.
        config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
