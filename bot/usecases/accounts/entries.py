"""The history of an account in people's words: pages, what its writers change, complaints that are settled.

It follows the account, whoever serves it (E17).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.accounts import Account
from bot.domain.dossier import Entry, EntryKind
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing
from bot.errors import BotError, FieldErrors
from bot.store import entries as store
from bot.store import known
from bot.store.entries import At
from bot.usecases.accounts import keeping
from bot.usecases.accounts.capture import CaptureForm, Sent, checked
from bot.usecases.accounts.dossier_access import access, require
from bot.usecases.accounts.keeping import Captured
from bot.usecases.coverage.tending import known_account
from bot.usecases.desk import Actor, Desk

PAGE = 10
SETTLED, REOPENED = "entry.settled", "entry.reopened"


@dataclass(frozen=True)
class Shown:
    """A line, and what its reader may do with it: change and remove it, say that a complaint is settled."""

    entry: Entry
    own: bool
    settles: bool


@dataclass(frozen=True)
class EntriesView:
    """A page, the newest first. `kind`: only those; `older`: where the next page begins, None on the last one."""

    account: Account
    lines: tuple[Shown, ...]
    kind: EntryKind | None
    older: At | None
    first: bool
    open_complaints: int
    today: date


@dataclass(frozen=True)
class Entries:
    desk: Desk

    def page(
        self, actor: Actor, account_id: int, kind: EntryKind | None = None, before: At | None = None
    ) -> EntriesView:
        """Raises NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = known_account(session, reader, account_id)
            found = store.entries_of(session, reader, account.id, PAGE + 1, before, [kind] if kind else ())
            settles = access(self.desk, session, reader, account).may(Action.DOSSIER)
            lines = tuple(
                Shown(one, own, settles or own)
                for one in found[:PAGE]
                for own in [keeping.is_own(self.desk, session, reader, one)]
            )
            last = found[PAGE - 1] if len(found) > PAGE else None
            older = (last.happened_on, last.id) if last is not None else None
            complaints = store.open_complaints(session, reader, account.id)
            return EntriesView(account, lines, kind, older, before is None, complaints, self.desk.today(reader))

    def form(self, actor: Actor, number: int) -> CaptureForm:
        """To change a line. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            entry, account = store.entry_of(session, reader, number)
            keeping.require_own(self.desk, session, reader, entry)
            kind = EntryKind(entry.kind)
            return CaptureForm(account, kind, entry.text, entry.happened_on, fixed=True, entry=entry)

    def change(self, actor: Actor, number: int, *, kind: EntryKind | None = None, day: date | None = None) -> Captured:
        """Another kind or day, with one tap. Raises NotAllowed, NoSuchThing, NotYet."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            entry, account = store.entry_of(session, by, number, lock=True)
            keeping.require_own(self.desk, session, by, entry)
            changed = (kind or EntryKind(entry.kind), day or entry.happened_on, entry.text)
            keeping.change(self.desk, session, by, entry, *changed)
            return keeping.captured(self.desk, session, by, entry, account)

    def edit(self, actor: Actor, number: int, sent: Sent) -> Captured:
        """What the form says of it. Raises FieldErrors, NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            entry, account = store.entry_of(session, by, number, lock=True)
            keeping.require_own(self.desk, session, by, entry)
            errors: dict[str, BotError] = {}
            changed = checked(self.desk, by, sent, errors, entry.text)
            if errors:
                raise FieldErrors(errors)
            keeping.change(self.desk, session, by, entry, *changed)
            return keeping.captured(self.desk, session, by, entry, account)

    def remove(self, actor: Actor, number: int) -> Captured:
        """Raises NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            entry, account = store.entry_of(session, by, number, lock=True)
            keeping.require_own(self.desk, session, by, entry)
            keeping.remove(self.desk, session, by, entry)
            return keeping.captured(self.desk, session, by, entry, account)

    def tell(self, actor: Actor, number: int) -> Captured:
        """The thread of the account's open handoff hears of it. Raises NoSuchThing where there is none."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            entry, account = store.entry_of(session, by, number, lock=True)
            keeping.require_own(self.desk, session, by, entry)
            running = known.open_handoff_of(session, by, account.id)
            if running is None or running.quiet or running.id != entry.handoff_id:
                raise NoSuchThing()
            keeping.tell(self.desk, session, running, entry)
            return keeping.captured(self.desk, session, by, entry, account)

    def settle(self, actor: Actor, number: int, settled: bool) -> Captured:
        """A complaint was put right today, or it is open again; said twice is said once. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            entry, account = store.entry_of(session, by, number, lock=True)
            if not keeping.is_own(self.desk, session, by, entry):
                require(self.desk, session, Action.DOSSIER, by, account)
            if entry.kind is EntryKind.COMPLAINT and settled == (entry.settled_on is None):
                day = self.desk.today(by) if settled else None
                keeping.settle(self.desk, session, by, entry, day, SETTLED if settled else REOPENED)
            return keeping.captured(self.desk, session, by, entry, account)
