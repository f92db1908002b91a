"""A territory changes hands: many accounts by one plan, shown before anything happens, confirmed once (B23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account, fold
from bot.domain.coverage import owner_of_record
from bot.domain.imports.report import Choices
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import RefuseDate
from bot.domain.territory import (
    MOST,
    Assign,
    Candidate,
    LineState,
    Planned,
    Rules,
    Run,
    RunLine,
    RunState,
    plan,
)
from bot.domain.typed import trimmed
from bot.domain.vocabulary import Tier
from bot.errors import FieldErrors
from bot.store import covers, journal, lines, loading, naming, runs
from bot.store import watched as books
from bot.store.letters import Letter, Priority, freshen
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.fields import Errors, Missing, chosen, one_of, tried, whole_number
from bot.usecases.handoffs.checklist import TITLE_LIMIT, written
from bot.usecases.handoffs.start import Start
from bot.usecases.handoffs.start_form import about_benefit
from bot.usecases.imports.matter import Named
from bot.usecases.territory.form import (
    MOST_DAYS_APART,
    MOST_PER_WAVE,
    NoAccounts,
    NobodyGets,
    NothingToStart,
    PlanIsOld,
    RunForm,
    TooMany,
)
from bot.usecases.territory.listed import Listed

SHOWN = 15
"""Lines of a plan that the preview shows; the file has all of them."""


@dataclass(frozen=True)
class PlanView:
    """A plan to look at. `unknown`: names in the list that fit no account; `twice`: accounts that it names again.

    `not_used`: how many incoming reps the list names that do not count, because another way of sharing was chosen.
    """

    run: Run
    shown: tuple[runs.Shown, ...]
    people: Mapping[int, Person]
    waves: tuple[runs.Wave, ...]
    shares: tuple[tuple[Person, int], ...]
    going: int
    left_out: int
    unknown: tuple[str, ...]
    today: date
    twice: tuple[str, ...] = ()
    not_used: int = 0


@dataclass
class _Found:
    """The accounts that are to move, each with who gives it and whom the list names; what else there is to say.

    `unknown`: names that fit none; `twice`: accounts that are named again; `named`: how many incoming reps are.
    """

    accounts: list[tuple[Account, int | None, int | None]]
    unknown: Sequence[str] = ()
    twice: Sequence[str] = ()
    named: int = 0


@dataclass(frozen=True)
class Territory:
    """Making the plan. What it sets going is done by `bot/usecases/territory/work.py`."""

    desk: Desk
    start: Start

    def may(self, actor: Actor) -> None:
        """Raises NotAllowed unless the person may start handoffs."""
        with self.desk.db.read() as session:
            self.desk.require(session, Action.START, self.desk.viewer(session, actor))

    def draft(self, actor: Actor, form: RunForm) -> PlanView:
        """Make the plan and keep it, as nothing but a plan. Raises FieldErrors, NotAllowed."""
        problem = self.start.check_channel(form.channel) if form.channel else None
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.START, by)
            rules, errors = self._rules(session, by, form)
            if problem is not None:
                errors["channel"] = problem
            found = self._found(session, by, form, errors)
            candidates = self._candidates(session, by, found, form, errors)
            if errors or rules is None:
                raise FieldErrors(errors)
            held = covers.held(session, by, self.desk.today(by))
            planned = plan(candidates, rules, held, worktime(by))
            runs.forget_previews(session, by.workspace_id, by.id)
            run = self._kept(session, by, form, planned)
            not_used = 0 if rules.assign is Assign.LIST else found.named
            return replace(self.view(session, by, run, found.unknown), twice=tuple(found.twice), not_used=not_used)

    def confirm(self, actor: Actor, run_id: int, version: int) -> Run:
        """Set it going. Raises PlanIsOld, NothingToStart, NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.START, by)
            run = runs.run(session, by.workspace_id, run_id, lock=True)
            if run.state is not RunState.PREVIEW or run.version != version or run.by_id != by.id:
                raise PlanIsOld()
            waiting = sum(one.waiting for one in runs.waves(session, run.id))
            if not waiting:
                raise NothingToStart()
            now = self.desk.now()
            run.state, run.confirmed_at, run.version = RunState.RUNNING, now, run.version + 1
            session.flush()
            facts = {"title": run.title, "accounts": waiting, **run.rules}
            journal.record(session, by, now, "run.confirmed", run.id, after=facts)
            freshen(session, run.workspace_id, now, [board(run)])
            session.info["planned"] = True
            return run

    def view(self, session: Session, reader: Person, run: Run, unknown: Iterable[str] = ()) -> PlanView:
        """A plan as its form shows it."""
        waves = runs.waves(session, run.id)
        everything = runs.lines(session, reader, run.id)
        going = [one for one in everything if one.line.state is not LineState.LEFT_OUT]
        people = loading.people_by_id(
            session, {number for one in everything for number in (one.line.outgoing_id, one.line.incoming_id)}
        )
        counts = Counter(one.line.incoming_id for one in going if one.line.incoming_id is not None)
        shares = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return PlanView(
            run=run,
            shown=tuple(everything[:SHOWN]),
            people=people,
            waves=tuple(one for one in waves if one.total > one.left_out),
            shares=tuple((people[number], count) for number, count in shares),
            going=len(going),
            left_out=len(everything) - len(going),
            unknown=tuple(unknown),
            today=self.desk.today(reader),
        )

    def _rules(self, session: Session, by: Person, form: RunForm) -> tuple[Rules | None, Errors]:
        errors: Errors = {}
        tried(errors, "title", lambda: written(form.title, TITLE_LIMIT))
        about_benefit(form.benefit, errors)
        if form.reason is None:
            errors["reason"] = Missing()
        if not form.channel:
            errors["channel"] = Missing()
        today = self.desk.today(by)
        for name, day in (("first_on", form.first_on), ("last_day", form.last_day)):
            if day is not None and day < today:
                errors[name] = RefuseDate()
        if form.first_on is None:
            errors["first_on"] = Missing()
        per_wave: int = tried(errors, "per_wave", lambda: whole_number(form.per_wave, 1, MOST_PER_WAVE))
        every: int = tried(errors, "every", lambda: whole_number(form.every, 1, MOST_DAYS_APART))
        assign: Assign | None = one_of(Assign, form.assign, "assign", errors)
        reps = [chosen(self.desk, session, by, slack_id, "reps", errors) for slack_id in form.reps]
        if assign in (Assign.LOAD, Assign.REGION) and not reps:
            errors["reps"] = NobodyGets()
        if assign is Assign.LIST and form.listed is None:
            errors["assign"] = NobodyGets()
        tiers = frozenset(Tier(word) for word in form.brief_tiers if word in set(Tier))
        if errors or assign is None or form.first_on is None:
            return None, errors
        numbers = tuple(person.id for person in reps if person is not None)
        return Rules(assign, numbers, form.first_on, per_wave, every, tiers), errors

    def _found(self, session: Session, by: Person, form: RunForm, errors: Errors) -> _Found:
        if form.listed is not None:
            return self._of_the_list(session, by, form.listed)
        giver = chosen(self.desk, session, by, form.book, "book", errors, may_have_left=True)
        accounts = books.accounts_of(session, by, giver.id, self.desk.today(by)) if giver is not None else []
        return _Found([(account, giver.id if giver else None, None) for account in accounts])

    def _candidates(
        self, session: Session, by: Person, found: _Found, form: RunForm, errors: Errors
    ) -> list[Candidate]:
        if not found.accounts and "book" not in errors:
            errors["listed" if form.listed is not None else "book"] = NoAccounts()
        if len(found.accounts) > MOST:
            errors["listed" if form.listed is not None else "book"] = TooMany(limit=MOST)
        ids = [account.id for account, _, _ in found.accounts]
        running, waiting = books.under_way(session, by, ids), runs.started_before(session, ids)
        return [
            Candidate(
                account.id, account.name, account.tier, account.region, account.territory, outgoing, incoming,
                "running" if account.id in running else "planned" if account.id in waiting else "",
            )
            for account, outgoing, incoming in found.accounts
        ]  # fmt: skip

    def _of_the_list(self, session: Session, by: Person, listed: Sequence[Listed]) -> _Found:
        """Each account once, as it is named the first time; unknown are names of accounts, then of people."""
        found: dict[int, tuple[Account, int | None, int | None]] = {}
        unknown, twice, today = [], list[str](), self.desk.today(by)
        named = Named(self.desk, session, by.workspace_id, Choices(), {}, writes=False)
        accounts = naming.named(session, by, (fold(one.account) for one in listed))
        looked_after = lines.known_lines(session, by, (account.id for account in accounts.values()))
        for one in listed:
            account = accounts.get(fold(one.account))
            if account is None:
                unknown.append(one.account)
                continue
            owner = owner_of_record(looked_after.get(account.id, ()), today)
            gives = named.number(one.outgoing, one.line) or (owner.person_id if owner is not None else None)
            says = (account, gives, named.number(one.incoming, one.line))
            if found.setdefault(account.id, says) != says:
                twice.append(account.name)
        unknown = [*dict.fromkeys(unknown), *(one.name for one in named.unmatched)]
        reps = {named.number(one.incoming, one.line) or fold(one.incoming) for one in listed if one.incoming}
        return _Found(list(found.values()), unknown, list(dict.fromkeys(twice)), len(reps))

    def _kept(self, session: Session, by: Person, form: RunForm, planned: Sequence[Planned]) -> Run:
        assert form.reason is not None, "_rules has looked"
        assert form.channel is not None, "_rules has looked"
        rules = {
            "reason": form.reason.value,
            "benefit": trimmed(form.benefit),
            "last_day": form.last_day.isoformat() if form.last_day else None,
            "assign": form.assign,
            "brief_tiers": list(form.brief_tiers),
        }
        run = Run(
            workspace_id=by.workspace_id, title=" ".join(trimmed(form.title).split()), state=RunState.PREVIEW,
            rules=rules, channel_id=form.channel, by_id=by.id, created_at=self.desk.now(),
        )  # fmt: skip
        session.add(run)
        session.flush()
        session.add_all(
            RunLine(
                workspace_id=by.workspace_id, run_id=run.id, account_id=one.account_id, position=position,
                wave=one.wave, start_on=one.start_on, outgoing_id=one.outgoing_id, incoming_id=one.incoming_id,
                state=LineState.LEFT_OUT if one.problem else LineState.WAITING, error=one.problem,
            )
            for position, one in enumerate(planned)
        )  # fmt: skip
        session.flush()
        return run


def board(run: Run) -> Letter:
    """The one message in the channel that shows how a run goes."""
    return Letter(f"board:{run.id}", "board", run.id, None, Priority.CARD, channel=run.channel_id)
