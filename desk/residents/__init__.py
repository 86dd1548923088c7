"""Who writes: accounts on channels, sessions of the web chat, and what they were told of their data."""

from desk.residents.accounts import open_session, resident_of, session_resident

__all__ = ["open_session", "resident_of", "session_resident"]
