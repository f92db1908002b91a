"""The tables that drive the machine: what is due, what must reach Slack, and who changed what."""

from __future__ import annotations

from enum import StrEnum

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

from bot.store.columns import identity, metadata, person, workspace
from bot.store.types import Id, Json, Utc, words


class NudgeState(StrEnum):
    PLANNED = "planned"
    QUEUED = "queued"
    SENT = "sent"
    MET = "met"
    """The obligation was met or withdrawn before the nudge was sent."""
    MERGED = "merged"
    """A later nudge about the same obligation took its place (after an outage)."""


class LetterState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    MOOT = "moot"
    """Overtaken by events before it was sent."""
    FAILED = "failed"
    """Given up; somebody who can mend it was told."""


ERRANDS = ("home", "person", "group", "step")
"""Kinds of letters that are no messages."""
IN_A_THREAD = ("card", "stage", "thread", "answered")
"""Kinds that are read in a handoff's channel, one after the other."""
IN_A_CHANNEL = (*IN_A_THREAD, "board")
"""Kinds that stand in a channel; with one message a second in each."""
MOVED = "moved"
"""A card or checklist in a channel that its handoff has left: it says where the handoff is now, and is never posted."""
FIRST_POST = f"state = 'queued' AND ts IS NULL AND kind NOT IN {ERRANDS}"
EDIT = "state = 'queued' AND ts IS NOT NULL"
ERRAND = f"state = 'queued' AND kind IN {ERRANDS}"
"""SQL: the letters that wait, by the method of Slack's that each needs next; every one has an index of its own."""


def _waiting(name: str, condition: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


digests = Table(  # one row per person and local day on which they were reminded
    "digests",
    metadata,
    identity(),
    workspace(),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("messages", Integer, nullable=False, server_default="0"),  # reminder messages that day, its digest included
    Column("opened_at", Utc),  # when the day's digest was begun; empty while there is none
    UniqueConstraint("person_id", "day"),
)

nudges = Table(
    "nudges",
    metadata,
    identity(),
    workspace(),
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False),
    Column("obligation", String(16), nullable=False),  # item | answer | acceptance
    Column("subject_id", Id, nullable=False),
    Column("slot", String(48), nullable=False),  # the rung of the ladder: "due", "repeat:2", "due/snooze:1"
    Column("due_at", Utc, nullable=False),
    Column("state", words(NudgeState), nullable=False),
    person("person_id"),  # who got it, once it is queued
    Column("queued_at", Utc),
    Column("sent_at", Utc),
    Column("digest_id", Id, ForeignKey("digests.id")),  # the digest it is part of; empty: a message of its own
    person("asked_by_id"),  # who waits for it and asked for this nudge
    Column("asked_at", Utc),
    UniqueConstraint("obligation", "subject_id", "slot"),
    Index(
        "ix_nudges_digest_id",
        "digest_id",
        sqlite_where=text("digest_id IS NOT NULL"),
        postgresql_where=text("digest_id IS NOT NULL"),
    ),
    Index(
        "ix_nudges_due_at",
        "due_at",
        sqlite_where=text("state = 'planned'"),
        postgresql_where=text("state = 'planned'"),
    ),
    Index("ix_nudges_handoff_id", "handoff_id", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    identity(),
    workspace(),
    Column("key", String(96), nullable=False),  # one per obligation and slot: "card:12", "nudge:7", "home:3"
    Column("kind", String(24), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="CASCADE")),
    person("person_id"),  # whom a direct message is for
    Column("detail", Json),
    Column("priority", Integer, nullable=False, server_default="5"),  # 1 people wait for it … 9 digests
    Column("wanted", Integer, nullable=False, server_default="1"),  # grows each time it goes stale
    Column("shown", Integer, nullable=False, server_default="0"),  # the `wanted` that Slack shows
    Column("state", words(LetterState), nullable=False),
    Column("not_before", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("maybe_repeat", Boolean, nullable=False, server_default=text("false")),
    Column("doubts", Integer, nullable=False, server_default="0"),  # posts of which nobody knows whether Slack took it
    Column("channel", String(32)),  # where it stands in Slack, once it does
    Column("ts", String(32)),
    Column("link", Text),  # the permalink, for cards
    Column("fingerprint", String(32)),  # of the content that Slack shows; empty while that is not certain
    Column("rests_until", Utc),  # not edited again before, so that ten quick clicks are two edits
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("workspace_id", "key"),
    # per method and priority the letter that waits longest is found without a look at any other
    _waiting("ix_outbox_first_posts", FIRST_POST, "priority", "not_before", "id"),
    _waiting("ix_outbox_edits", EDIT, "priority", "not_before", "id"),
    _waiting("ix_outbox_errands", ERRAND, "kind", "priority", "not_before", "id"),
    Index(
        "ix_outbox_lease_until",
        "lease_until",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index("ix_outbox_handoff_id", "handoff_id"),
    Index("ix_outbox_kind_subject_id", "kind", "subject_id"),
    Index(
        "ix_outbox_failed",
        "workspace_id",
        "id",
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
)

pace = Table(  # when a method, or a conversation, may be used again; shared by all processes
    "pace",
    metadata,
    identity(),
    workspace(),
    Column("key", String(64), nullable=False),  # "chat.postMessage"; "to:C123", "to:p17" for one conversation
    Column("next_at", Utc, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),  # of Slack's own making, in a row
    Column("doubtful", Boolean, nullable=False, server_default=text("false")),  # look before the next post
    Column("line_ends", Utc),  # of a conversation: the moment of the last letter that stands in line for it
    UniqueConstraint("workspace_id", "key"),
)

tallies = Table(  # what each process has counted, for the metrics
    "tallies",
    metadata,
    identity(),
    Column("process", String(64), nullable=False),
    Column("name", String(32), nullable=False),
    Column("value", Id, nullable=False, server_default="0"),
    UniqueConstraint("process", "name"),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    workspace(),
    Column("at", Utc, nullable=False),
    Column("by_id", Id, ForeignKey("people.id")),
    Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="SET NULL")),
    Column("verb", String(48), nullable=False),  # noun.verb: "item.completed"
    Column("subject_id", Id, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Index("ix_audit_handoff_id", "handoff_id", "at"),
)
