"""The tables of the accounts, and of who looks after each of them from when until when."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

from bot.domain.accounts import CoverageKind
from bot.domain.vocabulary import SalesChannel, Tier
from bot.store.columns import identity, metadata, version, workspace
from bot.store.types import Id, Json, Utc, words

accounts = Table(
    "accounts",
    metadata,
    identity(),
    workspace(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("crm_id", String(128), nullable=False, server_default=""),
    Column("crm_link", Text, nullable=False, server_default=""),
    Column("sales_channel", words(SalesChannel), nullable=False),
    Column("tier", words(Tier), nullable=False),
    Column("overseas", Boolean, nullable=False, server_default=text("false")),
    Column("territory", Text, nullable=False, server_default=""),
    Column("region", Text, nullable=False, server_default=""),
    Column("quiet", Boolean, nullable=False, server_default=text("false")),  # known through a quiet handoff only
    Column("crm", String(16), nullable=False, server_default=""),  # the system that is the record; empty: none
    Column("crm_at", Utc),  # how fresh the CRM's own fields are
    Column("attested_at", Utc),  # when a manager last said that all this is right (A15)
    Column("attested_by_id", Id),  # who said so; no key, because SQLite would have to copy the whole table for it
    Column("next_order_on", Date),
    Column("order_every_days", Integer),
    Column("access", Json),  # what the customer can reach without a rep: ordering site, service … (D34)
    Column("needs", Text, nullable=False, server_default=""),  # D35
    Column("opportunities", Text, nullable=False, server_default=""),  # E21
    Column("org_chart", Text, nullable=False, server_default=""),  # A18, E10
    Column("none_of", Json),  # kinds of facts of which somebody said that there are none
    version(),
    UniqueConstraint("workspace_id", "name_key"),
    Index(
        "uq_accounts_crm_id",
        "workspace_id",
        "crm_id",
        unique=True,
        sqlite_where=text("crm_id <> ''"),
        postgresql_where=text("crm_id <> ''"),
    ),
    Index(
        "ix_accounts_next_order_on",
        "workspace_id",
        "next_order_on",
        sqlite_where=text("next_order_on IS NOT NULL"),
        postgresql_where=text("next_order_on IS NOT NULL"),
    ),
)

coverage = Table(  # each account's line of time: owner of record, interim cover or nobody, one after the other
    "coverage",
    metadata,
    identity(),
    workspace(),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id")),  # empty: vacant
    Column("kind", words(CoverageKind), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),  # exclusive; an interim cover always has one
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("by_id", Id, ForeignKey("people.id")),  # who said so
    Column("confirmed", Boolean, nullable=False, server_default=text("true")),
    # triggers in the migrations refuse gaps and overlaps between the rows of an account
    CheckConstraint("until_on IS NULL OR until_on > from_on", name="ck_coverage_has_a_length"),
    CheckConstraint("kind <> 'cover' OR until_on IS NOT NULL", name="ck_coverage_cover_ends"),
    CheckConstraint("(kind = 'vacant') = (person_id IS NULL)", name="ck_coverage_vacant_without_a_person"),
    Index("ix_coverage_account_id", "account_id", "from_on"),
    Index("ix_coverage_person_id", "person_id", "until_on"),
    Index(  # what is covered or vacant: few, beside what is owned
        "ix_coverage_not_owned",
        "workspace_id",
        "until_on",
        sqlite_where=text("kind <> 'owner'"),
        postgresql_where=text("kind <> 'owner'"),
    ),
    Index(
        "uq_coverage_current",
        "account_id",
        unique=True,
        sqlite_where=text("until_on IS NULL"),
        postgresql_where=text("until_on IS NULL"),
    ),
)
