"""The tables. Every row belongs to a workspace; names are PRODUCT's words.

`bot/store/mapping.py` says which domain class lives in which table. Here are playbooks and handoffs. People and setup
are in `directory.py`, accounts in `accounts.py`, the rest of a handoff's life in `life.py`, what is known about an
account in `dossier.py`, many accounts at once in `territories.py`, the queues (nudges, outbox, audit) in `queues.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.vocabulary import Reason, Role, SalesChannel, StepForm, Tier
from bot.store.accounts import accounts, coverage
from bot.store.columns import identity, metadata, of_handoff, only_open, person, workspace
from bot.store.directory import group_members, managers, people, stakeholders, workspaces
from bot.store.life import (
    bench,
    commissions,
    contacts,
    deals,
    phases,
    records,
    special_relationships,
    watched,
    work_log,
)
from bot.store.types import Id, Json, Utc, words

__all__ = [
    "accounts",
    "answers",
    "bench",
    "checklist_items",
    "commissions",
    "contacts",
    "coverage",
    "deals",
    "feedback_requests",
    "group_members",
    "handoffs",
    "managers",
    "people",
    "phases",
    "playbooks",
    "records",
    "special_relationships",
    "stages",
    "stakeholders",
    "watched",
    "work_log",
    "workspaces",
]

playbooks = Table(
    "playbooks",
    metadata,
    identity(),
    workspace(),
    Column("key", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Json, nullable=False),
    UniqueConstraint("workspace_id", "key", "version"),
)

handoffs = Table(
    "handoffs",
    metadata,
    identity(),
    workspace(),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("playbook_id", Id, ForeignKey("playbooks.id"), nullable=False),
    Column("reason", words(Reason), nullable=False),
    Column("sales_channel", words(SalesChannel), nullable=False),
    Column("tier", words(Tier), nullable=False),
    Column("overseas", Boolean, nullable=False),
    Column("test_run", Boolean, nullable=False),
    Column("quiet", Boolean, nullable=False, server_default=text("false")),  # seen by the manager and whom they name
    Column("support_until", Date),  # the last day of the support plan, inclusive
    Column("benefit", Text, nullable=False),
    Column("channel_id", String(32), nullable=False),
    Column("start_on", Date, nullable=False),
    Column("last_day", Date),
    Column("transfer_on", Date),
    Column("drawn_on", Date),  # the day that the card was last drawn for
    Column("outgoing_name", Text, nullable=False, server_default=""),
    person("outgoing_id"),
    person("incoming_id"),
    person("manager_id"),
    person("cover_id"),
    person("inside_id"),
    person("helper_id"),
    Column("state", words(HandoffState), nullable=False),
    Column("stage_position", Integer, nullable=False),
    Column("acceptance", words(Acceptance), nullable=False),
    Column("acceptance_asked_at", Utc),
    Column("acceptance_due_on", Date),
    Column("accepted_at", Utc),
    Column("started_at", Utc, nullable=False),
    Column("started_by_id", Id, ForeignKey("people.id"), nullable=False),
    Column("closed_at", Utc),
    Column("cancel_reason", Text, nullable=False, server_default=""),
    Column("run_id", Id),  # the territory run that started it; no key, because SQLite would have to copy the table
    # in the order in which lists show them, with all that it takes to find what is late
    Index("ix_handoffs_workspace_id_state", "workspace_id", "state", "last_day", "id", "stage_position"),
    Index("ix_handoffs_account_id", "account_id"),
    # few at a time: every list leaves out those that the reader may not know of
    Index("ix_handoffs_quiet", "workspace_id", sqlite_where=text("quiet"), postgresql_where=text("quiet")),
    *(
        Index(f"ix_handoffs_{role.value}_id", f"{role.value}_id", "state")
        for role in Role  # App Home and /handoff list ask "which are mine?" by each role
    ),
    Index(
        "uq_handoffs_open_account",
        "workspace_id",
        "account_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

stages = Table(
    "stages",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("position", Integer, nullable=False),
    Column("key", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("goal", Text, nullable=False, server_default=""),
    Column("hands_over", Boolean, nullable=False),
    Column("entered_at", Utc),
    Column("left_at", Utc),
    person("left_by_id"),
    Column("override_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("handoff_id", "position"),
)

checklist_items = Table(
    "checklist_items",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("stage_id", Id, ForeignKey("stages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("key", String(64)),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("evidence_wanted", Text, nullable=False, server_default=""),  # what the playbook wants as evidence
    Column("owner_role", words(Role)),
    person("owner_id"),
    Column("due_anchor", String(16)),
    Column("due_days", Integer),
    Column("due_on", Date),
    Column("necessary", Boolean, nullable=False),
    Column("form", words(StepForm)),  # what "Done" asks for (`StepForm`); empty: nothing
    Column("outgoing_only", Boolean, nullable=False, server_default=text("false")),  # nobody else can do it
    Column("state", words(ItemState), nullable=False),
    person("closed_by_id"),
    Column("closed_at", Utc),
    Column("skip_reason", Text, nullable=False, server_default=""),
    Column("evidence", Text, nullable=False, server_default=""),
    person("evidence_by_id"),
    Column("version", Integer, nullable=False),
    Index("ix_checklist_items_handoff_id", "handoff_id", "stage_id", "position"),
    Index("ix_checklist_items_owner_id", "owner_id", "state"),
    only_open("ix_checklist_items_open", "handoff_id", "stage_id", "due_on"),
)

feedback_requests = Table(
    "feedback_requests",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("function", String(64), nullable=False),
    Column("pack", Json, nullable=False),
    Column("necessary", Boolean, nullable=False),
    person("asked_id"),
    Column("group_slack_id", String(32)),
    Column("asked_at", Utc),
    Column("due_on", Date),
    Column("state", words(RequestState), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    person("closed_by_id"),
    Column("closed_at", Utc),
    Column("version", Integer, nullable=False),
    UniqueConstraint("handoff_id", "function"),
    Index("ix_feedback_requests_asked_id", "asked_id", "state"),
    only_open("ix_feedback_requests_open", "handoff_id", "due_on"),
)

answers = Table(
    "answers",
    metadata,
    identity(),
    workspace(),
    Column("request_id", Id, ForeignKey("feedback_requests.id", ondelete="CASCADE"), nullable=False),
    Column("question", String(64), nullable=False),
    Column("value", String(128), nullable=False),
    Column("label", Text, nullable=False),
    person("by_id"),
    Column("at", Utc, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("superseded_at", Utc),
    Index("ix_answers_request_id", "request_id"),
)
