"""Residents' reviews, and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


# The steps that views begin with.
_COUNTED = "action IN ('assign', 'reassign', 'resolve', 'resolve_joined', 'answer')"

# Deadlines that are settled: met, or passed without being met. One whose clock stood still before it
# was due, or that ended before (withdrawn), is not.
_SETTLED = """
    SELECT ticket.id AS ticket_id, (
        SELECT step.department FROM ticket_event AS step
        WHERE step.ticket_id = ticket.id AND step.at <= LEAST(deadline.met_at, deadline.due_at)
        ORDER BY step.seq DESC LIMIT 1
    ) AS department, ticket.topic, LEAST(deadline.met_at, deadline.due_at) AS at, {hit} AS hit
    FROM ticket_deadline AS deadline
    JOIN ticket ON ticket.id = deadline.ticket_id
    WHERE deadline.stage = '{stage}'
    AND (
        deadline.met_at IS NOT NULL
        OR deadline.due_at <= LEAST(deadline.dropped_at, deadline.paused_at, now())
    )
"""
_ON_TIME = "COALESCE(deadline.met_at <= deadline.due_at, false)"

_REVIEWED = """
    SELECT review.ticket_id, review.department, ticket.topic, review.at, {hit} AS hit
    FROM ticket_review AS review
    JOIN ticket ON ticket.id = review.ticket_id
    WHERE review.{answered} IS NOT NULL
"""

# A ticket by its first step of a kind.
_FIRST = """
    SELECT ticket.id AS ticket_id, first.department, ticket.topic, first.at, {hit} AS hit
    FROM ticket_event AS first
    JOIN ticket ON ticket.id = first.ticket_id
    WHERE first.action IN ({actions}) AND NOT EXISTS (
        SELECT 1 FROM ticket_event AS earlier
        WHERE earlier.ticket_id = first.ticket_id AND earlier.seq < first.seq
        AND earlier.action IN ({actions})
    )
"""

_RETURNED = """
    SELECT ticket.id AS ticket_id, sent.department, ticket.topic, sent.at, EXISTS (
        SELECT 1 FROM ticket_event AS back
        WHERE back.ticket_id = sent.ticket_id AND back.seq > sent.seq AND back.action = 'return'
        AND NOT EXISTS (
            SELECT 1 FROM ticket_event AS again
            WHERE again.ticket_id = sent.ticket_id AND again.action IN ('assign', 'reassign')
            AND again.seq > sent.seq AND again.seq < back.seq
        )
    ) AS hit
    FROM ticket_event AS sent
    JOIN ticket ON ticket.id = sent.ticket_id
    WHERE sent.action IN ('assign', 'reassign')
"""

_REDONE = """EXISTS (
    SELECT 1 FROM ticket_event AS redo WHERE redo.ticket_id = ticket.id AND redo.action = 'redo'
)"""

_RIGHT_FIRST = """NOT EXISTS (
    SELECT 1 FROM ticket_event AS other
    WHERE other.ticket_id = ticket.id AND (
        other.action = 'reassign'
        OR other.action = 'return' AND NOT EXISTS (
            SELECT 1 FROM ticket_event AS verdict
            WHERE verdict.ticket_id = ticket.id AND verdict.seq > other.seq
            AND verdict.action = 'reject_return'
        )
    )
)"""

# Each view has a row for what the indicator is out of: the ticket, whose it was, its topic, when it
# counts, and whether it is one of those that the indicator counts. Its definition is its comment.
_VIEWS = {
    "response": (
        _SETTLED.format(stage="respond", hit=_ON_TIME),
        """响应率：规定时限内联系了居民的，占应当联系的。时限已到或者已经联系的才算应当联系；时限未到就撤回、停表的不算。每次重办另算一次。
Response rate: contacts with the resident within the time for them, out of those that were due.
依据：国办发〔2020〕53号；《北京市接诉即办工作条例》的响应率""",
    ),
    "on_time": (
        _SETTLED.format(stage="resolve", hit=_ON_TIME),
        """按时办结率：办理时限内办结的，占应当办结的。批准延期的按延期后的时限；时限已到或者已经办结的才算应当办结；时限未到就撤回、停表的不算。每次重办另算一次。
