"""The registry of jobs. Rooms register theirs with `@tasks.task`; workers run them."""

from __future__ import annotations

import procrastinate
from procrastinate.testing import InMemoryConnector

# The connector is replaced by the real one when a Database is made (`App.with_connector`).
tasks = procrastinate.App(connector=InMemoryConnector())
