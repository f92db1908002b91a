"""Digests, the pace of calls, working hours and absences

Revision: 0002, after 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADDED: list[tuple[str, sa.Column[Any]]] = [
    ("workspaces", sa.Column("country", sa.String(length=8), server_default="", nullable=False)),
    ("workspaces", sa.Column("daily_cap", sa.Integer(), server_default="5", nullable=False)),
    ("workspaces", sa.Column("chief_slack_id", sa.String(length=32), server_default="", nullable=False)),
    ("people", sa.Column("country", sa.String(length=8), server_default="", nullable=False)),
    ("people", sa.Column("country_own", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ("people", sa.Column("work_week", sa.String(length=7), server_default="", nullable=False)),
    ("people", sa.Column("opens", sa.Integer(), nullable=True)),
    ("people", sa.Column("closes", sa.Integer(), nullable=True)),
    ("people", sa.Column("away", types.Json, nullable=True)),
    ("stakeholders", sa.Column("response_days", sa.Integer(), nullable=True)),
    ("nudges", sa.Column("asked_at", types.Utc(), nullable=True)),
    ("outbox", sa.Column("rests_until", types.Utc(), nullable=True)),
    ("outbox", sa.Column("doubts", sa.Integer(), server_default="0", nullable=False)),
]
ERRANDS = "('home', 'person', 'group')"
QUEUES = {
    "ix_outbox_first_posts": (["priority", "not_before", "id"], f"ts IS NULL AND kind NOT IN {ERRANDS}"),
    "ix_outbox_edits": (["priority", "not_before", "id"], "ts IS NOT NULL"),
    "ix_outbox_errands": (["kind", "priority", "not_before", "id"], f"kind IN {ERRANDS}"),
}
OPEN = {  # what is late is asked of what is open, not of all that ever was
    "ix_checklist_items_open": ("checklist_items", ["handoff_id", "stage_id", "due_on"]),
    "ix_feedback_requests_open": ("feedback_requests", ["handoff_id", "due_on"]),
}
LISTED = ["workspace_id", "state", "last_day", "id", "stage_position"]
POINTERS = [
    ("people", "manager_id", "people"),
    ("nudges", "digest_id", "digests"),
    ("nudges", "asked_by_id", "people"),
    ("outbox", "person_id", "people"),
]


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id_people")),
        _of_workspace("digests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_digests_person_id_day")),
    )
    op.create_table(
        "pace",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("next_at", types.Utc(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("line_ends", types.Utc(), nullable=True),
        _of_workspace("pace"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pace")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_pace_workspace_id_key")),
    )
    op.create_table(
        "tallies",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", types.Id, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
        sa.UniqueConstraint("process", "name", name=op.f("uq_tallies_process_name")),
    )
    for table, column in ADDED:
        op.add_column(table, column)
    for table, name, target in POINTERS:
        # SQLite adds a foreign key only together with its column, which Alembic does not do
        kind = sa.BigInteger() if op.get_bind().dialect.name == "postgresql" else sa.Integer()
        key = f"CONSTRAINT fk_{table}_{name}_{target} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {key}")
    _make_indexes()


def downgrade() -> None:
    for table, name in (
        ("nudges", "ix_nudges_digest_id"),
        ("outbox", "ix_outbox_failed"),
        ("people", "ix_people_away"),
        *(("outbox", name) for name in QUEUES),
        *((table, name) for name, (table, _) in OPEN.items()),
    ):
        op.drop_index(name, table_name=table)
    for table, name, _ in POINTERS:
        _drop(table, name)
    for table, column in ADDED:
        _drop(table, column.name)
    for table in ("tallies", "pace", "digests"):
        op.drop_table(table)
    _waiting("ix_outbox_waiting", ["not_before", "priority", "id"], "state = 'queued'")
    _listed(LISTED[:3])


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_workspace_id_workspaces")
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _make_indexes() -> None:
    pointing, failed = sa.text("digest_id IS NOT NULL"), sa.text("state = 'failed'")
    op.create_index("ix_nudges_digest_id", "nudges", ["digest_id"], sqlite_where=pointing, postgresql_where=pointing)
    op.create_index("ix_outbox_failed", "outbox", ["workspace_id", "id"], sqlite_where=failed, postgresql_where=failed)
    away = sa.text("away IS NOT NULL")
    op.create_index("ix_people_away", "people", ["workspace_id"], sqlite_where=away, postgresql_where=away)
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    _listed(LISTED)
    still_open = sa.text("state = 'open'")
    for name, (table, columns) in OPEN.items():
        op.create_index(name, table, columns, sqlite_where=still_open, postgresql_where=still_open)
    for name, (columns, condition) in QUEUES.items():
        _waiting(name, columns, f"state = 'queued' AND {condition}")


def _listed(columns: list[str]) -> None:
    op.drop_index("ix_handoffs_workspace_id_state", table_name="handoffs")
    op.create_index("ix_handoffs_workspace_id_state", "handoffs", columns)


def _waiting(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)


def _drop(table: str, column: str) -> None:
    """On SQLite by copying the table: it does not drop a column that points to another table."""
    with op.batch_alter_table(table) as batch:
        batch.drop_column(column)
