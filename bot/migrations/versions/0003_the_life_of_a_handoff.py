"""The life of a handoff: phases, records, deals and commissions, watch list, bench; one line of coverage

Revision: 0003, after 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.migrations import coverage_line
from bot.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED: list[tuple[str, sa.Column[Any]]] = [
    ("handoffs", sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ("handoffs", sa.Column("support_until", sa.Date(), nullable=True)),
    ("accounts", sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ("checklist_items", sa.Column("form", sa.String(length=32), nullable=True)),
    ("checklist_items", sa.Column("outgoing_only", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ("outbox", sa.Column("fingerprint", sa.String(length=32), nullable=True)),
]


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, column)
    for make in MAKE.values():
        make()
    quiet = sa.text("quiet")
    op.create_index("ix_handoffs_quiet", "handoffs", ["workspace_id"], sqlite_where=quiet, postgresql_where=quiet)
    _one_line_of_time()


def downgrade() -> None:
    _two_lines_of_time()
    op.drop_index("ix_handoffs_quiet", table_name="handoffs")
    for table in reversed(MAKE):
        op.drop_table(table)
    for table, column in ADDED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column.name)


def _one_line_of_time() -> None:
    """Owner, cover and vacancy of an account follow each other; before, each had a line of its own."""
    op.drop_index("ix_coverage_account_id_kind", table_name="coverage")
    op.drop_index("uq_coverage_current", table_name="coverage")
    op.execute("DELETE FROM coverage WHERE kind = 'cover'")  # nothing has made one so far
    with op.batch_alter_table("coverage") as batch:
        batch.alter_column("person_id", existing_type=types.Id, nullable=True)
        batch.add_column(sa.Column("by_id", types.Id, nullable=True))
        batch.add_column(sa.Column("confirmed", sa.Boolean(), server_default=sa.text("true"), nullable=False))
        batch.create_foreign_key(op.f("fk_coverage_by_id_people"), "people", ["by_id"], ["id"])
    coverage_line.mend()
    with op.batch_alter_table("coverage") as batch:
        for name, condition in coverage_line.CHECKS.items():
            batch.create_check_constraint(name, condition)
    op.create_index("ix_coverage_account_id", "coverage", ["account_id", "from_on"])
    op.create_index("ix_coverage_person_id", "coverage", ["person_id", "until_on"])
    where = sa.text("kind <> 'owner'")
    columns = ["workspace_id", "until_on"]
    op.create_index("ix_coverage_not_owned", "coverage", columns, sqlite_where=where, postgresql_where=where)
    _current(["account_id"])
    coverage_line.begin()
    coverage_line.guard()


def _two_lines_of_time() -> None:
    coverage_line.unguard()
    gone = ("ix_coverage_account_id", "ix_coverage_person_id", "ix_coverage_not_owned", "uq_coverage_current")
    for name in gone:
        op.drop_index(name, table_name="coverage")
    op.execute("DELETE FROM coverage WHERE person_id IS NULL")
    with op.batch_alter_table("coverage") as batch:
        for name in coverage_line.CHECKS:
            batch.drop_constraint(name, type_="check")
        batch.drop_constraint(op.f("fk_coverage_by_id_people"), type_="foreignkey")
        batch.drop_column("by_id")
        batch.drop_column("confirmed")
        batch.alter_column("person_id", existing_type=types.Id, nullable=False)
    op.create_index("ix_coverage_account_id_kind", "coverage", ["account_id", "kind"])
    _current(["account_id", "kind"])


def _current(columns: list[str]) -> None:
    where = sa.text("until_on IS NULL")
    op.create_index("uq_coverage_current", "coverage", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_workspace_id_workspaces")
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _phases() -> None:
    op.create_table(
        "phases",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column(
            "phase",
            sa.Enum("withdrawal", "without", "within_reach", name="phase", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_phases_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        _of_workspace("phases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phases")),
    )
    op.create_index("ix_phases_handoff_id", "phases", ["handoff_id", "from_on"], unique=False)


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("item_id", types.Id, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("body", types.Json, nullable=False),
        sa.Column("withdrawn_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_records_by_id_people")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_records_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["checklist_items.id"], name=op.f("fk_records_item_id_checklist_items"), ondelete="SET NULL"
        ),
        _of_workspace("records"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
    )
    op.create_index("ix_records_handoff_id", "records", ["handoff_id", "kind", "at"], unique=False)
    op.create_index("ix_records_item_id", "records", ["item_id"], unique=False)


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("mail", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_contacts_account_id_accounts"), ondelete="CASCADE"
        ),
        _of_workspace("contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_account_id", "contacts", ["account_id"], unique=False)


def _deals() -> None:
    op.create_table(
        "deals",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("second_id", types.Id, nullable=True),
        sa.Column("state", sa.String(length=32), server_default="open", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_minor", sa.BigInteger(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_deals_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["second_id"], ["people.id"], name=op.f("fk_deals_second_id_people")),
        _of_workspace("deals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
    )
    op.create_index("ix_deals_account_id", "deals", ["account_id", "state"], unique=False)


def _commissions() -> None:
    op.create_table(
        "commissions",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("deal_id", types.Id, nullable=False),
        sa.Column("outgoing_id", types.Id, nullable=False),
        sa.Column("incoming_id", types.Id, nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("outgoing_bp", sa.Integer(), nullable=False),
        sa.Column("incoming_bp", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("outgoing_signed_at", types.Utc(), nullable=True),
        sa.Column("incoming_signed_at", types.Utc(), nullable=True),
        sa.Column("outgoing_minor", sa.BigInteger(), nullable=True),
        sa.Column("incoming_minor", sa.BigInteger(), nullable=True),
        sa.Column("held_minor", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commissions_deal_id_deals"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["incoming_id"], ["people.id"], name=op.f("fk_commissions_incoming_id_people")),
        sa.ForeignKeyConstraint(["outgoing_id"], ["people.id"], name=op.f("fk_commissions_outgoing_id_people")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_commissions_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        _of_workspace("commissions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions")),
    )
    op.create_index("ix_commissions_deal_id", "commissions", ["deal_id"], unique=False)
    op.create_index("uq_commissions_handoff_id_deal_id", "commissions", ["handoff_id", "deal_id"], unique=True)


def _work_log() -> None:
    op.create_table(
        "work_log",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("deal_id", types.Id, nullable=True),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_work_log_by_id_people")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_work_log_deal_id_deals"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_work_log_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        _of_workspace("work_log"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_log")),
    )
    op.create_index("ix_work_log_handoff_id", "work_log", ["handoff_id", "done_on"], unique=False)


def _special_relationships() -> None:
    op.create_table(
        "special_relationships",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", types.Id, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("transfer_on", sa.Date(), nullable=True),
        sa.Column("transferred_at", types.Utc(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_special_relationships_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"],
            ["handoffs.id"],
            name=op.f("fk_special_relationships_handoff_id_handoffs"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_special_relationships_owner_id_people")),
        _of_workspace("special_relationships"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_relationships")),
    )
    op.create_index("ix_special_relationships_account_id", "special_relationships", ["account_id"], unique=False)
    op.create_index(
        "ix_special_relationships_open",
        "special_relationships",
        ["workspace_id", "expires_on"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _watched() -> None:
    op.create_table(
        "watched",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("signals", types.Json, nullable=False),
        sa.Column("offered", types.Json, nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_watched_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_watched_person_id_people")),
        _of_workspace("watched"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched")),
    )
    op.create_index(
        "uq_watched_open",
        "watched",
        ["workspace_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _bench() -> None:
    op.create_table(
        "bench",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outside", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("territory", sa.Text(), server_default="", nullable=False),
        sa.Column("experience", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("removed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_bench_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bench_person_id_people")),
        _of_workspace("bench"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bench")),
    )
    op.create_index("ix_bench_workspace_id", "bench", ["workspace_id"], unique=False)


MAKE = {
    "phases": _phases,
    "records": _records,
    "contacts": _contacts,
    "deals": _deals,
    "commissions": _commissions,
    "work_log": _work_log,
    "special_relationships": _special_relationships,
    "watched": _watched,
    "bench": _bench,
}
