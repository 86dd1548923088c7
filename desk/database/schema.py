"""Every table of Yingsheng, gathered for migrations."""

from desk.conversations import platform_token
from desk.conversations import tables as conversations
from desk.residents import tables as residents
from desk.tickets import tables as tickets

__all__ = ["conversations", "platform_token", "residents", "tickets"]
