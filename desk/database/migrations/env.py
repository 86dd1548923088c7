"""Alembic's entry: runs the migrations on the connection that `desk.database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import desk.database.schema  # noqa: F401 - every table, for `alembic revision --autogenerate`

OURS = set(SQLModel.metadata.tables)


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:  # noqa: FBT001
    """The queue keeps its own tables; autogenerate looks at ours only."""
    return kind != "table" or name in OURS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=ours,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
