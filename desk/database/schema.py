"""Every table of Yingsheng, gathered for migrations."""

from sqlmodel import SQLModel

from desk.conversations import platform_token
from desk.conversations import tables as conversations
from desk.residents import tables as residents
from desk.tickets import tables as tickets
from desk.tickets.backends import tables as backends
from desk.tickets.duplicates import tables as duplicates
from desk.tickets.open311 import tables as open311
from desk.tickets.reviews import tables as reviews

# Importing a room's tables is what puts them into the metadata.
__all__ = [
    "METADATA",
    "backends",
    "conversations",
    "duplicates",
    "open311",
    "platform_token",
    "residents",
    "reviews",
    "tickets",
]

METADATA = SQLModel.metadata
