"""What handling a ticket needs: where it came from, how urgent, who helps, what it was joined to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("number_form", "ticket")
    op.create_check_constraint(
        "number_form", "ticket", "number ~ '^YS[0-9]{12}(-[1-9][0-9]{0,3})?$'"
    )
    op.alter_column("ticket", "resident_id", nullable=True)
    op.alter_column("ticket", "source_message_id", nullable=True)
    for column in (
        sa.Column("origin", sa.String(), nullable=False, server_default="chat"),
        sa.Column("external_key", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False, server_default="normal"),
        sa.Column("assisting", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("main_id", sa.Integer(), sa.ForeignKey("ticket.id"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ):
        op.add_column("ticket", column)
    for given in ("origin", "urgency", "assisting", "version"):
        op.alter_column("ticket", given, server_default=None)
    op.create_unique_constraint("ticket_external_key_key", "ticket", ["external_key"])
    op.create_index("ix_ticket_main_id", "ticket", ["main_id"])
    op.create_check_constraint(
        "urgency_known", "ticket", "urgency IN ('normal', 'urgent', 'critical')"
    )
    op.create_check_constraint("not_joined_to_itself", "ticket", "main_id <> id")
    op.add_column("ticket_event", sa.Column("department", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("ticket_event", "department")
    op.execute("DELETE FROM ticket WHERE resident_id IS NULL OR source_message_id IS NULL")
    for column in ("version", "main_id", "assisting", "urgency", "external_key", "origin"):
        op.drop_column("ticket", column)
    op.alter_column("ticket", "resident_id", nullable=False)
    op.alter_column("ticket", "source_message_id", nullable=False)
    op.drop_constraint("number_form", "ticket")
    op.create_check_constraint("number_form", "ticket", "number ~ '^YS[0-9]{12}$'")
