"""Alembic's entry: runs the migrations on the connection that `desk.database.migrate` hands over."""

from alembic import context

from desk.database.schema import METADATA

OURS = set(METADATA.tables)


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:  # noqa: FBT001 - alembic's signature
    """The queue keeps its own tables; autogenerate looks at ours only."""
    return kind != "table" or name in OURS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
