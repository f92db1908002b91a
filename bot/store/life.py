"""The tables of a handoff's life beside its checklist (PRODUCT section 5): phases, what was recorded, deals and what
they pay, special relationships, who might leave and who could come in.

Amounts are whole numbers of the currency's smallest unit ("minor"), percentages whole hundredths of a percent ("bp").
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from bot.domain.commission import TermsState
from bot.domain.deals import DealState
from bot.domain.rules import PayMode
from bot.domain.special import SpecialKind
from bot.domain.vocabulary import Phase, StepForm
from bot.store.columns import (
    identity,
    metadata,
    of_account,
    of_handoff,
    only_open,
    person,
    typed_text,
    version,
    workspace,
)
from bot.store.types import Id, Json, Utc, words


def _maybe_of_handoff() -> Column[int | None]:
    return Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL"))


phases = Table(  # when each phase of a handoff began and ended; the last one is open until the handoff is closed
    "phases",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("phase", words(Phase), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),  # exclusive
    Index("ix_phases_handoff_id", "handoff_id", "from_on"),
)

records = Table(  # what people wrote into the form of a step: a pulse, an introduction, a coaching …
    "records",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("item_id", Id, ForeignKey("checklist_items.id", ondelete="SET NULL")),
    Column("kind", words(StepForm), nullable=False),
    person("by_id"),
    Column("at", Utc, nullable=False),
    Column("body", Json, nullable=False),
    Column("withdrawn_at", Utc),
    Index("ix_records_handoff_id", "handoff_id", "kind", "at"),
    Index("ix_records_item_id", "item_id"),
)

contacts = Table(
    "contacts",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("name", Text, nullable=False),
    Column("role", String(32), nullable=False, server_default=""),
    typed_text("title"),
    typed_text("mail"),
    typed_text("phone"),
    typed_text("note"),
    Column("crm_id", String(128), nullable=False, server_default=""),
    Column("crm_at", Utc),  # how fresh it is, where the CRM is the record
    Column("removed_at", Utc),
    version(),
    Index("ix_contacts_account_id", "account_id"),
)

deals = Table(
    "deals",
    metadata,
    identity(),
    workspace(),
    of_account(),
    Column("name", Text, nullable=False),
    Column("stage", Text, nullable=False, server_default=""),
    Column("amount_minor", BigInteger),
    Column("currency", String(3), nullable=False, server_default=""),
    Column("expected_close", Date),
    person("second_id"),  # the second person on a long deal (A6)
    Column("state", words(DealState), nullable=False, server_default="open"),
    Column("closed_on", Date),
    Column("closed_minor", BigInteger),
    typed_text("source"),  # where the lead came from (E14)
    Column("crm_id", String(128), nullable=False, server_default=""),
    Column("crm_at", Utc),  # how fresh it is, where the CRM is the record
    Column("created_at", Utc, nullable=False),
    version(),
    Index("ix_deals_account_id", "account_id", "state"),
    Index(
        "uq_deals_crm_id",
        "workspace_id",
        "crm_id",
        unique=True,
        sqlite_where=text("crm_id <> ''"),
        postgresql_where=text("crm_id <> ''"),
    ),
)

commissions = Table(  # what two reps agreed about one deal in flight
    "commissions",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("deal_id", Id, ForeignKey("deals.id", ondelete="CASCADE"), nullable=False),
    Column("outgoing_id", Id, ForeignKey("people.id"), nullable=False),  # who agreed, whoever holds the roles later
    Column("incoming_id", Id, ForeignKey("people.id"), nullable=False),
    Column("mode", words(PayMode), nullable=False),
    Column("rate_bp", Integer, nullable=False),  # commission of the deal's amount
    Column("outgoing_bp", Integer, nullable=False),  # share of the commission
    Column("incoming_bp", Integer, nullable=False),
    Column("until_on", Date),  # empty: for the sales cycle
    Column("state", words(TermsState), nullable=False),
    Column("outgoing_signed_at", Utc),
    Column("incoming_signed_at", Utc),
    Column("outgoing_minor", BigInteger),
    Column("incoming_minor", BigInteger),
    Column("held_minor", BigInteger),  # the work for it was not recorded: the manager decides
    typed_text("why"),
    Column("settled_on", Date),
    typed_text("note"),
    version(),
    Index("uq_commissions_handoff_id_deal_id", "handoff_id", "deal_id", unique=True),
    Index("ix_commissions_deal_id", "deal_id"),
)

work_log = Table(  # what each rep did for a deal while both are paid; what is not here does not count
    "work_log",
    metadata,
    identity(),
    workspace(),
    of_handoff(),
    Column("deal_id", Id, ForeignKey("deals.id", ondelete="SET NULL")),
    person("by_id"),
    Column("done_on", Date, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_work_log_handoff_id", "handoff_id", "done_on"),
)

special_relationships = Table(
    "special_relationships",
    metadata,
    identity(),
    workspace(),
    of_account(),
    _maybe_of_handoff(),
    Column("kind", words(SpecialKind), nullable=False),
    Column("title", Text, nullable=False),
    typed_text("terms"),
    person("owner_id"),
    Column("expires_on", Date),
    Column("transfer_on", Date),
    Column("transferred_at", Utc),
    Column("state", String(16), nullable=False, server_default="open"),
    version(),
    Index("ix_special_relationships_account_id", "account_id"),
    only_open("ix_special_relationships_open", "workspace_id", "expires_on"),
)

watched = Table(  # reps who might leave; seen by managers only, and written by them only
    "watched",
    metadata,
    identity(),
    workspace(),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    person("by_id"),
    Column("signals", Json, nullable=False),
    Column("offered", Json, nullable=False),
    typed_text("note"),
    Column("follow_up_on", Date),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("created_at", Utc, nullable=False),
    Column("closed_at", Utc),
    version(),
    Index(
        "uq_watched_open",
        "workspace_id",
        "person_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

bench = Table(  # who could come in: people of the workspace, and candidates from outside
    "bench",
    metadata,
    identity(),
    workspace(),
    person("person_id"),
    Column("name", Text, nullable=False),
    Column("outside", Boolean, nullable=False, server_default=text("false")),
    typed_text("source"),
    typed_text("territory"),
    typed_text("experience"),
    typed_text("languages"),
    typed_text("note"),
    person("by_id"),
    Column("created_at", Utc, nullable=False),
    Column("removed_at", Utc),
    version(),
    Index("ix_bench_workspace_id", "workspace_id"),
)
