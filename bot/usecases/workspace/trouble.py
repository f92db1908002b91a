"""When Slack will not take what we have to say: who is told instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.store import loading, runs
from bot.store import schema as t
from bot.store.letters import freshen_existing, post_once, stale
from bot.store.queues import LetterState, outbox
from bot.usecases import changes
from bot.usecases.desk import Desk
from bot.usecases.territory import barred

_SAME = {"is_inactive": "is_archived"}
"""Slack's words for one and the same reason: an archived channel takes neither posts nor edits."""
_MAY_PASS = ("team_access_not_granted", "org_login_required", "team_added_to_org", "ekm_access_denied")
"""Reasons of the organisation's for a pause (SLACK.md 4.1): a migration, a login, keys that an admin has frozen."""


@dataclass(frozen=True)
class Trouble:
    desk: Desk

    def cannot_reach(self, session: Session, workspace_id: int, key: str, handoff_id: int, slack_id: str) -> None:
        """The thread mentions somebody whom a direct message did not reach (U34)."""
        told = changes.thread_message(handoff_id, f"unreached:{key}", "unreached", person=slack_id)
        handoff = loading.handoff(session, workspace_id, handoff_id)
        if handoff.quiet:  # its thread is not there yet, and nobody else may hear of it
            manager = loading.people_by_id(session, [handoff.manager_id]).get(handoff.manager_id or 0)
            if manager is None or not manager.reachable or manager.slack_id == slack_id:
                return
            told = changes.direct_message(handoff_id, manager, f"unreached:{key}", "unreached", who=slack_id)
        post_once(session, workspace_id, self.desk.now(), [told])

    def cannot_post(self, session: Session, workspace_id: int, handoff_id: int, error: str) -> None:
        """The manager hears once per handoff and reason that its channel cannot be written to, and how to mend it.

        Of the handoffs of a territory run, once for all of them.
        """
        handoff = loading.handoff(session, workspace_id, handoff_id)
        people = loading.people_by_id(session, [handoff.manager_id or handoff.started_by_id])
        run = runs.run(session, workspace_id, handoff.run_id) if handoff.run_id is not None else None
        for manager in people.values():
            if run is not None and handoff.channel_id in (run.channel_id, *run.left):
                barred.say(self.desk, session, run, manager, _SAME.get(error, error), handoff.channel_id)
                continue
            told = changes.direct_message(
                handoff_id,
                manager,
                f"trouble:{_SAME.get(error, error)}",
                "trouble",
                error=error,
                channel=handoff.channel_id,
            )
            post_once(session, workspace_id, self.desk.now(), [told])

    def invited(self, team_id: str, slack_id: str, channel: str) -> None:
        """Somebody joined a channel. When it is Baton, what could not be posted there goes out."""
        with self.desk.db.read() as session:
            w = t.workspaces.c
            workspace_id = self.desk.workspace_id(session, team_id)
            is_baton = session.scalar(select(w.bot_user_id).where(w.id == workspace_id)) == slack_id
        if is_baton:
            self.opened(team_id, channel)

    def opened(self, team_id: str, channel: str) -> None:
        """A channel can be written to again: what waits for it, or was given up, goes out now."""
        with self.desk.db.write() as session:
            workspace_id = self.desk.workspace_id(session, team_id)
            h = t.handoffs.c
            here = select(h.id).where(h.workspace_id == workspace_id, h.channel_id == channel)
            unsent = or_(outbox.c.state == LetterState.FAILED, outbox.c.error != "")
            session.connection().execute(stale(outbox.c.handoff_id.in_(here), unsent), {"moment": self.desk.now()})
            barred.mended(self.desk, session, workspace_id, channel)
            session.info["spoke"] = True

    def uninstalled(self, team_id: str, reason: str) -> None:
        """Slack says that the app is gone or its token revoked."""
        with self.desk.db.write() as session:
            found = session.scalar(select(t.workspaces.c.id).where(t.workspaces.c.team_id == team_id))
            if found is not None:
                self.pause(session, found, reason)

    def pause(self, session: Session, workspace_id: int, reason: str) -> None:
        """Nothing more is sent for this workspace until it is installed again; all is kept."""
        where = t.workspaces.c.id == workspace_id
        session.execute(update(t.workspaces).where(where).values(active=False, inactive_reason=reason))

    def shut_for_now(self, session: Session) -> Sequence[int]:
        """Workspaces that are paused for a reason that may pass without anybody telling us."""
        w = t.workspaces.c
        return session.scalars(select(w.id).where(w.active.is_(False), w.inactive_reason.in_(_MAY_PASS))).all()

    def resume(self, session: Session, workspaces: Collection[int]) -> None:
        """They answer again: what waited goes out."""
        where = t.workspaces.c.id.in_(workspaces)
        session.execute(update(t.workspaces).where(where).values(active=True, inactive_reason=""))
        session.info["spoke"] = True

    def undelivered(self, session: Session, workspace_id: int, handoff_id: int | None) -> None:
        """A letter was given up: those who can mend it see it on their Home."""
        m, h = t.managers.c, t.handoffs.c
        ids = set(session.scalars(select(m.person_id).where(m.workspace_id == workspace_id)))
        ids.add(session.scalar(select(h.manager_id).where(h.id == handoff_id)))
        freshen_existing(session, workspace_id, self.desk.now(), [changes.home(n) for n in ids if n is not None])
