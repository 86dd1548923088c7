"""Deadlines of tickets; what a step gives besides its note; a timeline that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Whatever writes into the database: a step that was made stays as it was made. Only a ticket that is
# erased takes its timeline with it.
_ONLY_GROWS = """
CREATE FUNCTION timeline_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM ticket WHERE id = OLD.ticket_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the timeline of a ticket only grows' USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER timeline_only_grows BEFORE UPDATE OR DELETE ON ticket_event
FOR EACH ROW EXECUTE FUNCTION timeline_only_grows()
"""


def upgrade() -> None:
    op.add_column("ticket_event", sa.Column("urgency", sa.String()))
    op.add_column("ticket_event", sa.Column("until", sa.DateTime(timezone=True)))
    op.create_table(
        "ticket_deadline",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "ticket_id",
            sa.Integer(),
            sa.ForeignKey("ticket.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("same_day", sa.Boolean(), nullable=False),
        sa.Column("longest", sa.Integer()),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mark_at", sa.DateTime(timezone=True)),
        sa.Column("card", sa.String()),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("requested_at", sa.DateTime(timezone=True)),
        sa.Column("met_at", sa.DateTime(timezone=True)),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("ticket_id", "stage", "round"),
        sa.CheckConstraint("card IN ('yellow', 'red')", name="card_known"),
        sa.CheckConstraint("due_at >= reckoned_at", name="never_shortened"),
    )
    op.create_index(
        "ix_ticket_deadline_mark",
        "ticket_deadline",
        ["mark_at"],
        postgresql_where=sa.text("mark_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_deadline_running",
        "ticket_deadline",
        ["due_at"],
        postgresql_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
    )
    op.execute(_ONLY_GROWS)
    op.execute(_TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER timeline_only_grows ON ticket_event")
    op.execute("DROP FUNCTION timeline_only_grows()")
    op.drop_table("ticket_deadline")
    op.drop_column("ticket_event", "until")
    op.drop_column("ticket_event", "urgency")
