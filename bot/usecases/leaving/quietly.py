"""From the watch list to quiet handoffs: one for each account of a rep, each in a transaction of its own (A5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.accounts import Account
from bot.domain.vocabulary import Reason
from bot.errors import BotError, FieldErrors
from bot.store import journal
from bot.store import watched as store
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.start import Start
from bot.usecases.handoffs.start_form import AccountChoice, StartForm
from bot.usecases.leaving.watching import Entry, Watching

AT_ONCE = 15
"""Handoffs that one click starts: Slack waits for the answer. The next click goes on with those that are left."""


@dataclass(frozen=True)
class QuietForm:
    """What all of them have in common; `channel` is where each will be posted once it is opened."""

    reason: Reason | None
    benefit: str
    channel: str | None


@dataclass(frozen=True)
class Left:
    """An account for which none was started, and why."""

    account: Account
    why: BotError


@dataclass(frozen=True)
class Prepared:
    """What came of it; `more` accounts are left for another click."""

    entry: Entry
    started: tuple[Account, ...]
    left: tuple[Left, ...]
    more: int


@dataclass(frozen=True)
class Quietly:
    desk: Desk
    watching: Watching
    start: Start

    def __call__(self, actor: Actor, entry_id: int, form: QuietForm) -> Prepared:
        """Start what has not been started. Raises FieldErrors (reason, benefit, channel), NotAllowed, NoSuchThing.

        What is wrong with one account alone keeps only that one back.
        """
        problem = self.start.check_channel(form.channel) if form.channel else None
        start = replace(self.start, check_channel=lambda _: problem)  # Slack is asked once, not for each account
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            entry = self.watching.one(session, reader, entry_id)
            accounts = store.accounts_of(session, reader, entry.person.id, self.desk.today(reader))
            running = store.under_way(session, reader, {one.id for one in accounts})
        started: list[Account] = []
        left: list[Left] = []
        waiting = [one for one in accounts if one.id not in running]
        for account in [*(one for one in accounts if one.id in running), *waiting[:AT_ONCE]]:
            why = self._one(start, actor, entry, account, form)
            if why is None:
                started.append(account)
            else:
                left.append(Left(account, why))
        self._note(actor, entry_id, started)
        return Prepared(entry, tuple(started), tuple(left), max(len(waiting) - AT_ONCE, 0))

    def _one(self, start: Start, actor: Actor, entry: Entry, account: Account, form: QuietForm) -> BotError | None:
        """Why none was started; None when one was."""
        try:
            start(
                actor,
                StartForm(
                    account=AccountChoice(id=account.id),
                    reason=form.reason,
                    outgoing=entry.person.slack_id,
                    outgoing_name="",
                    incoming=None,
                    last_day=None,
                    benefit=form.benefit,
                    sales_channel=account.sales_channel,
                    tier=account.tier,
                    channel=form.channel,
                    overseas=account.overseas,
                    quiet=True,
                ),
            )
        except FieldErrors as problem:
            common = {name: error for name, error in problem.errors.items() if name in ("reason", "benefit", "channel")}
            if common:
                raise FieldErrors(common) from problem
            return next(iter(problem.errors.values()))
        return None

    def _note(self, actor: Actor, entry_id: int, started: list[Account]) -> None:
        if started:
            with self.desk.db.write() as session:
                by = self.desk.actor(session, actor)
                after = {"accounts": [one.name for one in started]}
                journal.record(session, by, self.desk.now(), "watched.prepared", entry_id, after=after)
