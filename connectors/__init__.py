"""How residents reach the city: each channel parses what its platform sends and delivers replies.

The room knows nothing of the desk. Its door is :mod:`connectors.base`.
"""

from connectors.base import (
    Button,
    Channel,
    Inbound,
    Kind,
    Location,
    Media,
    MediaError,
    MediaReference,
    Outbound,
    Outcome,
    Receipt,
)

__all__ = [
    "Button",
    "Channel",
    "Inbound",
    "Kind",
    "Location",
    "Media",
    "MediaError",
    "MediaReference",
    "Outbound",
    "Outcome",
    "Receipt",
]
