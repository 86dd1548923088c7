"""Candidates for duplicates, and finding tickets by words, state, department, topic and phone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Pairs of neighbouring characters: Chinese has no blanks, and PostgreSQL no dictionary for it. Written
# in SQL, so that the index covers whatever is stored, by whomever.
_PAIRS = """
CREATE FUNCTION text_pairs(said text, place text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000 AS $$
    SELECT ARRAY(
        SELECT DISTINCT pair
        FROM (
            SELECT letter || lead(letter) OVER (ORDER BY position) AS pair
            FROM unnest(string_to_array(lower(said || ' ' || COALESCE(place, '')), NULL))
                WITH ORDINALITY AS letters (letter, position)
        ) AS pairs
        WHERE pair !~ '[[:space:]]'
    )
$$
"""


def upgrade() -> None:
    op.create_table(
        "ticket_matter",
        sa.Column(
            "ticket_id",
            sa.Integer(),
            sa.ForeignKey("ticket.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("told", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "ticket_term",
        sa.Column("term", sa.Integer(), primary_key=True),
        sa.Column(
            "ticket_id",
            sa.Integer(),
            sa.ForeignKey("ticket_matter.ticket_id", ondelete="CASCADE"),
            primary_key=True,
        ),
    )
    op.create_index("ix_ticket_term_ticket_id", "ticket_term", ["ticket_id"])
    op.execute(_PAIRS)
    op.create_index(
        "ix_ticket_said",
        "ticket",
        [sa.text("text_pairs(description, place)")],
        postgresql_using="gin",
    )
    op.drop_index("ix_ticket_created_at", "ticket")
    op.create_index("ix_ticket_newest", "ticket", ["created_at", "id"])
    op.create_index("ix_ticket_state", "ticket", ["state", "created_at", "id"])
    op.create_index("ix_ticket_department", "ticket", ["department", "created_at", "id"])
    op.create_index("ix_ticket_topic", "ticket", [sa.text('"left"(topic, 4)'), "created_at", "id"])
    op.create_index("ix_ticket_phone", "ticket", [sa.text('"right"(phone, 4)'), "created_at", "id"])


def downgrade() -> None:
    for name in ("said", "newest", "state", "department", "topic", "phone"):
        op.drop_index(f"ix_ticket_{name}", "ticket")
    op.create_index("ix_ticket_created_at", "ticket", ["created_at"])
    op.execute("DROP FUNCTION text_pairs(text, text)")
    op.drop_table("ticket_term")
    op.drop_table("ticket_matter")
