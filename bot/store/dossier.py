"""The tables of the dossier (PRODUCT section 6): what is known about an account, where it came from, who read it.

It belongs to the account, not to a rep or a handoff, so it stays whoever serves the customer (E17). What people remove
is kept with `removed_at`, for the audit trail.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.domain.dossier import EntryKind
from bot.store.columns import identity, metadata, of_account, of_handoff, person, typed_text, version, workspace
from bot.store.types import Id, Json, Utc, words

entries = Table(  # the account's history in people's words: notes, touches, complaints; one stream by date
    "entries",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("kind", words(EntryKind), nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("text", Text, nullable=False),
    typed_text("link"),  # where in Slack it was said
    person("by_id"),
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("source_key", String(96)),  # "message:C1:17.3", "import:…": the same thing is never written twice
    Column("created_at", Utc, nullable=False),
    Column("settled_on", Date),  # of a complaint
    Column("removed_at", Utc),
    version(),
    Index("ix_entries_account_id", "account_id", "happened_on", "id"),
    Index("ix_entries_by_id", "by_id"),
    Index(
        "uq_entries_source_key",
        "workspace_id",
        "source_key",
        unique=True,
        sqlite_where=text("source_key IS NOT NULL"),
        postgresql_where=text("source_key IS NOT NULL"),
    ),
)

regular_orders = Table(  # what the customer orders again and again (E19)
    "regular_orders",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("what", Text, nullable=False),
    typed_text("quantity"),
    typed_text("note"),
    Column("removed_at", Utc),
    version(),
    Index("ix_regular_orders_account_id", "account_id"),
)

agreements = Table(
    "agreements",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("title", Text, nullable=False),
    typed_text("terms"),
    Column("starts_on", Date),
    Column("expires_on", Date),
    Column("seen_on", Date),  # the expiry that somebody has dealt with
    Column("removed_at", Utc),
    version(),
    Index("ix_agreements_account_id", "account_id"),
    Index("ix_agreements_expires_on", "workspace_id", "expires_on"),
)

key_dates = Table(  # occasions of which whoever looks after the account then is reminded (E22)
    "key_dates",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("title", Text, nullable=False),
    Column("day", Date, nullable=False),  # the next time it comes
    Column("yearly", Boolean, nullable=False, server_default=text("false")),
    Column("ahead_days", Integer, nullable=False, server_default="7"),
    Column("seen_on", Date),  # the occasion that somebody has dealt with
    Column("removed_at", Utc),
    version(),
    Index("ix_key_dates_account_id", "account_id"),
    Index("ix_key_dates_day", "workspace_id", "day"),
)

imports = Table(  # one file that somebody brought; nothing of it is stored before they say so
    "imports",
    metadata,
    identity(),
    workspace(),
    Column("kind", String(16), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("slack_file_id", String(32), nullable=False, server_default=""),
    person("by_id"),
    Column("state", String(16), nullable=False),
    Column("mapping", Json, nullable=False),  # column of the file -> field
    Column("choices", Json, nullable=False),  # order of dates, decimal sign, encoding …
    Column("counts", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("finished_at", Utc),
    typed_text("error"),
    Index("ix_imports_workspace_id", "workspace_id", "created_at"),
)

import_jobs = Table(  # a file that somebody gave in Slack, on its way to being imported or left alone
    "import_jobs",
    metadata,
    identity(),
    workspace(),
    person("by_id"),
    Column("kind", String(16), nullable=False, server_default=""),
    Column("file_name", Text, nullable=False),
    Column("slack_file_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("import_id", Id, ForeignKey("imports.id", ondelete="SET NULL")),
    Column("said", Json),  # mapping and choices, as they were said for this file
    Column("report", Json),  # what the look found, or what became of it
    typed_text("bad_csv"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Index("ix_import_jobs_workspace_id", "workspace_id", "id"),
    Index("ix_import_jobs_by_id", "by_id"),
    Index(
        "ix_import_jobs_waiting",
        "not_before",
        "id",
        sqlite_where=text("state IN ('arrived', 'reading', 'importing')"),
        postgresql_where=text("state IN ('arrived', 'reading', 'importing')"),
    ),
)

import_mappings = Table(  # what people said about a header, for the next file that has the same one
    "import_mappings",
    metadata,
    identity(),
    workspace(),
    Column("kind", String(16), nullable=False),
    Column("header_key", String(64), nullable=False),
    Column("mapping", Json, nullable=False),
    Column("choices", Json, nullable=False),
    person("by_id"),
    Column("used_at", Utc, nullable=False),
    UniqueConstraint("workspace_id", "kind", "header_key"),
)

crm_deliveries = Table(  # what the CRM sent, so that the same delivery changes nothing the second time
    "crm_deliveries",
    metadata,
    identity(),
    workspace(),
    Column("key", String(128), nullable=False),
    Column("at", Utc, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("detail", Json),
    UniqueConstraint("workspace_id", "key"),
    Index("ix_crm_deliveries_at", "at"),
)

owner_changes = Table(  # an owner changed in the CRM: is that a handoff? A manager says so
    "owner_changes",
    metadata,
    identity(),
    workspace(),
    of_account(),
    person("from_id"),
    typed_text("from_name"),
    person("to_id"),
    typed_text("to_name"),
    Column("at", Utc, nullable=False),
    Column("state", String(16), nullable=False),
    typed_text("reason"),  # why it is no handoff
    person("closed_by_id"),
    Column("closed_at", Utc),
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    version(),
    Index("ix_owner_changes_account_id", "account_id"),
    Index("ix_owner_changes_workspace_id", "workspace_id", "state"),
)

hooks = Table(  # what other systems are told about handoffs: an outbox of its own, because its far end is not Slack
    "hooks",
    metadata,
    identity(),
    workspace(),
    Column("event", String(48), nullable=False),
    Column("far_end", String(128), nullable=False),  # which of the settings' addresses; the address may hold a key
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("body", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    typed_text("error"),
    Index(
        "ix_hooks_waiting",
        "not_before",
        "id",
        sqlite_where=text("state IN ('queued', 'sending')"),
        postgresql_where=text("state IN ('queued', 'sending')"),
    ),
    Index("ix_hooks_workspace_id", "workspace_id", "state"),
    Index("ix_hooks_handoff_id", "handoff_id"),
)

briefs = Table(  # what was known when the account was accepted, and each time it was kept since
    "briefs",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("version", Integer, nullable=False),
    Column("kept_at", Utc, nullable=False),
    Column("why", String(32), nullable=False),
    Column("body", Json, nullable=False),
    UniqueConstraint("handoff_id", "version"),
)

brief_reads = Table(  # who says that they read which section, and when
    "brief_reads",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("section", String(32), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("digest", String(32), nullable=False, server_default=""),  # of what the section said then
    UniqueConstraint("handoff_id", "section", "person_id"),
)