On-time rate: handlings resolved within their deadline, extensions included, out of those due.
依据：DB11/T 2021—2022 的办理时限；GB/T 33358-2016""",
    ),
    "overdue": (
        _SETTLED.format(stage="resolve", hit=f"NOT {_ON_TIME}"),
        """超期率：过了办理时限才办结或者还没办结的，占应当办结的。分母与按时办结率相同，两者相加是100%。
Overdue rate: handlings resolved after their deadline or not yet, out of those due.
依据：DB11/T 2021—2022 的办理时限；GB/T 33358-2016""",
    ),
    "solved": (
        _REVIEWED.format(answered="solved", hit="review.solved"),
        """解决率：回访中说“解决了”的，占回答了是否解决的（有效回访）。没有回答的两边都不算。每次重办后的回访另算一次。
Solved rate: reviews that say the matter is solved, out of reviews that say whether it is.
依据：《北京市接诉即办工作条例》的解决率""",
    ),
    "satisfied": (
        _REVIEWED.format(answered="satisfaction", hit="review.satisfaction >= 3"),
        """满意率：评价为“非常满意”“满意”“基本满意”的，占作了五级评价的。没有评价的两边都不算。每次重办后的评价另算一次。
Satisfaction rate: ratings of the upper three levels of five, out of all ratings; silence is none.
依据：《北京市接诉即办工作条例》的满意率；GB/T 39735 的五级“好差评”""",
    ),
    "redone": (
        _FIRST.format(actions="'resolve', 'answer', 'resolve_joined'", hit=_REDONE),
        """重办率：办结后重办过的工单，占办结过的工单。算在第一次办结的那一天、那个单位。
Redo rate: tickets done again after they were resolved, out of tickets ever resolved.
依据：国办函〔2025〕66号的闭环办理；回访不满意或者未解决的重新办理""",
    ),
    "returned": (
        _RETURNED,
        """退单率：被承办单位退回的派单，占全部派单（派单、改派各算一次）。后来驳回的退单也算。
Return rate: dispatches that the body sent back, out of all dispatches and re-dispatches.
依据：国办函〔2025〕66号的退单、改派管理""",
    ),
    "right_first": (
        _FIRST.format(actions="'assign'", hit=_RIGHT_FIRST),
        """一次派准率：第一次派单以后没有改派、退单都被驳回的工单，占派过单的工单。算在第一次派单的那一天、那个单位。
Right-first rate: tickets never re-dispatched nor rightly returned, out of tickets dispatched.
依据：国办函〔2025〕66号的派单目录和派单异议审核""",
    ),
    "direct": (
        _FIRST.format(actions="'assign', 'answer'", hit="first.action = 'answer'"),
        """直办率：热线直接答复的工单，占直接答复的和派单的。机器人当场答复、没有立单的咨询不在内。
Direct rate: tickets that the hotline answered itself, out of those answered or dispatched.
依据：各地热线月报的“直接办结”；国办发〔2020〕53号""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "ticket_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "ticket_id",
            sa.Integer(),
            sa.ForeignKey("ticket.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("contacted", sa.Boolean(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("ticket_id", "round"),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_level"),
    )
    op.create_index("ix_ticket_review_at", "ticket_review", ["at"])
    op.create_index(
        "ix_ticket_event_counted",
        "ticket_event",
        ["action", "at"],
        postgresql_where=sa.text(_COUNTED),
    )
    for code, (query, definition) in _VIEWS.items():
        op.execute(f"CREATE VIEW count_{code} AS {query}")
        op.execute(f"COMMENT ON VIEW count_{code} IS '{definition}'")


def downgrade() -> None:
    for code in _VIEWS:
        op.execute(f"DROP VIEW count_{code}")
    op.drop_index("ix_ticket_event_counted", "ticket_event")
    op.drop_table("ticket_review")
