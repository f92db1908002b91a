"""The tables of the workspace, its people, and who answers for what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.store.columns import identity, metadata, workspace
from bot.store.types import Id, Json, Utc

workspaces = Table(
    "workspaces",
    metadata,
    identity(),
    Column("team_id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("bot_user_id", String(32), nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("inactive_reason", Text, nullable=False, server_default=""),
    Column("country", String(8), nullable=False, server_default=""),  # of whoever's zone and locale do not tell theirs
    Column("daily_cap", Integer, nullable=False, server_default="5"),  # reminder messages per person and day
    Column("chief_slack_id", String(32), nullable=False, server_default=""),  # whom managers report to
)

people = Table(
    "people",
    metadata,
    identity(),
    workspace(),
    Column("slack_id", String(32), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("tz", String(64), nullable=False, server_default="UTC"),
    Column("locale", String(32), nullable=False, server_default="en-US"),
    Column("deactivated", Boolean, nullable=False, server_default=text("false")),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),
    Column("greeted_at", Utc),
    Column("refreshed_at", Utc),
    Column("country", String(8), nullable=False, server_default=""),  # ISO 3166, for public holidays and the weekend
    Column("country_own", Boolean, nullable=False, server_default=text("false")),  # chosen by themselves
    Column("work_week", String(7), nullable=False, server_default=""),  # "01234", Monday = 0; "" as in their country
    Column("opens", Integer),  # minutes after midnight
    Column("closes", Integer),
    Column("manager_id", Id, ForeignKey("people.id")),  # whom they report to
    Column("away", Json),  # [{"from", "until", "delegate"}], see bot/domain/people.py
    UniqueConstraint("workspace_id", "slack_id"),
    Index(  # Home asks for whom somebody stands in
        "ix_people_away",
        "workspace_id",
        sqlite_where=text("away IS NOT NULL"),
        postgresql_where=text("away IS NOT NULL"),
    ),
)

managers = Table(
    "managers",
    metadata,
    identity(),
    workspace(),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("group_slack_id", String(32)),
    UniqueConstraint("workspace_id", "person_id", "group_slack_id"),
)

stakeholders = Table(
    "stakeholders",
    metadata,
    identity(),
    workspace(),
    Column("function", String(64), nullable=False),
    Column("region", String(64), nullable=False, server_default=""),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("group_slack_id", String(32)),
    Column("response_days", Integer),  # working days to answer; empty: the pack's own target
    UniqueConstraint("workspace_id", "function", "region"),
)

group_members = Table(
    "group_members",
    metadata,
    identity(),
    workspace(),
    Column("group_slack_id", String(32), nullable=False),
    Column("person_slack_id", String(32), nullable=False),
    UniqueConstraint("workspace_id", "group_slack_id", "person_slack_id"),
)
