"""Every table of Yingsheng, gathered for migrations."""

from sqlmodel import SQLModel

from desk.conversations import platform_token
from desk.conversations import tables as conversations
from desk.residents import tables as residents
from desk.tickets import tables as tickets

# Importing a room's tables is what puts them into the metadata.
__all__ = ["METADATA", "conversations", "platform_token", "residents", "tickets"]

METADATA = SQLModel.metadata
