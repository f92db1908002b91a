"""The dossier: history, orders, agreements, key dates, imports, the CRM, briefs; territory runs

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


ADDED = {
    "handoffs": ["run_id"],
    "accounts": [
        "crm",
        "crm_at",
        "attested_at",
        "attested_by_id",
        "next_order_on",
        "order_every_days",
        "access",
        "needs",
        "opportunities",
        "org_chart",
        "none_of",
        "version",
    ],
    "contacts": ["crm_id", "version", "crm_at"],
    "deals": ["source", "crm_id", "crm_at"],
}
TABLES = [
    "crm_deliveries",
    "import_mappings",
    "imports",
    "runs",
    "agreements",
    "key_dates",
    "regular_orders",
    "brief_reads",
    "briefs",
    "entries",
    "executions",
    "hooks",
    "owner_changes",
    "run_lines",
    "import_jobs",
]


def upgrade() -> None:
    op.create_table(
        "crm_deliveries",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("detail", types.Json, nullable=True),
        _of_workspace("crm_deliveries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_deliveries")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_crm_deliveries_workspace_id_key")),
    )
    op.create_index("ix_crm_deliveries_at", "crm_deliveries", ["at"])

    op.create_table(
        "import_mappings",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("header_key", sa.String(length=64), nullable=False),
        sa.Column("mapping", types.Json, nullable=False),
        sa.Column("choices", types.Json, nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("used_at", types.Utc(), nullable=False),
        _refers("import_mappings", "by_id", "people"),
        _of_workspace("import_mappings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint(
            "workspace_id", "kind", "header_key", name=op.f("uq_import_mappings_workspace_id_kind_header_key")
        ),
    )
    op.create_table(
        "imports",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("slack_file_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mapping", types.Json, nullable=False),
        sa.Column("choices", types.Json, nullable=False),
        sa.Column("counts", types.Json, nullable=False),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("finished_at", types.Utc(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        _refers("imports", "by_id", "people"),
        _of_workspace("imports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_workspace_id", "imports", ["workspace_id", "created_at"])

    op.create_table(
        "import_jobs",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("slack_file_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("import_id", types.Id, nullable=True),
        sa.Column("said", types.Json, nullable=True),
        sa.Column("report", types.Json, nullable=True),
        sa.Column("bad_csv", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", types.Utc(), nullable=False),
        sa.Column("lease_until", types.Utc(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("changed_at", types.Utc(), nullable=False),
        _refers("import_jobs", "by_id", "people"),
        _refers("import_jobs", "import_id", "imports", "SET NULL"),
        _of_workspace("import_jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_jobs")),
    )
    op.create_index("ix_import_jobs_workspace_id", "import_jobs", ["workspace_id", "id"])
    op.create_index("ix_import_jobs_by_id", "import_jobs", ["by_id"])
    op.create_index(
        "ix_import_jobs_waiting",
        "import_jobs",
        ["not_before", "id"],
        sqlite_where=sa.text("state IN ('arrived', 'reading', 'importing')"),
        postgresql_where=sa.text("state IN ('arrived', 'reading', 'importing')"),
    )

    op.create_table(
        "runs",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", _words("runstate", "preview", "running", "paused", "done", "cancelled"), nullable=False),
        sa.Column("rules", types.Json, nullable=False),
        sa.Column("channel_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("confirmed_at", types.Utc(), nullable=True),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("runs", "by_id", "people"),
        _of_workspace("runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_workspace_id", "runs", ["workspace_id", "state"])

    op.create_table(
        "agreements",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("agreements", "account_id", "accounts", "CASCADE"),
        _of_workspace("agreements"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index("ix_agreements_account_id", "agreements", ["account_id"])
    op.create_index("ix_agreements_expires_on", "agreements", ["workspace_id", "expires_on"])

    op.create_table(
        "key_dates",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("yearly", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ahead_days", sa.Integer(), server_default="7", nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("key_dates", "account_id", "accounts", "CASCADE"),
        _of_workspace("key_dates"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_dates")),
    )
    op.create_index("ix_key_dates_account_id", "key_dates", ["account_id"])
    op.create_index("ix_key_dates_day", "key_dates", ["workspace_id", "day"])

    op.create_table(
        "regular_orders",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("regular_orders", "account_id", "accounts", "CASCADE"),
        _of_workspace("regular_orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regular_orders")),
    )
    op.create_index("ix_regular_orders_account_id", "regular_orders", ["account_id"])

    op.create_table(
        "brief_reads",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("section", sa.String(length=32), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("digest", sa.String(length=32), server_default="", nullable=False),
        _refers("brief_reads", "handoff_id", "handoffs", "CASCADE"),
        _refers("brief_reads", "person_id", "people"),
        _of_workspace("brief_reads"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_reads")),
        sa.UniqueConstraint(
            "handoff_id", "section", "person_id", name=op.f("uq_brief_reads_handoff_id_section_person_id")
        ),
    )
    op.create_table(
        "briefs",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept_at", types.Utc(), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("body", types.Json, nullable=False),
        _refers("briefs", "handoff_id", "handoffs", "CASCADE"),
        _of_workspace("briefs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
        sa.UniqueConstraint("handoff_id", "version", name=op.f("uq_briefs_handoff_id_version")),
    )
    op.create_table(
        "entries",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "note", "call", "visit", "mail", "meeting", "complaint", name="entrykind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("source_key", sa.String(length=96), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("entries", "account_id", "accounts", "CASCADE"),
        _refers("entries", "by_id", "people"),
        _refers("entries", "handoff_id", "handoffs", "SET NULL"),
        _of_workspace("entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_account_id", "entries", ["account_id", "happened_on", "id"])
    op.create_index("ix_entries_by_id", "entries", ["by_id"])
    op.create_index(
        "uq_entries_source_key",
        "entries",
        ["workspace_id", "source_key"],
        unique=True,
        sqlite_where=sa.text("source_key IS NOT NULL"),
        postgresql_where=sa.text("source_key IS NOT NULL"),
    )

    op.create_table(
        "executions",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("execution_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("ended_at", types.Utc(), nullable=True),
        sa.Column("detail", types.Json, nullable=True),
        _refers("executions", "handoff_id", "handoffs", "SET NULL"),
        _of_workspace("executions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executions")),
        sa.UniqueConstraint("workspace_id", "execution_id", name=op.f("uq_executions_workspace_id_execution_id")),
    )
    op.create_table(
        "hooks",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("event", sa.String(length=48), nullable=False),
        sa.Column("far_end", sa.String(length=128), nullable=False),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("body", types.Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", types.Utc(), nullable=False),
        sa.Column("lease_until", types.Utc(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("sent_at", types.Utc(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        _refers("hooks", "handoff_id", "handoffs", "SET NULL"),
        _of_workspace("hooks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    op.create_index(
        "ix_hooks_waiting",
        "hooks",
        ["not_before", "id"],
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_hooks_workspace_id", "hooks", ["workspace_id", "state"])
    op.create_index("ix_hooks_handoff_id", "hooks", ["handoff_id"])

    op.create_table(
        "owner_changes",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("from_id", types.Id, nullable=True),
        sa.Column("from_name", sa.Text(), server_default="", nullable=False),
        sa.Column("to_id", types.Id, nullable=True),
        sa.Column("to_name", sa.Text(), server_default="", nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_by_id", types.Id, nullable=True),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _refers("owner_changes", "account_id", "accounts", "CASCADE"),
        _refers("owner_changes", "closed_by_id", "people"),
        _refers("owner_changes", "from_id", "people"),
        _refers("owner_changes", "handoff_id", "handoffs", "SET NULL"),
        _refers("owner_changes", "to_id", "people"),
        _of_workspace("owner_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_changes")),
    )
    op.create_index("ix_owner_changes_account_id", "owner_changes", ["account_id"])
    op.create_index("ix_owner_changes_workspace_id", "owner_changes", ["workspace_id", "state"])

    op.create_table(
        "run_lines",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("run_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("outgoing_id", types.Id, nullable=True),
        sa.Column("outgoing_name", sa.Text(), server_default="", nullable=False),
        sa.Column("incoming_id", types.Id, nullable=True),
        sa.Column("state", _words("linestate", "waiting", "started", "left_out", "cancelled"), nullable=False),
        sa.Column("wish", types.Json, nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        _refers("run_lines", "account_id", "accounts", "CASCADE"),
        _refers("run_lines", "handoff_id", "handoffs", "SET NULL"),
        _refers("run_lines", "incoming_id", "people"),
        _refers("run_lines", "outgoing_id", "people"),
        _refers("run_lines", "run_id", "runs", "CASCADE"),
        _of_workspace("run_lines"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_lines")),
        sa.UniqueConstraint("run_id", "account_id", name=op.f("uq_run_lines_run_id_account_id")),
    )
    op.create_index("ix_run_lines_handoff_id", "run_lines", ["handoff_id"])
    wished = sa.text("wish IS NOT NULL")
    op.create_index("ix_run_lines_wish", "run_lines", ["run_id"], sqlite_where=wished, postgresql_where=wished)
    op.create_index("ix_run_lines_run_id", "run_lines", ["run_id", "state", "start_on", "position"])

    op.add_column("handoffs", sa.Column("run_id", types.Id, nullable=True))
    op.add_column("accounts", sa.Column("crm", sa.String(length=16), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("crm_at", types.Utc(), nullable=True))
    op.add_column("accounts", sa.Column("attested_at", types.Utc(), nullable=True))
    op.add_column("accounts", sa.Column("attested_by_id", types.Id, nullable=True))
    op.add_column("accounts", sa.Column("next_order_on", sa.Date(), nullable=True))
    op.add_column("accounts", sa.Column("order_every_days", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("access", types.Json, nullable=True))
    op.add_column("accounts", sa.Column("needs", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("opportunities", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("org_chart", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("none_of", types.Json, nullable=True))
    op.add_column("accounts", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_accounts_next_order_on",
        "accounts",
        ["workspace_id", "next_order_on"],
        sqlite_where=sa.text("next_order_on IS NOT NULL"),
        postgresql_where=sa.text("next_order_on IS NOT NULL"),
    )
    op.create_index(
        "uq_accounts_crm_id",
        "accounts",
        ["workspace_id", "crm_id"],
        unique=True,
        sqlite_where=sa.text("crm_id <> ''"),
        postgresql_where=sa.text("crm_id <> ''"),
    )

    op.add_column("contacts", sa.Column("crm_id", sa.String(length=128), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("contacts", sa.Column("crm_at", types.Utc(), nullable=True))

    op.add_column("deals", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.add_column("deals", sa.Column("crm_id", sa.String(length=128), server_default="", nullable=False))
    op.add_column("deals", sa.Column("crm_at", types.Utc(), nullable=True))
    op.create_index(
        "uq_deals_crm_id",
        "deals",
        ["workspace_id", "crm_id"],
        unique=True,
        sqlite_where=sa.text("crm_id <> ''"),
        postgresql_where=sa.text("crm_id <> ''"),
    )

    _errands("('home', 'person', 'group', 'step')")


def downgrade() -> None:
    _errands("('home', 'person', 'group')")
    op.drop_index("uq_deals_crm_id", table_name="deals")
    op.drop_index("uq_accounts_crm_id", table_name="accounts")
    op.drop_index("ix_accounts_next_order_on", table_name="accounts")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column)
    for table in reversed(TABLES):
        op.drop_table(table)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return _refers(table, "workspace_id", "workspaces", "CASCADE")


def _refers(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _errands(kinds: str) -> None:
    """The letters that are no messages have a queue of their own: both indexes name their kinds."""
    for name, columns, which in (
        ("ix_outbox_first_posts", ["priority", "not_before", "id"], f"ts IS NULL AND kind NOT IN {kinds}"),
        ("ix_outbox_errands", ["kind", "priority", "not_before", "id"], f"kind IN {kinds}"),
    ):
        op.drop_index(name, table_name="outbox")
        where = sa.text(f"state = 'queued' AND {which}")
        op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32)
