"""The audit trail of an account as a CSV file, for managers, behind a signed link."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.permissions import Relation
from bot.domain.refusals import NoSuchThing
from bot.domain.trail import Sight
from bot.files.downloads import Downloads, File
from bot.files.signed_links import FILES_OPEN_FOR, SignedLinks, Ticket, safe_name
from bot.files.spreadsheet import CSV
from bot.store import loading, trail
from bot.store.visibility import visible
from bot.usecases.desk import Actor, Desk
from bot.usecases.views.history import Held, History, relations_of
from bot.usecases.views.history_csv import history_csv

HISTORY = "history"
"""The purpose of the links to this file."""


@dataclass(frozen=True)
class HistoryDesk(History):
    """The history, also as a file."""

    links: SignedLinks

    def link(self, actor: Actor, account_id: int) -> str | None:
        """Where a manager fetches the history of an account, for a while; None for others, and without an address.

        Raises NoSuchThing.
        """
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            numbers = trail.handoffs_of(session, account_id, visible(reader))
            if not _exports(relations_of(self.desk, session, reader, account, numbers)):
                return None
            ticket = Ticket(HISTORY, (reader.workspace_id, reader.id or 0, account_id))
            return self.links.link(ticket, self.desk.now() + FILES_OPEN_FOR, safe_name(account.name, ".csv"))

    def file(self, ticket: Ticket) -> File | None:
        """The file behind a link, as it is now; None once whoever asked for it may not have it any more."""
        if len(ticket.numbers) != 3:
            return None
        workspace_id, person_id, account_id = ticket.numbers
        with self.desk.db.read() as session:
            reader = self.desk.still_here(session, workspace_id, person_id)
            if reader is None:
                return None
            numbers = trail.handoffs_of(session, account_id, visible(reader))
            account = loading.account(session, workspace_id, account_id)
            try:
                held = relations_of(self.desk, session, reader, account, numbers)
            except NoSuchThing:
                return None
            if not _exports(held):
                return None
            name = account.name
            found = trail.entries(session, numbers, account_id=account_id)
            rows = [row for row in found if held.sight(row) is not Sight.NOTHING]
            written = history_csv(session, rows, held, account=name, bom=True)
            return File(safe_name(name, ".csv"), CSV, written.encode())


def history_desk(desk: Desk, links: SignedLinks, downloads: Downloads) -> HistoryDesk:
    """The history, whose files are among the downloads."""
    history = HistoryDesk(desk, links)
    downloads.offer(HISTORY, history.file)
    return history


def _exports(held: Held) -> bool:
    """Managers export; the one of a handoff too."""
    wanted = {Relation.WORKSPACE_MANAGER, Relation.ADMIN, Relation.HANDOFF_MANAGER}
    of_handoffs = [one for number, one in held.handoffs.items() if number is not None]
    return all(wanted & one for one in of_handoffs or held.handoffs.values())
