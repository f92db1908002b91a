"""The first tables

Revision: 0001, after
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("bot_user_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("inactive_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("team_id", name=op.f("uq_workspaces_team_id")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("crm_id", sa.String(length=128), server_default="", nullable=False),
        sa.Column("crm_link", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "sales_channel",
            sa.Enum(
                "direct",
                "partner",
                "private_label",
                "licensee",
                "joint_venture",
                name="saleschannel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier", sa.Enum("strategic", "key", "standard", name="tier", native_enum=False, length=32), nullable=False
        ),
        sa.Column("overseas", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("territory", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_accounts_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("workspace_id", "name_key", name=op.f("uq_accounts_workspace_id_name_key")),
    )
    op.create_table(
        "group_members",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("group_slack_id", sa.String(length=32), nullable=False),
        sa.Column("person_slack_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_group_members_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_members")),
        sa.UniqueConstraint(
            "workspace_id",
            "group_slack_id",
            "person_slack_id",
            name=op.f("uq_group_members_workspace_id_group_slack_id_person_slack_id"),
        ),
    )
    op.create_table(
        "people",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("slack_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("tz", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("locale", sa.String(length=32), server_default="en-US", nullable=False),
        sa.Column("deactivated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_bot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("greeted_at", types.Utc(), nullable=True),
        sa.Column("refreshed_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_people_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("workspace_id", "slack_id", name=op.f("uq_people_workspace_id_slack_id")),
    )
    op.create_table(
        "playbooks",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_playbooks_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks")),
        sa.UniqueConstraint("workspace_id", "key", "version", name=op.f("uq_playbooks_workspace_id_key_version")),
    )
    op.create_table(
        "handoffs",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("playbook_id", types.Id, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "retirement",
                "promotion",
                "territory_change",
                "account_shift",
                "voluntary",
                "termination",
                "stage_move",
                "campaign_move",
                name="reason",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "sales_channel",
            sa.Enum(
                "direct",
                "partner",
                "private_label",
                "licensee",
                "joint_venture",
                name="saleschannel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier", sa.Enum("strategic", "key", "standard", name="tier", native_enum=False, length=32), nullable=False
        ),
        sa.Column("overseas", sa.Boolean(), nullable=False),
        sa.Column("test_run", sa.Boolean(), nullable=False),
        sa.Column("benefit", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("transfer_on", sa.Date(), nullable=True),
        sa.Column("drawn_on", sa.Date(), nullable=True),
        sa.Column("outgoing_name", sa.Text(), server_default="", nullable=False),
        sa.Column("outgoing_id", types.Id, nullable=True),
        sa.Column("incoming_id", types.Id, nullable=True),
        sa.Column("manager_id", types.Id, nullable=True),
        sa.Column("cover_id", types.Id, nullable=True),
        sa.Column("inside_id", types.Id, nullable=True),
        sa.Column("helper_id", types.Id, nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "completed", "cancelled", name="handoffstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("stage_position", sa.Integer(), nullable=False),
        sa.Column(
            "acceptance",
            sa.Enum("not_asked", "asked", "accepted", name="acceptance", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("acceptance_asked_at", types.Utc(), nullable=True),
        sa.Column("acceptance_due_on", sa.Date(), nullable=True),
        sa.Column("accepted_at", types.Utc(), nullable=True),
        sa.Column("started_at", types.Utc(), nullable=False),
        sa.Column("started_by_id", types.Id, nullable=False),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_handoffs_account_id_accounts")),
        sa.ForeignKeyConstraint(["cover_id"], ["people.id"], name=op.f("fk_handoffs_cover_id_people")),
        sa.ForeignKeyConstraint(["helper_id"], ["people.id"], name=op.f("fk_handoffs_helper_id_people")),
        sa.ForeignKeyConstraint(["incoming_id"], ["people.id"], name=op.f("fk_handoffs_incoming_id_people")),
        sa.ForeignKeyConstraint(["inside_id"], ["people.id"], name=op.f("fk_handoffs_inside_id_people")),
        sa.ForeignKeyConstraint(["manager_id"], ["people.id"], name=op.f("fk_handoffs_manager_id_people")),
        sa.ForeignKeyConstraint(["outgoing_id"], ["people.id"], name=op.f("fk_handoffs_outgoing_id_people")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbooks.id"], name=op.f("fk_handoffs_playbook_id_playbooks")),
        sa.ForeignKeyConstraint(["started_by_id"], ["people.id"], name=op.f("fk_handoffs_started_by_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_handoffs_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
    )
    op.create_index("ix_handoffs_account_id", "handoffs", ["account_id"], unique=False)
    op.create_index("ix_handoffs_cover_id", "handoffs", ["cover_id", "state"], unique=False)
    op.create_index("ix_handoffs_helper_id", "handoffs", ["helper_id", "state"], unique=False)
    op.create_index("ix_handoffs_incoming_id", "handoffs", ["incoming_id", "state"], unique=False)
    op.create_index("ix_handoffs_inside_id", "handoffs", ["inside_id", "state"], unique=False)
    op.create_index("ix_handoffs_manager_id", "handoffs", ["manager_id", "state"], unique=False)
    op.create_index("ix_handoffs_outgoing_id", "handoffs", ["outgoing_id", "state"], unique=False)
    op.create_index("ix_handoffs_workspace_id_state", "handoffs", ["workspace_id", "state", "last_day"], unique=False)
    op.create_index(
        "uq_handoffs_open_account",
        "handoffs",
        ["workspace_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "managers",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=True),
        sa.Column("group_slack_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_managers_person_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_managers_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_managers")),
        sa.UniqueConstraint(
            "workspace_id",
            "person_id",
            "group_slack_id",
            name=op.f("uq_managers_workspace_id_person_id_group_slack_id"),
        ),
    )
    op.create_table(
        "stakeholders",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("function", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=64), server_default="", nullable=False),
        sa.Column("person_id", types.Id, nullable=True),
        sa.Column("group_slack_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_stakeholders_person_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_stakeholders_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stakeholders")),
        sa.UniqueConstraint(
            "workspace_id", "function", "region", name=op.f("uq_stakeholders_workspace_id_function_region")
        ),
    )
    op.create_table(
        "audit",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("verb", sa.String(length=48), nullable=False),
        sa.Column("subject_id", types.Id, nullable=False),
        sa.Column("before", types.Json, nullable=True),
        sa.Column("after", types.Json, nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_audit_by_id_people")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_audit_handoff_id_handoffs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_audit_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_handoff_id", "audit", ["handoff_id", "at"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("account_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("kind", sa.Enum("owner", "cover", name="coveragekind", native_enum=False, length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_coverage_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_coverage_handoff_id_handoffs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_coverage_person_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_coverage_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_account_id_kind", "coverage", ["account_id", "kind"], unique=False)
    op.create_index(
        "uq_coverage_current",
        "coverage",
        ["account_id", "kind"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "feedback_requests",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("function", sa.String(length=64), nullable=False),
        sa.Column("pack", types.Json, nullable=False),
        sa.Column("necessary", sa.Boolean(), nullable=False),
        sa.Column("asked_id", types.Id, nullable=True),
        sa.Column("group_slack_id", sa.String(length=32), nullable=True),
        sa.Column("asked_at", types.Utc(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "answered", "nothing", "withdrawn", name="requeststate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_by_id", types.Id, nullable=True),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_id"], ["people.id"], name=op.f("fk_feedback_requests_asked_id_people")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_feedback_requests_closed_by_id_people")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_feedback_requests_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_feedback_requests_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_requests")),
        sa.UniqueConstraint("handoff_id", "function", name=op.f("uq_feedback_requests_handoff_id_function")),
    )
    op.create_index("ix_feedback_requests_asked_id", "feedback_requests", ["asked_id", "state"], unique=False)
    op.create_table(
        "nudges",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("obligation", sa.String(length=16), nullable=False),
        sa.Column("subject_id", types.Id, nullable=False),
        sa.Column("slot", sa.String(length=48), nullable=False),
        sa.Column("due_at", types.Utc(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("planned", "queued", "sent", "met", "merged", name="nudgestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("person_id", types.Id, nullable=True),
        sa.Column("queued_at", types.Utc(), nullable=True),
        sa.Column("sent_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_nudges_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_nudges_person_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_nudges_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
        sa.UniqueConstraint("obligation", "subject_id", "slot", name=op.f("uq_nudges_obligation_subject_id_slot")),
    )
    op.create_index(
        "ix_nudges_due_at",
        "nudges",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_nudges_handoff_id", "nudges", ["handoff_id", "state"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=True),
        sa.Column("detail", types.Json, nullable=True),
        sa.Column("priority", sa.Integer(), server_default="5", nullable=False),
        sa.Column("wanted", sa.Integer(), server_default="1", nullable=False),
        sa.Column("shown", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "sending", "sent", "moot", "failed", name="letterstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("not_before", types.Utc(), nullable=False),
        sa.Column("lease_until", types.Utc(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("maybe_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("sent_at", types.Utc(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_outbox_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_outbox_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_outbox_workspace_id_key")),
    )
    op.create_index("ix_outbox_handoff_id", "outbox", ["handoff_id"], unique=False)
    op.create_index("ix_outbox_kind_subject_id", "outbox", ["kind", "subject_id"], unique=False)
    op.create_index(
        "ix_outbox_lease_until",
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["not_before", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "stages",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), server_default="", nullable=False),
        sa.Column("hands_over", sa.Boolean(), nullable=False),
        sa.Column("entered_at", types.Utc(), nullable=True),
        sa.Column("left_at", types.Utc(), nullable=True),
        sa.Column("left_by_id", types.Id, nullable=True),
        sa.Column("override_reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_stages_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["left_by_id"], ["people.id"], name=op.f("fk_stages_left_by_id_people")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_stages_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("handoff_id", "position", name=op.f("uq_stages_handoff_id_position")),
    )
    op.create_table(
        "answers",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("request_id", types.Id, nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("by_id", types.Id, nullable=True),
        sa.Column("at", types.Utc(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("superseded_at", types.Utc(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_answers_by_id_people")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["feedback_requests.id"],
            name=op.f("fk_answers_request_id_feedback_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_answers_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_request_id", "answers", ["request_id"], unique=False)
    op.create_table(
        "checklist_items",
        sa.Column("id", types.Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", types.Id, nullable=False),
        sa.Column("handoff_id", types.Id, nullable=False),
        sa.Column("stage_id", types.Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_wanted", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "owner_role",
            sa.Enum(
                "outgoing",
                "incoming",
                "manager",
                "cover",
                "inside",
                "helper",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("owner_id", types.Id, nullable=True),
        sa.Column("due_anchor", sa.String(length=16), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("necessary", sa.Boolean(), nullable=False),
        sa.Column(
            "state", sa.Enum("open", "done", "skipped", name="itemstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("closed_by_id", types.Id, nullable=True),
        sa.Column("closed_at", types.Utc(), nullable=True),
        sa.Column("skip_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_by_id", types.Id, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_checklist_items_closed_by_id_people")),
        sa.ForeignKeyConstraint(
            ["evidence_by_id"], ["people.id"], name=op.f("fk_checklist_items_evidence_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_checklist_items_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_checklist_items_owner_id_people")),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stages.id"], name=op.f("fk_checklist_items_stage_id_stages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_checklist_items_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_items")),
    )
    op.create_index(
        "ix_checklist_items_handoff_id", "checklist_items", ["handoff_id", "stage_id", "position"], unique=False
    )
    op.create_index("ix_checklist_items_owner_id", "checklist_items", ["owner_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_checklist_items_owner_id", table_name="checklist_items")
    op.drop_index("ix_checklist_items_handoff_id", table_name="checklist_items")
    op.drop_table("checklist_items")
    op.drop_index("ix_answers_request_id", table_name="answers")
    op.drop_table("answers")
    op.drop_table("stages")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index(
        "ix_outbox_lease_until",
        table_name="outbox",
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.drop_index("ix_outbox_kind_subject_id", table_name="outbox")
    op.drop_index("ix_outbox_handoff_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_nudges_handoff_id", table_name="nudges")
    op.drop_index(
        "ix_nudges_due_at",
        table_name="nudges",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_table("nudges")
    op.drop_index("ix_feedback_requests_asked_id", table_name="feedback_requests")
    op.drop_table("feedback_requests")
    op.drop_index(
        "uq_coverage_current",
        table_name="coverage",
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.drop_index("ix_coverage_account_id_kind", table_name="coverage")
    op.drop_table("coverage")
    op.drop_index("ix_audit_handoff_id", table_name="audit")
    op.drop_table("audit")
    op.drop_table("stakeholders")
    op.drop_table("managers")
    op.drop_index(
        "uq_handoffs_open_account",
        table_name="handoffs",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_handoffs_workspace_id_state", table_name="handoffs")
    op.drop_index("ix_handoffs_outgoing_id", table_name="handoffs")
    op.drop_index("ix_handoffs_manager_id", table_name="handoffs")
    op.drop_index("ix_handoffs_inside_id", table_name="handoffs")
    op.drop_index("ix_handoffs_incoming_id", table_name="handoffs")
    op.drop_index("ix_handoffs_helper_id", table_name="handoffs")
    op.drop_index("ix_handoffs_cover_id", table_name="handoffs")
    op.drop_index("ix_handoffs_account_id", table_name="handoffs")
    op.drop_table("handoffs")
    op.drop_table("playbooks")
    op.drop_table("people")
    op.drop_table("group_members")
    op.drop_table("accounts")
    op.drop_table("workspaces")
