"""Finding and making residents."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.database import now
from desk.residents.tables import ChatSession, Resident

SESSION_LIFETIME = timedelta(days=180)


async def resident_of(session: AsyncSession, channel: str, account: str) -> Resident:
    """The resident behind a channel's account, made when new. Two first messages at once give one."""
    await session.exec(
        insert(Resident)
        .values(channel=channel, account=account, reachable=True, created_at=now())
        .on_conflict_do_nothing(index_elements=["channel", "account"])
    )
    found = await session.exec(
        select(Resident).where(Resident.channel == channel, Resident.account == account)
    )
    return found.one()


async def open_session(session: AsyncSession) -> tuple[str, Resident]:
    """A new web chat session: its bearer token (256 random bits, shown once) and its resident."""
    token = secrets.token_urlsafe(32)
    resident = Resident(channel="webchat", account=secrets.token_hex(16))
    session.add(resident)
    await session.flush()
    assert resident.id is not None  # noqa: S101 - given by the flush
    session.add(ChatSession(token_hash=_hash(token), resident_id=resident.id))
    return token, resident


async def session_resident(session: AsyncSession, token: str) -> Resident | None:
    """Whom a web chat token belongs to; None when unknown or unused for SESSION_LIFETIME."""
    found = await session.exec(
        select(ChatSession, Resident)
        .join(Resident, col(Resident.id) == ChatSession.resident_id)
        .where(
            ChatSession.token_hash == _hash(token),
            ChatSession.used_at > now() - SESSION_LIFETIME,
        )
    )
    row = found.first()
    if row is None:
        return None
    chat, resident = row
    if now() - chat.used_at > timedelta(hours=1):
        chat.used_at = now()
    return resident


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
