"""Starting a handoff: from a filled-in form to a card, a checklist, questions and a schedule, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.coverage import owner_of_record
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.playbook import Choice, Playbook, choose
from bot.domain.quiet import knows
from bot.domain.refusals import AlreadyOpen, AlreadyQuiet, NotNow
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import INSIDE_SALES, Reason, SalesChannel, Tier
from bot.errors import BotError, FieldErrors
from bot.store import journal, known, lines, loading
from bot.usecases import changes
from bot.usecases.coverage import covering
from bot.usecases.customers.customer_view import worrying_moves
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.feedback.asking import ask, stakeholder
from bot.usecases.fields import Missing, unfit
from bot.usecases.handoffs.links import card_link
from bot.usecases.handoffs.phases import follow_phase
from bot.usecases.handoffs.rematch import Naming, declined_before, naming
from bot.usecases.handoffs.start_form import AccountChoice, StartForm, facts, mistakes
from bot.usecases.leaving import leaving
from bot.usecases.nudges.nudges import owed_by, plan_first
from bot.usecases.workspace.playbooks import copy_items, copy_stages, keep

__all__ = ["AccountChoice", "Look", "Start", "StartForm", "Started"]


@dataclass(frozen=True)
class Started:
    handoff_id: int
    account: str
    channel_id: str
    quiet: bool = False


@dataclass(frozen=True)
class Look:
    """What is known before the form is filled in: the account, and the card of its open handoff (else None)."""

    account: Account | None = None
    link: str | None = None
    owner: str | None = None
    """Slack id of the owner of record: most likely the outgoing rep."""


@dataclass(frozen=True)
class Start:
    """`check_channel` answers with the error to show under the channel field, or None (it asks Slack)."""

    desk: Desk
    check_channel: Callable[[str], BotError | None]

    def choice(self, reason: Reason, sales_channel: SalesChannel, tier: Tier) -> Choice:
        """The playbook such a handoff would follow, and which answers decided."""
        return choose(self.desk.library.playbooks, reason, sales_channel, tier)

    def look(self, actor: Actor, choice: AccountChoice | None = None) -> Look:
        """Whether this person may start at all, and what is known of the account. Raises NotAllowed, NotInstalled."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            self.desk.require(session, Action.START, by)
            if choice is None:
                return Look()
            account = self._chosen(session, by.workspace_id, choice)
            if account is None or not known.is_known(session, by, account):
                return Look()  # also of an account that they may not know of
            running = known.open_handoff_of(session, by, account.id)
            here = _owner(session, by, account, self.desk.today(by))
            return Look(account, card_link(session, running) if running else None, here)

    def moves(self, actor: Actor, choice: AccountChoice | None, rule: CustomerRule) -> int:
        """How often the customer changes hands within the rule's days, this time included; 0 when that is fine."""
        if choice is None or choice.id is None:
            return 0
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            account = loading.account(session, by.workspace_id, choice.id)
            if not known.is_known(session, by, account):
                return 0
            return worrying_moves(session, account.id, rule, self.desk.today(by))

    def declined(self, actor: Actor, choice: AccountChoice | None) -> bool:
        """Whether the customer has declined a rep before."""
        if choice is None:
            return False
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            account = self._chosen(session, by.workspace_id, choice)
            return account is not None and bool(declined_before(session, by, account.id))

    def _chosen(self, session: Session, workspace_id: int, choice: AccountChoice) -> Account | None:
        if choice.id is not None:
            return loading.account(session, workspace_id, choice.id)
        return loading.account_by_name(session, workspace_id, choice.new_name)

    def __call__(self, actor: Actor, form: StartForm) -> Started:
        """Start it. Raises FieldErrors (by field name), NotAllowed, NotInstalled."""
        problem = self.check_channel(form.channel) if form.channel else None
        try:
            with self.desk.db.write() as session:
                by = self.desk.actor(session, actor)
                self.desk.require(session, Action.START, by)
                return self._start(session, by, form, problem)
        except IntegrityError as clash:
            with self.desk.db.read() as session:
                error = self._taken(session, self.desk.viewer(session, actor), form.account)
            if error is None:
                raise
            raise FieldErrors({"account": error}) from clash

    def within(
        self,
        session: Session,
        by: Person,
        form: StartForm,
        run_id: int | None = None,
        channel_problem: BotError | None = None,
    ) -> Started:
        """Start one inside a transaction, such as that of a territory run. Slack is not asked about the channel here.

        Raises FieldErrors, NotAllowed; nothing has been written then.
        """
        self.desk.require(session, Action.START, by)
        return self._start(session, by, form, channel_problem, run_id)

    def _start(
        self,
        session: Session,
        by: Person,
        form: StartForm,
        channel_problem: BotError | None,
        run_id: int | None = None,
    ) -> Started:
        errors = mistakes(form, self.desk.today(by))
        if channel_problem is not None:
            errors["channel"] = channel_problem
        taken = self._taken(session, by, form.account)
        if taken is not None:
            errors["account"] = taken
        people = {} if errors else self._people(session, by, form, errors)
        welcome = Naming() if errors else self._naming(session, by, form, people.get("incoming"))
        if welcome.problem is not None:
            errors["incoming"] = welcome.problem
        if errors:
            raise FieldErrors(errors)
        account = self._account(session, by, form)
        handoff = self._handoff(session, by, form, account, people, run_id)
        journal.record(session, by, self.desk.now(), "handoff.started", handoff.id, handoff.id, after=facts(form))
        welcome.note(self.desk, session, by, account.id, handoff.id, "incoming")
        return Started(handoff.id, account.name, handoff.channel_id, handoff.quiet)

    def _people(self, session: Session, by: Person, form: StartForm, errors: dict[str, BotError]) -> dict[str, Person]:
        chosen = {"outgoing": form.outgoing, "incoming": form.incoming, "manager": form.manager, "inside": form.inside}
        found = {
            role: self.desk.person(session, by.workspace_id, slack_id) for role, slack_id in chosen.items() if slack_id
        }
        for role, person in found.items():
            problem = unfit(person, may_have_left=role == "outgoing")
            if problem is not None:
                errors[role] = problem
        return found

    def _naming(self, session: Session, by: Person, form: StartForm, named: Person | None) -> Naming:
        account = self._chosen(session, by.workspace_id, form.account) if form.account is not None else None
        return naming(session, by, account.id, named, None, anyway=form.anyway) if account is not None else Naming()

    def _account(self, session: Session, by: Person, form: StartForm) -> Account:
        """The account chosen, with the sales channel and tier just confirmed; or a new one.

        What a test run says of an account that is there already is only played.
        """
        assert form.account is not None, "mistakes() has looked"
        assert form.sales_channel is not None, "mistakes() has looked"
        assert form.tier is not None, "mistakes() has looked"
        if form.account.id is not None:
            account = loading.account(session, by.workspace_id, form.account.id)
        else:
            found = loading.account_by_name(session, by.workspace_id, form.account.new_name)
            account = found or Account(workspace_id=by.workspace_id, name=form.account.new_name, quiet=form.quiet)
            session.add(account)
        account.quiet = account.quiet and form.quiet  # whoever begins openly with a name makes it known
        if not form.test_run or account.id is None:
            account.sales_channel, account.tier, account.overseas = form.sales_channel, form.tier, form.overseas
        session.flush()
        return account

    def _handoff(
        self,
        session: Session,
        by: Person,
        form: StartForm,
        account: Account,
        people: dict[str, Person],
        run_id: int | None,
    ) -> Handoff:
        assert form.reason is not None, "mistakes() has looked"
        assert form.channel is not None, "mistakes() has looked"
        assert form.sales_channel is not None, "mistakes() has looked"
        assert form.tier is not None, "mistakes() has looked"
        today = self.desk.today(by)
        ids: dict[str, Any] = {
            f"{role}_id": people[role].id for role in ("outgoing", "incoming", "inside") if role in people
        }
        if "inside" not in people and not form.quiet:
            inside = stakeholder(session, by.workspace_id, INSIDE_SALES).person
            ids["inside_id"] = inside.id if inside else None
        playbook = self.choice(form.reason, form.sales_channel, form.tier).playbook
        manager = people.get("manager", by)
        handoff = Handoff(
            workspace_id=by.workspace_id,
            account_id=account.id,
            playbook_id=keep(session, by.workspace_id, playbook),
            reason=form.reason,
            sales_channel=form.sales_channel,
            tier=form.tier,
            overseas=form.overseas,
            test_run=form.test_run,
            quiet=form.quiet,
            benefit=form.benefit.strip(),
            channel_id=form.channel,
            start_on=today,
            drawn_on=today,
            last_day=form.last_day,
            outgoing_name=" ".join(form.outgoing_name.split()),
            manager_id=manager.id,
            started_at=self.desk.now(),
            started_by_id=by.id,
            run_id=run_id,
            **ids,
        )
        session.add(handoff)
        return self._begin(session, handoff, playbook, manager, only_necessary=form.brief)

    def _begin(
        self, session: Session, handoff: Handoff, playbook: Playbook, manager: Person, *, only_necessary: bool
    ) -> Handoff:
        """Stages, items, questions, messages and schedule of a new handoff. Returns it loaded whole."""
        now, calendar = self.desk.now(), worktime(manager)
        copy_stages(handoff, playbook)
        handoff.stage.entered_at = now
        session.flush()
        copy_items(handoff, playbook, calendar, only_necessary=only_necessary)
        ask(self.desk, session, handoff, playbook, calendar)
        checklist = changes.stage_message(handoff.id, handoff.stage.id)
        changes.touched(session, now, handoff, checklist, homes_of=[one.asked_id for one in handoff.requests])
        session.flush()
        number = handoff.id
        session.expire_all()
        whole = loading.whole_handoff(session, manager.workspace_id, number)
        if whole.outgoing is None or not whole.outgoing.reachable:
            leaving.gone_already(self.desk, session, whole, manager)
        covering.started(session, whole, manager, now)
        follow_phase(session, whole, whole.start_on)
        plan_first(session, whole, playbook, owed_by(whole), now)
        return whole

    def _taken(self, session: Session, by: Person, choice: AccountChoice | None) -> BotError | None:
        """A second open handoff for the same account is refused, with a link to the first; of a quiet one without."""
        account = self._chosen(session, by.workspace_id, choice) if choice is not None else None
        if choice is not None and choice.id is not None and account and not known.is_known(session, by, account):
            return Missing()  # nobody was offered it
        running = loading.open_handoff_of(session, by.workspace_id, account.id) if account else None
        if account is None or running is None:
            return None
        if not knows(running, by.id):
            return NotNow(account=account.name)
        if running.quiet:
            return AlreadyQuiet(account=account.name)
        return AlreadyOpen(account=account.name, link=card_link(session, running))


def _owner(session: Session, reader: Person, account: Account, today: date) -> str | None:
    """Slack's id of the owner of record, if they are still here and the reader may know."""
    owner = owner_of_record(lines.known_line(session, reader, account.id), today)
    person = loading.people_by_id(session, [owner.person_id]).get(owner.person_id or 0) if owner is not None else None
    return person.slack_id if person is not None and person.reachable else None
