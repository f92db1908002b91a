"""A territory run as a CSV file: what was expected of each account, and what is done. For managers."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.domain.territory import LineState
from bot.files.downloads import Downloads, File
from bot.files.signed_links import FILES_OPEN_FOR, SignedLinks, Ticket, safe_name
from bot.files.spreadsheet import CSV, as_csv
from bot.store import loading, runs
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.editing import Editing
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.start import Start
from bot.usecases.imports.import_desk import FileSource
from bot.usecases.territory.listed import Lists
from bot.usecases.territory.moving import Moving
from bot.usecases.territory.territory import Territory
from bot.usecases.territory.view import run_view
from bot.usecases.territory.work import Runs

RUN = "run"
"""The purpose of the links to this file."""
COLUMNS = (
    "position", "wave", "account", "tier", "region", "outgoing", "incoming", "expected_on", "state", "started_on",
    "handoff", "acceptance", "why",
)  # fmt: skip
WHY = {"running": "open_handoff", "planned": "in_another_plan", "no_rep": "nobody_to_give_it_to"}
"""Why an account is left out, as the file says it; what else is kept is a sentence already."""


@dataclass(frozen=True)
class RunFile:
    desk: Desk
    links: SignedLinks

    def link(self, actor: Actor, run_id: int) -> str | None:
        """Where it is fetched for a while; None where nobody has said how Baton is reached."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            ticket = Ticket(RUN, (reader.workspace_id, reader.id or 0, run_id))
            return self.links.link(ticket, self.desk.now() + FILES_OPEN_FOR, "territory.csv")

    def file(self, ticket: Ticket) -> File | None:
        """The file as it is now; None once whoever asked for it may not have it any more."""
        if len(ticket.numbers) != 3:
            return None
        workspace_id, reader_id, run_id = ticket.numbers
        with self.desk.db.read() as session:
            reader = self.desk.still_here(session, workspace_id, reader_id)
            if reader is None:
                return None
            try:
                self.desk.require(session, Action.START, reader)
            except NotAllowed:
                return None
            try:
                run = runs.seen(session, reader, run_id)
            except NoSuchThing:  # such as a plan that was made anew
                return None
            found = runs.lines(session, reader, run_id)
            ids = {number for one in found for number in (one.line.outgoing_id, one.line.incoming_id)}
            people = loading.people_by_id(session, ids)
            waits = "channel" if run_view(self.desk, session, run).barred else ""
            rows = [_cells(one, people, waits) for one in found]
        return File(safe_name(run.title, ".csv"), CSV, as_csv(COLUMNS, rows, bom=True).encode())


@dataclass(frozen=True)
class TerritoryDesk:
    """Everything about territory runs: making the plan, the run itself, its file."""

    plans: Territory
    lists: Lists
    runs: Runs
    moving: Moving
    file: RunFile


def territory_desk(
    desk: Desk,
    start: Start,
    handoffs: Handoffs,
    editing: Editing,
    files: FileSource,
    links: SignedLinks,
    downloads: Downloads,
) -> TerritoryDesk:
    """The parts, put together; the file is among the downloads."""
    file = RunFile(desk, links)
    downloads.offer(RUN, file.file)
    runs_ = Runs(desk, start, handoffs, editing)
    return TerritoryDesk(Territory(desk, start), Lists(files), runs_, Moving(desk, start), file)


def _cells(one: runs.Shown, people: dict[int, Person], waits: str) -> list[object]:
    """`waits`: why nothing more begins for now."""
    line = one.line
    why = WHY.get(line.error, line.error) or (waits if line.state is LineState.WAITING else "")
    return [
        line.position + 1, line.wave + 1, one.account.name, one.account.tier, one.account.region,
        _name(people.get(line.outgoing_id or 0)) or line.outgoing_name, _name(people.get(line.incoming_id or 0)),
        line.start_on, line.state, one.started_on, one.handoff_state, one.acceptance, why,
    ]  # fmt: skip


def _name(person: Person | None) -> str:
    return (person.name or person.slack_id) if person is not None else ""
