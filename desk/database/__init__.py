"""The one database: its address, its sessions, its schema, and the queue that lives in it."""

from desk.database.columns import document, moment, now
from desk.database.engine import Database, DatabaseUnavailableError

__all__ = ["Database", "DatabaseUnavailableError", "document", "moment", "now"]
