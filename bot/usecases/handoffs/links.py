"""Where a handoff's card stands in Slack."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Handoff
from bot.store.among import among
from bot.store.queues import outbox


def card_link(session: Session, handoff: Handoff) -> str:
    """The card's permalink; before Slack has given one, the channel's id in a form that people can follow.

    Empty while the handoff is quiet: it has no card yet.
    """
    if handoff.quiet:
        return ""
    link = session.scalar(_link(), {"workspace": handoff.workspace_id, "key_is": f"card:{handoff.id}"})
    return link or f"https://slack.com/app_redirect?channel={handoff.channel_id}"


def card_links(session: Session, handoffs: Iterable[Handoff]) -> dict[int, str]:
    """`card_link` of several, by handoff."""
    known = list(handoffs)
    rows = session.connection().execute(_links(), {"ids": [one.id for one in known]}) if known else ()
    links = {row.subject_id: row.link for row in rows}
    there = {one.id: links.get(one.id) or f"https://slack.com/app_redirect?channel={one.channel_id}" for one in known}
    return there | {one.id: "" for one in known if one.quiet}


@cache
def _link() -> Select[Any]:
    c = outbox.c
    return select(c.link).where(c.workspace_id == bindparam("workspace"), c.key == bindparam("key_is"))


@cache
def _links() -> Select[Any]:
    c = outbox.c
    return select(c.subject_id, c.link).where(c.kind == "card", among(c.subject_id, "ids"))
