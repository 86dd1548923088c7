"""Keys of client applications (api_key): made once, kept as hashes, counted per minute."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import case
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.database import now
from desk.tickets.open311.tables import Open311Key

PER_MINUTE = 60
"""Requests that a client may send in a minute, unless it was given more."""


class KeyNameError(Exception):
    """A name is taken, or unknown; the message, in Chinese, says which."""


class TooManyRequestsError(Exception):
    """The client's minute is used up."""


async def add_key(
    session: AsyncSession, name: str, *, publishes: bool = False, per_minute: int = PER_MINUTE
) -> str:
    """A new key of 256 random bits, which nobody can be told again. Raises KeyNameError."""
    taken = await session.exec(select(Open311Key.id).where(Open311Key.name == name))
    if taken.first() is not None:
        raise KeyNameError(f"已经有名为 {name} 的密钥")
    key = secrets.token_urlsafe(32)
    session.add(
        Open311Key(name=name, key_hash=_hash(key), publishes=publishes, per_minute=per_minute)
    )
    return key


async def revoke_key(session: AsyncSession, name: str) -> None:
    """From now on the key opens nothing. Raises KeyNameError."""
    found = await session.exec(select(Open311Key).where(Open311Key.name == name))
    key = found.first()
    if key is None:
        raise KeyNameError(f"没有名为 {name} 的密钥")
    key.revoked_at = key.revoked_at or now()


async def keys(session: AsyncSession) -> list[Open311Key]:
    """All keys, in the order they were made."""
    return list(await session.exec(select(Open311Key).order_by(col(Open311Key.id))))


async def use_key(session: AsyncSession, key: str) -> Open311Key | None:
    """The client of a key, with this request counted; None when it opens nothing. Raises
    TooManyRequestsError."""
    minute = int(now().timestamp() // 60)
    used = case((col(Open311Key.minute) == minute, col(Open311Key.used) + 1), else_=1)
    counted = await session.exec(
        update(Open311Key)
        .where(col(Open311Key.key_hash) == _hash(key), col(Open311Key.revoked_at).is_(None))
        .values(minute=minute, used=used)
        .returning(col(Open311Key.id))
    )
    row = counted.first()
    if row is None:
        return None
    client = await session.get_one(Open311Key, row[0], populate_existing=True)
    if client.used > client.per_minute:
        raise TooManyRequestsError
    return client


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
