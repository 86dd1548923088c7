"""The web chat: the resident's page, and the rules for what it may send.

:data:`PAGE` is the page; the files beside it are what it loads, by name, below `/chat/`. It is
written by hand for old phones and bad networks: no framework, no build, no foreign host, less than
40 kB together. Its policy is `default-src 'self'; img-src 'self' blob:` (pictures come with the
bearer token and are shown from memory). Incoming (pure): :func:`parse_message`,
:func:`parse_media`. Nothing is pushed: the page asks for what is new.
"""

from pathlib import Path

from connectors.webchat.messages import (
    CHANNEL,
    LARGEST_PICTURE,
    LONGEST_TEXT,
    Malformed,
    parse_media,
    parse_message,
)

PAGE = Path(__file__).parent / "page" / "index.html"

__all__ = [
    "CHANNEL",
    "LARGEST_PICTURE",
    "LONGEST_TEXT",
    "PAGE",
    "Malformed",
    "parse_media",
    "parse_message",
]
