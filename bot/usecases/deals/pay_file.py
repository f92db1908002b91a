"""What was agreed and paid, as a CSV file for finance. Who may have it: managers and admins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.money import Money
from bot.domain.permissions import Action
from bot.domain.rules import PayMode
from bot.files.downloads import File
from bot.files.signed_links import FILES_OPEN_FOR, SignedLinks, Ticket
from bot.files.spreadsheet import CSV, as_csv
from bot.store import dealing
from bot.store import schema as t
from bot.store.dealing import ExportRow
from bot.usecases.deals.closing import paid
from bot.usecases.desk import Actor, Desk

PAY = "pay"
"""The purpose of the links to this file."""
FILE_NAME = "commissions.csv"
SHOWN = 8
"""As many rows as are shown on the screen."""
COLUMNS = (
    "account", "deal", "deal_state", "currency", "expected_amount", "closed_amount", "closed_on",
    "mode", "rate_percent", "window_until", "terms_state", "terms_version",
    "outgoing", "outgoing_share_percent", "outgoing_signed_at", "outgoing_entries", "outgoing_amount",
    "incoming", "incoming_share_percent", "incoming_signed_at", "incoming_entries", "incoming_amount",
    "held_amount", "why", "reason", "settled_on", "agreement",
)  # fmt: skip


@dataclass(frozen=True)
class PayFileView:
    """`link` opens the file for a while; None where nobody has said how Baton is reached."""

    rows: tuple[ExportRow, ...]
    count: int
    link: str | None
    minutes: int


@dataclass(frozen=True)
class PayFile:
    desk: Desk
    links: SignedLinks

    def view(self, actor: Actor) -> PayFileView:
        """What the file would hold, and where it is. Raises NotAllowed."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.PAY_FILE, reader)
            rows = dealing.for_finance(session, reader.workspace_id)
            ticket = Ticket(PAY, (reader.workspace_id, reader.id or 0))
            link = self.links.link(ticket, self.desk.now() + FILES_OPEN_FOR, FILE_NAME)
            return PayFileView(tuple(rows[:SHOWN]), len(rows), link, int(FILES_OPEN_FOR.total_seconds() // 60))

    def file(self, ticket: Ticket) -> File | None:
        """The file behind a link, as it is now; None once whoever asked for it has left or may not have it any more."""
        if len(ticket.numbers) != 2:
            return None
        workspace_id, person_id = ticket.numbers
        with self.desk.db.read() as session:
            person = self.desk.still_here(session, workspace_id, person_id)
            if person is None or not (self.desk.standing(session, person).manager or person.is_admin):
                return None
            return File(FILE_NAME, CSV, _content(dealing.for_finance(session, workspace_id), bom=True))


def everything(session: Session, *, bom: bool) -> tuple[bytes, int]:
    """The file for whoever runs Baton, of every workspace in the database, and how many rows it has."""
    numbers = session.scalars(select(t.workspaces.c.id).order_by(t.workspaces.c.id)).all()
    rows = [row for number in numbers for row in dealing.for_finance(session, number)]
    return _content(rows, bom=bom), len(rows)


def _content(rows: Iterable[ExportRow], *, bom: bool) -> bytes:
    """Amounts are plain decimals."""
    return as_csv(COLUMNS, map(_cells, rows), bom=bom).encode()


def _cells(row: ExportRow) -> list[object]:
    deal, agreed = row.deal, row.commission
    found = paid(agreed, deal)
    outgoing, incoming, held = (found.outgoing, found.incoming, found.held) if found else (None, None, None)
    return [
        row.account, deal.name, deal.state.value, deal.currency, _amount(deal.amount), _amount(deal.closed),
        deal.closed_on, PayMode(agreed.mode).value, _percent(agreed.rate_bp), agreed.until_on,
        agreed.state.value, str(agreed.version),
        row.outgoing.name or row.outgoing.slack_id, _percent(agreed.outgoing_bp),
        agreed.outgoing_signed_at.isoformat() if agreed.outgoing_signed_at else "",
        str(row.entries.get(agreed.outgoing_id, 0)), _amount(outgoing),
        row.incoming.name or row.incoming.slack_id, _percent(agreed.incoming_bp),
        agreed.incoming_signed_at.isoformat() if agreed.incoming_signed_at else "",
        str(row.entries.get(agreed.incoming_id, 0)), _amount(incoming),
        _amount(held), agreed.why, agreed.note, agreed.settled_on, str(agreed.id),
    ]  # fmt: skip


def _amount(money: Money | None) -> str:
    return "" if money is None else money.plain


def _percent(bp: int) -> str:
    return f"{bp // 100}.{bp % 100:02}"
