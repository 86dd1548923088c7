"""A platform's access token, shared by all processes through the database."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from connectors.wechat import AccessToken
from desk.database import Database, moment


class PlatformToken(SQLModel, table=True):
    """The token of one account on a platform."""

    __tablename__ = "platform_token"  # pyright: ignore[reportAssignmentType]

    account: str = Field(primary_key=True)
    value: str
    expires_at: datetime = moment()
    forced_at: datetime | None = moment(nullable=True)


class DatabaseTokenStore:
    """Keeps an account's token in the database; the lock is PostgreSQL's, so it is free again when
    its holder dies."""

    def __init__(self, db: Database, account: str) -> None:
        self._db = db
        self._account = account

    async def get(self) -> AccessToken | None:
        """The token last put."""
        async with self._db.transaction() as session:
            row = await session.get(PlatformToken, self._account)
            return AccessToken(row.value, row.expires_at, row.forced_at) if row else None

    async def put(self, token: AccessToken) -> None:
        """Replaces the token for everyone."""
        async with self._db.transaction() as session:
            await session.merge(
                PlatformToken(
                    account=self._account,
                    value=token.value,
                    expires_at=token.expires_at,
                    forced_at=token.forced_at,
                )
            )

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """One holder at a time over all processes."""
        async with self._db.transaction() as session:
            await (await session.connection()).execute(
                text("SELECT pg_advisory_xact_lock(:key)"),
                {"key": zlib.crc32(self._account.encode())},
            )
            yield
