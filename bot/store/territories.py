"""The tables of a territory run: one decision about many accounts, and what became of each of them."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.domain.territory import LineState, RunState
from bot.store.columns import identity, metadata, person, version, workspace
from bot.store.types import Id, Json, Utc, words

runs = Table(
    "runs",
    metadata,
    identity(),
    workspace(),
    Column("title", Text, nullable=False),
    Column("state", words(RunState), nullable=False),
    Column("rules", Json, nullable=False),  # reason, benefit, waves, playbook by tier, who gets what
    Column("channel_id", String(32), nullable=False, server_default=""),
    person("by_id"),
    Column("created_at", Utc, nullable=False),
    Column("confirmed_at", Utc),
    Column("closed_at", Utc),
    version(),
    Index("ix_runs_workspace_id", "workspace_id", "state"),
)

run_lines = Table(  # one account of a run
    "run_lines",
    metadata,
    identity(),
    workspace(),
    Column("run_id", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("start_on", Date, nullable=False),
    person("outgoing_id"),
    Column("outgoing_name", Text, nullable=False, server_default=""),
    person("incoming_id"),
    Column("state", words(LineState), nullable=False),
    Column("wish", Json),  # what is still to be done to its handoff: {"do": "cancel" | "reassign", "by", …}
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("run_id", "account_id"),
    Index("ix_run_lines_run_id", "run_id", "state", "start_on", "position"),
    Index("ix_run_lines_handoff_id", "handoff_id"),
    Index(
        "ix_run_lines_wish",
        "run_id",
        sqlite_where=text("wish IS NOT NULL"),
        postgresql_where=text("wish IS NOT NULL"),
    ),
)

executions = Table(  # steps of Workflow Builder that started a handoff; Slack asks for each one's end
    "executions",
    metadata,
    identity(),
    workspace(),
    Column("execution_id", String(64), nullable=False),
    Column("token", Text),  # the workflow's own, while Slack waits for the step's end; of no use after 15 minutes
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("state", String(16), nullable=False),  # started | refused
    Column("at", Utc, nullable=False),
    Column("ended_at", Utc),  # when Slack was told
    Column("detail", Json),
    UniqueConstraint("workspace_id", "execution_id"),
)
