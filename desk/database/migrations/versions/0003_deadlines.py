"""Deadlines of tickets; what a step gives besides its note."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket_event", sa.Column("urgency", sa.String()))
    op.add_column("ticket_event", sa.Column("until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("ticket_event", "until")
    op.drop_column("ticket_event", "urgency")
