"""The brief of an account: looked at, read section by section, kept as versions; and the question that comes with it.

Everything is decided for one reader, each time it is shown: by whom it is opened, not for whom it was made.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain.briefing import READ, Brief, differs
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.permissions import Action, allowed
from bot.domain.refusals import NoSuchThing
from bot.files.signed_links import SignedLinks, Ticket, safe_name
from bot.store import briefs as store
from bot.store import journal, known, loading
from bot.usecases.accounts.accounts import one_account
from bot.usecases.brief.views import (
    HOURS,
    LASTS,
    BriefView,
    PageView,
    brief_view,
    dossier_view,
    names_in,
    on_paper,
    seen,
    standing_to,
    whole_brief,
)
from bot.usecases.desk import Actor, Desk

BRIEF, DOSSIER = "brief", "dossier"
"""The purposes of the links to the page: of a handoff, of an account that had none yet."""
ACCEPTED, KEPT = "accepted", "kept"
"""Why a version was kept."""

__all__ = ["HOURS", "AcceptanceView", "BriefView", "Briefs", "acceptance", "keep_accepted"]


@dataclass(frozen=True)
class AcceptanceView:
    """`place` is open, accepted, returned or off."""

    brief: BriefView
    place: str


class Gone(Exception):
    """What a link led to is not there any more, or its reader is not."""


class NotTheirs(Exception):
    """It is there, and its reader has no part in it any more."""


@dataclass(frozen=True)
class Briefs:
    desk: Desk
    links: SignedLinks

    def look(self, actor: Actor, handoff_id: int | None = None, query: str = "", page: int = 0) -> BriefView:
        """The brief of a handoff, or of the account meant by `query`. Raises NoAccount, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            if handoff_id is not None:
                return self._of(session, reader, handoff_id, page)
            account, _ = one_account(session, reader, query)
            latest = known.latest_handoff_of(session, reader, account.id)
            return self._of(session, reader, latest.id, page) if latest else self._dossier(session, reader, account.id)

    def of_account(self, actor: Actor, account_id: int, page: int = 0) -> BriefView:
        """Another page of what is known about an account without a handoff. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            latest = known.latest_handoff_of(session, reader, account_id)  # begun meanwhile
            return (
                self._of(session, reader, latest.id, page)
                if latest
                else self._dossier(session, reader, account_id, page)
            )

    def read(self, actor: Actor, handoff_id: int, section: str, digest: str, page: int = 0) -> BriefView:
        """Somebody says that they read a section; `digest`: of what it said to them. Raises NotAllowed, NoSuchThing.

        If it says something else by now, nothing is written, and the view says so.
        """
        with self.desk.db.write() as session:
            by, handoff = self._locked(session, actor, handoff_id)
            if not self._involved(session, by, handoff):
                self.desk.require(session, Action.BRIEF, by, handoff)
            now, note = self.desk.now(), ""
            whole = whole_brief(session, handoff, self.desk.today(by))
            stands = seen(self.desk, session, whole, by, handoff).section(section)
            if section not in READ or not stands.lines:
                raise NoSuchThing()
            if stands.digest != digest:
                note = "changed"
            elif store.note_reading(session, by, handoff.id, section, now, digest):
                journal.record(session, by, now, "brief.read", handoff.id, handoff.id, after={"section": section})
            return self._view(session, by, handoff, page, note)

    def keep(self, actor: Actor, handoff_id: int, page: int = 0) -> BriefView:
        """Keep a version, unless nothing has changed since the last one. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by, handoff = self._locked(session, actor, handoff_id)
            self.desk.require(session, Action.KEEP_BRIEF, by, handoff)
            now, whole = self.desk.now(), whole_brief(session, handoff, self.desk.today(by))
            last = store.version(session, handoff.id)
            if last is not None and not differs(Brief.read(last.body), whole):
                return self._view(session, by, handoff, page, "same")
            number = store.keep(session, by.workspace_id, handoff.id, now, KEPT, whole.to_dict())
            journal.record(session, by, now, "brief.kept", handoff.id, handoff.id, after={"version": number})
            return self._view(session, by, handoff, page, "kept")

    def open(self, ticket: Ticket, version: int | None = None) -> PageView:
        """What a link leads to now, for the one it was made for. Raises Gone, NotTheirs."""
        if ticket.purpose not in (BRIEF, DOSSIER) or len(ticket.numbers) != 3:
            raise Gone()
        workspace_id, person_id, number = ticket.numbers
        with self.desk.db.read() as session:
            reader = self.desk.still_here(session, workspace_id, person_id)
            if reader is None:
                raise Gone()
            try:
                latest = known.latest_handoff_of(session, reader, number) if ticket.purpose == DOSSIER else None
                if ticket.purpose == DOSSIER and latest is None:
                    found = self._dossier(session, reader, number, None)
                    if not found.link:
                        raise NotTheirs()
                    return PageView(found, None, names_in(session, reader, found.sections), reader)
                handoff = self._whole(session, reader, latest.id if latest is not None else number)
            except NoSuchThing:
                raise Gone() from None
            if not self._involved(session, reader, handoff):
                raise NotTheirs()
            kept = store.version(session, handoff.id, version) if version is not None else None
            if version is not None and kept is None:
                raise Gone()
            view = self._view(session, reader, handoff, None, kept=kept)
            return PageView(view, kept, names_in(session, reader, view.sections), reader)

    def _of(self, session: Session, reader: Person, handoff_id: int, page: int) -> BriefView:
        return self._view(session, reader, self._whole(session, reader, handoff_id), page)

    def _view(
        self,
        session: Session,
        reader: Person,
        handoff: Handoff,
        page: int | None,
        note: str = "",
        kept: store.Version | None = None,
    ) -> BriefView:
        link = None
        if reader.id and self._involved(session, reader, handoff):
            link = self._link(Ticket(BRIEF, (reader.workspace_id, reader.id, handoff.id)), handoff.account.name)
        return on_paper(brief_view(self.desk, session, reader, handoff, kept), page, link, note)

    def _dossier(self, session: Session, reader: Person, account_id: int, page: int | None = 0) -> BriefView:
        account = loading.account(session, reader.workspace_id, account_id)
        if not known.is_known(session, reader, account):
            raise NoSuchThing()
        view, involved = dossier_view(self.desk, session, reader, account)
        ticket = Ticket(DOSSIER, (reader.workspace_id, reader.id or 0, account.id))
        return on_paper(view, page, self._link(ticket, account.name) if involved else None)

    def _link(self, ticket: Ticket, name: str) -> str | None:
        return self.links.link(ticket, self.desk.now() + LASTS, safe_name(name, ""), "/brief")

    def _whole(self, session: Session, reader: Person, handoff_id: int) -> Handoff:
        """Raises NoSuchThing for one of which the reader may not know."""
        found = loading.whole_handoff(session, reader.workspace_id, handoff_id)
        self.desk.sight(reader, found)
        return found

    def _involved(self, session: Session, reader: Person, handoff: Handoff) -> bool:
        return allowed(Action.BRIEF, standing_to(self.desk, session, reader, handoff.account, handoff))

    def _locked(self, session: Session, actor: Actor, handoff_id: int) -> tuple[Person, Handoff]:
        by = self.desk.actor(session, actor)
        handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
        self.desk.sight(by, handoff)
        return by, handoff


def keep_accepted(desk: Desk, session: Session, by: Person, handoff: Handoff) -> None:
    """What was known when the account was accepted, kept in the transaction of the acceptance (D37)."""
    session.flush()
    body = whole_brief(session, handoff, desk.today(by)).to_dict()
    store.keep(session, handoff.workspace_id, handoff.id, desk.now(), ACCEPTED, body)


def acceptance(desk: Desk, session: Session, handoff: Handoff, reader: Person, asked_at: str) -> AcceptanceView:
    """The question whether they take the account, with what they would take."""
    current = handoff.acceptance_asked_at.isoformat() if handoff.acceptance_asked_at else ""
    place = "off"
    if handoff.acceptance is Acceptance.ACCEPTED and current == asked_at:
        place = "accepted"
    elif handoff.state is HandoffState.OPEN and handoff.acceptance is Acceptance.ASKED and current == asked_at:
        place = "open"
    elif handoff.state is HandoffState.OPEN:
        place = "returned"
    return AcceptanceView(brief_view(desk, session, reader, handoff), place)
