"""The client of all tests that reach a started system."""

from __future__ import annotations

import httpx

from tests.standins.server import TLS

# One for all: making a client reads every root certificate. A connection for each request: what is
# kept open to a process that a test kills would be tried again.
HTTP = httpx.Client(
    verify=TLS,
    trust_env=False,
    timeout=20,
    limits=httpx.Limits(max_keepalive_connections=0),
)
